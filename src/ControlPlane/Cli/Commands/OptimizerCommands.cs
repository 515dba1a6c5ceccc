using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Connection;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Plans of the optimizer against a running product: one command per mode. Each is a dry run.</summary>
internal static class OptimizerCommands
{
    public static Command[] All(CommandSet commands) =>
    [
        Plain(commands, "rebalance", "rebalance", "Plan that meets every goal over all brokers"),
        Plain(commands, "rack-repair", "rack-repair", "Plan that moves only what breaks rack awareness"),
        OfBrokers(commands, "disk-balance", "disk-balance", "Plan that evens the log dirs inside each broker", isRequired: false),
        Plain(commands, "kafka-assigner", "kafka-assigner", "Plan of even racks by position, then disks by swaps"),
        Plain(commands, "preferred-leaders", "preferred-leaders", "Plan in which each first replica leads again"),
        OfBrokers(commands, "remove-brokers", "remove-brokers", "Plan that empties brokers"),
        OfBrokers(commands, "demote", "demote-brokers", "Plan in which brokers lead nothing"),
        AddBrokers(commands),
        ReplicationFactor(commands),
        RemoveDirs(commands),
        Minimal(commands),
    ];

    private static Command Plain(CommandSet commands, string name, string mode, string description)
    {
        var (cluster, options) = (Arguments.Cluster(), new OptimizerOptions());
        return commands.Define(name, description + "; a dry run", (run, cancellationToken) =>
            RunAsync(run, run.Get(cluster), options.Read(run, mode, null, read => read), cancellationToken), [cluster, .. options.All]);
    }

    private static Command OfBrokers(CommandSet commands, string name, string mode, string description, bool isRequired = true)
    {
        var (cluster, brokers, options) = (Arguments.Cluster(), Brokers(isRequired), new OptimizerOptions());
        return commands.Define(name, description + "; a dry run", (run, cancellationToken) =>
            RunAsync(run, run.Get(cluster), options.Read(run, mode, OptimizerOptions.Brokers(run.Get(brokers), "--brokers"), read => read), cancellationToken), [cluster, brokers, .. options.All]);
    }

    private static Command AddBrokers(CommandSet commands)
    {
        var (cluster, brokers, options) = (Arguments.Cluster(), Brokers(false), new OptimizerOptions());
        var only = new Option<bool>("--only-onto-named") { Description = "Nothing goes to any other broker" };
        return commands.Define("add-brokers", "Plan that fills brokers, those named or else those that hold nothing yet; a dry run", (run, cancellationToken) =>
        {
            var request = options.Read(run, "add-brokers", OptimizerOptions.Brokers(run.Get(brokers), "--brokers"), read => read with { OnlyOntoNamed = run.Get(only) });
            return RunAsync(run, run.Get(cluster), request, cancellationToken);
        }, [cluster, brokers, only, .. options.All]);
    }

    private static Command ReplicationFactor(CommandSet commands)
    {
        var (cluster, options) = (Arguments.Cluster(), new OptimizerOptions());
        var topics = new Option<string>("--topic") { Description = "Topics: a regular expression over the whole name", HelpName = "REGEX", Required = true };
        var replicas = new Option<int>("--rf") { Description = "Replicas that each partition shall have", HelpName = "N", Required = true };
        return commands.Define("replication-factor", "Plan that gives topics another number of replicas; a dry run", (run, cancellationToken) =>
            RunAsync(run, run.Get(cluster), options.Read(run, "replication-factor", null, read => read with { Topics = run.Get(topics), ReplicationFactor = run.Get(replicas) }), cancellationToken),
            [cluster, topics, replicas, .. options.All]);
    }

    private static Command RemoveDirs(CommandSet commands)
    {
        var (cluster, options) = (Arguments.Cluster(), new OptimizerOptions());
        var dirs = new Option<string[]>("--dir") { Description = "Broker and path such as 4:/data/1, may be repeated", HelpName = "ID:PATH", Required = true };
        return commands.Define("remove-dirs", "Plan that empties log dirs within their brokers; a dry run", (run, cancellationToken) =>
            RunAsync(run, run.Get(cluster), options.Read(run, "remove-dirs", null, read => read with { Dirs = [.. run.Get(dirs).Select(ReadDir)] }), cancellationToken),
            [cluster, dirs, .. options.All]);
    }

    private static Command Minimal(CommandSet commands)
    {
        var (cluster, options) = (Arguments.Cluster(), new OptimizerOptions());
        var limits = new Option<string[]>("--limit") { Description = "Load, limit and brokers such as disk=0.75@4,5 (without @ of all), may be repeated", HelpName = "LOAD=LIMIT[@IDS]", Required = true };
        return commands.Define("minimal", "Plan that brings loads under limits with the fewest bytes; a dry run", (run, cancellationToken) =>
            RunAsync(run, run.Get(cluster), options.Read(run, "minimal-repair", null, read => read with { Limits = [.. run.Get(limits).Select(ReadLimit)] }), cancellationToken),
            [cluster, limits, .. options.All]);
    }

    private static Option<string?> Brokers(bool isRequired) => new("--brokers") { Description = "Broker ids separated by commas", HelpName = "1,2", Required = isRequired };

    private static LogDirNameDto ReadDir(string text) =>
        text.Split(':', 2) is [var id, { Length: > 0 } path] && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var broker)
            ? new LogDirNameDto(broker, path)
            : throw new CliException($"--dir '{text}' is no log dir", "a broker id, a colon and a path", "for example --dir 4:/data/1");

    private static RepairLimitDto ReadLimit(string text)
    {
        var (limit, brokers) = text.Split('@', 2) is [var left, var right] ? (left, right) : (text, null);
        return limit.Split('=') is [{ Length: > 0 } lane, var number] && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? new RepairLimitDto(lane, value, OptimizerOptions.Brokers(brokers, "--limit"))
            : throw new CliException($"--limit '{text}' is no limit", "a load, an equals sign and a number", "for example --limit disk=0.75@4");
    }

    internal static async Task<ExitCode> RunAsync(Invocation run, string cluster, CreatePlanRequest request, CancellationToken cancellationToken)
    {
        var started = await run.Api.SendAsync<OptimizerRunDto>(HttpMethod.Post, Route.Of("clusters", cluster, "optimizer-runs"), request, cancellationToken);
        var ended = await OptimizerWatch.EndAsync(run, started, cancellationToken);
        if (ended.PlanId is { } plan)
        {
            await PlanCommands.PrintAsync(run, await run.Api.GetAsync<PlanDetailDto>(Route.Of("clusters", cluster, "plans", plan.ToString()), cancellationToken), cancellationToken);
        }
        else if (run.Printer.IsJson)
        {
            run.Printer.Json(ended);
        }
        else
        {
            run.Printer.Status(ended.Status, ended.Sentence);
            PlanCommands.PrintProofs(run, ended.Proofs);
        }

        return ended switch
        {
            { State: "failed" or "refused" } => ExitCode.UnknownOrFailure,
            { Outcome: "ok" } => ExitCode.Ok,
            _ => ExitCode.Critical,
        };
    }
}
