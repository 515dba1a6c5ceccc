using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>What a cluster can carry, what it would need, and what would come of changes.</summary>
internal static class CapacityCommands
{
    public static Command Create(CommandSet commands) => CommandSet.Group("capacity", "Whether a cluster has the size it needs, and what would happen if",
        WhatIf(commands), Rightsizing(commands), Show(commands), Set(commands));

    private static Command WhatIf(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var lose = new Option<string?>("--lose-brokers") { Description = "Brokers that die", HelpName = "1,2" };
        var rack = new Option<string?>("--lose-rack") { Description = "Rack that is lost", HelpName = "RACK" };
        var add = new Option<int?>("--add-brokers") { Description = "Empty brokers that come, each like the typical one", HelpName = "N" };
        var where = new Option<string?>("--rack") { Description = "With --add-brokers: where they stand; without it spread over the racks", HelpName = "RACK" };
        var like = new Option<int?>("--like-broker") { Description = "With --add-brokers: whose capacity each has", HelpName = "ID" };
        var load = new Option<string[]>("--scale") { Description = "Topics and factor such as orders.*=2, may be repeated", HelpName = "REGEX=FACTOR", DefaultValueFactory = _ => [] };
        var keep = new Option<string[]>("--retention") { Description = "Topics and factor of what they keep, may be repeated", HelpName = "REGEX=FACTOR", DefaultValueFactory = _ => [] };
        var replicas = new Option<string?>("--rf") { Description = "Topics and replicas such as orders.*=3", HelpName = "REGEX=N" };
        var band = new Option<double?>("--band") { Description = "Half width of a balance band", HelpName = "SHARE" };
        return commands.Define("what-if", "Look for the best plan for a cluster that might be; nothing changes", async (run, cancellationToken) =>
        {
            if (run.Get(add) is null && (run.Get(where) is not null || run.Get(like) is not null))
            {
                throw new CliException("No broker is added", "--rack and --like-broker together with --add-brokers", "for example --add-brokers 2 --rack r1");
            }

            WhatIfChangeDto[] changes =
            [
                .. run.Get(lose) is { } brokers ? [new WhatIfChangeDto("lose-brokers", Brokers: OptimizerOptions.Brokers(brokers, "--lose-brokers"))] : Array.Empty<WhatIfChangeDto>(),
                .. run.Get(rack) is { } lost ? [new WhatIfChangeDto("lose-rack", Rack: lost)] : Array.Empty<WhatIfChangeDto>(),
                .. run.Get(add) is { } count ? [new WhatIfChangeDto("add-brokers", Count: count, Rack: run.Get(where), LikeBroker: run.Get(like))] : Array.Empty<WhatIfChangeDto>(),
                .. run.Get(load).Select(text => Factor("scale-topics", text, "--scale")),
                .. run.Get(keep).Select(text => Factor("retention", text, "--retention")),
                .. run.Get(replicas) is { } rf ? [Replicas(rf)] : Array.Empty<WhatIfChangeDto>(),
            ];
            if (changes.Length == 0)
            {
                throw new CliException("Nothing would change", "at least one of --lose-brokers, --lose-rack, --add-brokers, --scale, --retention, --rf", "for example --lose-rack r1");
            }

            var answer = await run.Api.SendAsync<WhatIfDto>(HttpMethod.Post, Route.Of("clusters", run.Get(cluster), "what-if"), new WhatIfRequest(changes, Band: run.Get(band)), cancellationToken);
            Print(run, answer);
            return ExitCodes.Of(answer.Status);
        }, cluster, lose, rack, add, where, like, load, keep, replicas, band);
    }

    private static Command Rightsizing(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        return commands.Define("rightsizing", "How many brokers the cluster needs", async (run, cancellationToken) =>
        {
            var size = await run.Api.GetAsync<RightsizingDto>(Route.Of("clusters", run.Get(cluster), "rightsizing"), cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(size);
                return ExitCodes.Of(size.Status);
            }

            run.Printer.Status(size.Status, size.Sentence);
            run.Printer.Rows(size.Resources, "No resource is known.",
                Column<ResourceUseDto>.Left("resource", row => row.Resource),
                Column<ResourceUseDto>.Right("used", row => Amount(row.Used, row.Unit)),
                Column<ResourceUseDto>.Right("of", row => Amount(row.Limit, row.Unit)),
                Column<ResourceUseDto>.Right("fullest broker", row => row.FullestBroker?.ToString(CultureInfo.InvariantCulture) ?? Units.Unknown),
                Column<ResourceUseDto>.Right("at", row => Units.Percent(row.FullestUsed)));
            PrintBottlenecks(run, size.Bottlenecks);
            return ExitCodes.Of(size.Status);
        }, cluster);
    }

    private static Command Show(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        return commands.Define("show", "What people say the brokers can carry", async (run, cancellationToken) =>
        {
            Print(run, await run.Api.GetAsync<ClusterCapacitiesDto>(Path(run, cluster), cancellationToken));
            return ExitCode.Ok;
        }, cluster);
    }

