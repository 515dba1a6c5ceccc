using System.CommandLine;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Plans being carried out.</summary>
internal static class ExecutionCommands
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    public static Command Create(CommandSet commands) => CommandSet.Group(
        "execution", "Plans being carried out", List(commands), Show(commands), Watch(commands),
        Act(commands, "pause", "Begin nothing new; what moves goes on"), Act(commands, "resume", "Begin moves again"), Cancel(commands), Limits(commands));

    private static Command List(CommandSet commands)
    {
        var cluster = new Option<string?>("--cluster") { Description = "Only those of this cluster", HelpName = "ID" };
        var paging = new Paging();
        return commands.Define("list", "Executions, those under way first", async (run, cancellationToken) =>
        {
            var path = (run.Get(cluster) is { } one ? Route.Of("clusters", one, "executions") : "executions").With(("offset", run.Get(paging.Offset)), ("limit", run.Get(paging.Limit)));
            run.Printer.Page(await run.Api.GetAsync<Page<ExecutionDto>>(path, cancellationToken), "There is no execution.",
                Column<ExecutionDto>.Left("id", row => row.Id.ToString()),
                Column<ExecutionDto>.Left("cluster", row => row.Cluster),
                Column<ExecutionDto>.Left("state", row => row.State),
                Column<ExecutionDto>.Left("status", row => row.Status),
                Column<ExecutionDto>.Right("done", row => $"{row.MovesDone}/{row.MovesTotal}"),
                Column<ExecutionDto>.Right("failed", row => Cell.Bad(row.MovesFailed)),
                Column<ExecutionDto>.Right("size", row => Units.Size(row.BytesTotal)),
                Column<ExecutionDto>.Left("started", row => Units.Time(row.StartedAt)));
            return ExitCode.Ok;
        }, cluster, paging.Limit, paging.Offset);
    }

    private static Command Show(CommandSet commands)
    {
        var (cluster, id) = (Arguments.Cluster(), Id());
        return commands.Define("show", "One execution with its journal and its throttles", async (run, cancellationToken) =>
        {
            var found = await run.Api.GetAsync<ExecutionDetailDto>(Route.Of("clusters", run.Get(cluster), "executions", run.Get(id)), cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(found);
                return ExitCodes.Of(found.Execution.Status);
            }

            run.Printer.Status(found.Execution.Status, Line(found.Execution));
            foreach (var residue in found.Execution.Residue)
            {
                run.Printer.Line($"left: {residue}");
            }

            run.Printer.Rows(found.Journal, "The journal is empty.",
                Column<JournalEntryDto>.Left("at", row => Units.Time(row.At)),
                Column<JournalEntryDto>.Left("status", row => row.Status),
                Column<JournalEntryDto>.Left("what", row => row.Sentence));
            run.Printer.Rows(found.Throttles, "No throttle was set.",
                Column<ThrottleDto>.Left("resource", row => row.Resource),
                Column<ThrottleDto>.Left("key", row => row.Key),
                Column<ThrottleDto>.Left("before", row => row.Before ?? "nothing"),
                Column<ThrottleDto>.Left("state", row => row.State));
            return ExitCodes.Of(found.Execution.Status);
        }, cluster, id);
    }

    private static Command Watch(CommandSet commands)
    {
        var (cluster, id) = (Arguments.Cluster(), Id());
        return commands.Define("watch", "Follow an execution until it ends; exit code 0 where it is done, 1 cancelled, 2 failed", async (run, cancellationToken) =>
        {
            var told = "";
            while (true)
            {
                var now = (await run.Api.GetAsync<ExecutionDetailDto>(Route.Of("clusters", run.Get(cluster), "executions", run.Get(id)), cancellationToken)).Execution;
                if (run.Printer.IsJson)
                {
                    run.Printer.JsonLine(now);
                }
                else if (Line(now) is var line && line != told)
                {
                    run.Printer.Line(told = line);
                }

                if (now.FinishedAt is not null)
                {
                    return now.State switch { "done" => ExitCode.Ok, "cancelled" => ExitCode.Warning, _ => ExitCode.Critical };
                }

                await Task.Delay(WatchInterval, cancellationToken);
            }
        }, cluster, id);
    }

    private static Command Act(CommandSet commands, string verb, string description)
    {
        var (cluster, id, reason) = (Arguments.Cluster(), Id(), Reason());
        return commands.Define(verb, description, async (run, cancellationToken) =>
            Say(run, await run.Api.SendAsync<ExecutionDto>(HttpMethod.Post, Route.Of("clusters", run.Get(cluster), "executions", run.Get(id), verb), new ExecutionActionRequest(run.Get(reason)), cancellationToken)), cluster, id, reason);
    }

    private static Command Cancel(CommandSet commands)
    {
        var (cluster, id, reason, yes) = (Arguments.Cluster(), Id(), Reason(), Arguments.Yes());
        var revert = new Option<bool>("--revert") { Description = "Take back what moves now, instead of letting it end its move" };
        return commands.Define("cancel", "Stop an execution", async (run, cancellationToken) =>
        {
            var mode = run.Get(revert) ? "revert-in-flight" : "finish-in-flight";
            run.Confirm(run.Get(yes), $"Cancel execution {run.Get(id)} ({mode})?");
            return Say(run, await run.Api.SendAsync<ExecutionDto>(HttpMethod.Post, Route.Of("clusters", run.Get(cluster), "executions", run.Get(id), "cancel"), new CancelExecutionRequest(mode, run.Get(reason)), cancellationToken));
        }, cluster, id, revert, reason, yes);
    }

    private static Command Limits(CommandSet commands)
    {
        var (cluster, id, reason) = (Arguments.Cluster(), Id(), Reason());
        var moves = new Option<int?>("--moves-per-broker") { Description = "Most partitions a broker sends or receives at a time", HelpName = "N" };
        var throttle = new Option<long?>("--throttle") { Description = "Bytes per second and broker, 0 for none", HelpName = "BYTES" };
        return commands.Define("limits", "Slow an execution down or speed it up", async (run, cancellationToken) =>
            Say(run, await run.Api.SendAsync<ExecutionDto>(HttpMethod.Put, Route.Of("clusters", run.Get(cluster), "executions", run.Get(id), "limits"), new ExecutionLimitsRequest(run.Get(moves), run.Get(throttle), run.Get(reason)), cancellationToken)),
            cluster, id, moves, throttle, reason);
    }

    private static ExitCode Say(Invocation run, ExecutionDto execution)
    {
        if (run.Printer.IsJson)
        {
            run.Printer.Json(execution);
        }
        else
        {
            run.Printer.Line(Line(execution));
        }

        return ExitCode.Ok;
    }

    private static string Line(ExecutionDto row)
    {
        var share = row.BytesTotal > 0 ? (double)row.BytesDone / row.BytesTotal : row.MovesTotal > 0 ? (double)row.MovesDone / row.MovesTotal : 1;
        var filled = (int)Math.Clamp(share * 20, 0, 20);
        var speed = row.BytesPerSecond is null ? "" : $" · {Units.Rate(row.BytesPerSecond)}";
        var left = row.EtaSeconds is null ? "" : $" · {Units.Age(row.EtaSeconds)} left";
        return $"[{new string('#', filled)}{new string('.', 20 - filled)}] {Units.Percent(share)} · {row.State} · {row.Sentence}{speed}{left}";
    }

    private static Argument<string> Id() => new("id") { Description = "Id of the execution (kcp execution list)" };

    private static Option<string?> Reason() => new("--reason") { Description = "Why, for the audit trail", HelpName = "TEXT" };
}