    private static Command Set(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var into = new Option<string?>("--network-in") { Description = "What each broker can take in, such as 125MB/s; 0: unknown", HelpName = "RATE" };
        var outOf = new Option<string?>("--network-out") { Description = "What each broker can give out; 0: unknown", HelpName = "RATE" };
        var broker = new Option<int?>("--broker") { Description = "Only of this broker; without it of all that are not named", HelpName = "ID" };
        return commands.Define("set", "Say what the brokers' network can carry: Kafka does not tell it", async (run, cancellationToken) =>
        {
            if (run.Get(into) is null && run.Get(outOf) is null)
            {
                throw new CliException("Nothing would change", "--network-in, --network-out or both", "for example --network-in 125MB/s --network-out 125MB/s");
            }

            var (old, tag) = await run.Api.GetTaggedAsync<ClusterCapacitiesDto>(Path(run, cluster), cancellationToken);
            double? Rate(Option<string?> option, double? before) => run.Get(option) is { } text ? PlanCommands.ReadRate(text, option.Name) is > 0 and var rate ? rate : null : before;
            var named = run.Get(broker) is { } id ? old.Brokers.FirstOrDefault(one => one.BrokerId == id) ?? new BrokerCapacityDto(id, null, null) : null;
            var request = named is null
                ? new ClusterCapacitiesRequest(Rate(into, old.NetworkIn), Rate(outOf, old.NetworkOut), old.Brokers)
                : new ClusterCapacitiesRequest(old.NetworkIn, old.NetworkOut, [.. old.Brokers.Where(one => one.BrokerId != named.BrokerId), named with { NetworkIn = Rate(into, named.NetworkIn), NetworkOut = Rate(outOf, named.NetworkOut) }]);
            Print(run, await run.Api.ReplaceAsync<ClusterCapacitiesDto>(Path(run, cluster), request, tag, cancellationToken));
            return ExitCode.Ok;
        }, cluster, into, outOf, broker);
    }

    private static string Path(Invocation run, Argument<string> cluster) => Route.Of("clusters", run.Get(cluster), "capacities");

    private static WhatIfChangeDto Factor(string kind, string text, string option) =>
        text.LastIndexOf('=') is > 0 and var at && double.TryParse(text[(at + 1)..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor)
            ? new WhatIfChangeDto(kind, Topics: text[..at], Factor: factor)
            : throw new CliException($"{option} '{text}' is no change", "a regular expression over topic names, an equals sign and a factor", $"for example {option} orders.*=2");

    private static WhatIfChangeDto Replicas(string text) =>
        text.LastIndexOf('=') is > 0 and var at && int.TryParse(text[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var replicas)
            ? new WhatIfChangeDto("replication-factor", Topics: text[..at], ReplicationFactor: replicas)
            : throw new CliException($"--rf '{text}' is no change", "a regular expression over topic names, an equals sign and a number", "for example --rf orders.*=3");

    private static void Print(Invocation run, WhatIfDto answer)
    {
        if (run.Printer.IsJson)
        {
            run.Printer.Json(answer);
            return;
        }

        run.Printer.Status(answer.Status, answer.Sentence);
        foreach (var change in answer.Changes)
        {
            run.Printer.Line($"if {change}");
        }

        PlanCommands.PrintGoals(run, answer.Goals);
        PlanCommands.PrintProofs(run, answer.Proofs);
        PrintBottlenecks(run, answer.Bottlenecks);
        foreach (var note in answer.Notes)
        {
            run.Printer.Remark(note);
        }
    }

    private static void Print(Invocation run, ClusterCapacitiesDto capacities)
    {
        if (run.Printer.IsJson)
        {
            run.Printer.Json(capacities);
            return;
        }

        run.Printer.Rows([new("all others", capacities.NetworkIn, capacities.NetworkOut), .. capacities.Brokers.Select(broker => new CapacityLine(broker.BrokerId.ToString(CultureInfo.InvariantCulture), broker.NetworkIn ?? capacities.NetworkIn, broker.NetworkOut ?? capacities.NetworkOut))], "Nothing is known.",
            Column<CapacityLine>.Left("broker", row => row.Broker),
            Column<CapacityLine>.Right("network in", row => Units.Rate(row.In)),
            Column<CapacityLine>.Right("network out", row => Units.Rate(row.Out)));
    }

    private static void PrintBottlenecks(Invocation run, IReadOnlyList<BottleneckDto> bottlenecks) =>
        run.Printer.Rows(bottlenecks, "No limit is known that anything comes close to.",
            Column<BottleneckDto>.Left("tightest", row => $"{row.Kind} {row.Name}"),
            Column<BottleneckDto>.Left("resource", row => row.Resource),
            Column<BottleneckDto>.Right("of its limit", row => Units.Percent(row.Used)));

    private static string Amount(double? amount, string unit) => amount is not { } value ? Units.Unknown
        : unit == "bytes" ? Units.Size((long)value)
        : unit == "bytes-per-second" ? Units.Rate(value)
        : value.ToString("0.#", CultureInfo.InvariantCulture);

    private sealed record CapacityLine(string Broker, double? In, double? Out);
}
