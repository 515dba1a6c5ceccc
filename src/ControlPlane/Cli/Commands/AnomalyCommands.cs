using System.CommandLine;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>What went wrong, and what became of it.</summary>
internal static class AnomalyCommands
{
    public static Command Create(CommandSet commands)
    {
        var list = List(commands);
        list.Subcommands.Add(Show(commands));
        return list;
    }

    private static Command List(CommandSet commands)
    {
        var cluster = new Option<string?>("--cluster") { Description = "Only of this cluster", HelpName = "ID" };
        var state = Choice.Of("--state", "Which ones: open (the default), pending, active, resolved or all", "STATE", "open",
            ("open", "open"), ("pending", "pending"), ("active", "active"), ("resolved", "resolved"), ("all", "all"));
        var kind = new Option<string?>("--kind") { Description = "Only of this kind, such as broker-down", HelpName = "KIND" };
        var limit = Paging.Positive("--limit", 50, "Rows at most");
        var offset = Paging.NotNegative("--offset", 0, "Rows to leave out at the beginning");
        return commands.Define("anomalies", "What is wrong, worst first; the exit code is the worst of it", async (run, cancellationToken) =>
        {
            var path = Route.Of("anomalies").With(
                ("cluster", run.Get(cluster)), ("state", run.Get(state)), ("kind", run.Get(kind)), ("offset", run.Get(offset)), ("limit", run.Get(limit)));
            var page = await run.Api.GetAsync<Page<AnomalyDto>>(path, cancellationToken);
            run.Printer.Page(page, "No anomaly matches.",
                Column<AnomalyDto>.Left("status", row => row.Status),
                Column<AnomalyDto>.Left("state", row => row.State),
                Column<AnomalyDto>.Left("severity", row => row.Severity),
                Column<AnomalyDto>.Left("cluster", row => row.Cluster),
                Column<AnomalyDto>.Left("kind", row => row.Kind),
                Column<AnomalyDto>.Left("since", row => Units.Time(row.Since)),
                Column<AnomalyDto>.Left("what", row => row.Sentence),
                Column<AnomalyDto>.Left("id", row => row.Id.ToString()));
            return CodeOf(page.Items);
        }, cluster, state, kind, limit, offset);
    }

    private static Command Show(CommandSet commands)
    {
        var id = new Argument<string>("id") { Description = "Id of the anomaly (kcp anomalies)" };
        return commands.Define("show", "One anomaly with its evidence, its reach and what became of it", async (run, cancellationToken) =>
        {
            if (!Guid.TryParse(run.Get(id), out var anomaly))
            {
                throw new CliException($"'{run.Get(id)}' is no id of an anomaly", "such as 0199a3c0-5b1e-7c33-9f0a-1d2e3f405162", "kcp anomalies --state all");
            }

            var found = await run.Api.GetAsync<AnomalyDetailDto>(Route.Of("anomalies", anomaly.ToString()), cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(found);
            }
            else
            {
                Print(run.Printer, found);
            }

            return CodeOf([found.Anomaly]);
        }, id);
    }

    /// <summary>Nothing wrong is well, unlike a fleet of which nothing is known.</summary>
    private static ExitCode CodeOf(IReadOnlyList<AnomalyDto> anomalies) =>
        anomalies.Count == 0 ? ExitCode.Ok : ExitCodes.Of(ExitCodes.Worst(anomalies.Select(anomaly => anomaly.Status)));

    private static void Print(Printer printer, AnomalyDetailDto found)
    {
        var anomaly = found.Anomaly;
        printer.Status(anomaly.Status, anomaly.Sentence);
        printer.Facts(
            ("cluster", anomaly.Cluster),
            ("what", $"{anomaly.Kind}, {anomaly.Subject}"),
            ("state", $"{anomaly.State} ({anomaly.Severity})"),
            ("since", Units.Time(anomaly.Since)),
            ("first seen", Units.Time(anomaly.FirstSeen)),
            ("active", anomaly.ActiveAt is null ? "never" : Units.Time(anomaly.ActiveAt)),
            ("resolved", anomaly.ResolvedAt is null ? "not yet" : Units.Time(anomaly.ResolvedAt)),
            ("reach now", Reach(anomaly.Blast)),
            ("widest reach", Reach(found.Worst)),
            ("topics", Names(anomaly.Blast.Topics, anomaly.Blast.TopicCount)),
            ("groups", anomaly.Blast.Groups is { } groups ? Names(groups, groups.Count) : Units.Unknown));
        printer.Rows(found.Evidence, "No evidence is kept.",
            Column<EvidenceDto>.Left("evidence", row => row.What),
            Column<EvidenceDto>.Left("value", row => row.Value),
            Column<EvidenceDto>.Left("at", row => row.At is null ? "" : Units.Time(row.At)));
        printer.Rows(found.Transitions, "Nothing is recorded.",
            Column<TransitionDto>.Left("when", row => Units.Time(row.At)),
            Column<TransitionDto>.Left("became", row => row.Before == row.After ? $"{row.After} (changed)" : row.After),
            Column<TransitionDto>.Left("severity", row => row.Severity),
            Column<TransitionDto>.Left("what", row => row.Sentence));
    }

    private static string Reach(BlastRadiusDto blast) =>
        $"offline {Units.Count(blast.Offline)}, under min ISR {Units.Count(blast.UnderMinInSync)}, under-replicated {Units.Count(blast.UnderReplicated)}";

    private static string Names(IReadOnlyList<string> names, int count) =>
        count == 0 ? "none" : string.Join(' ', names) + (count > names.Count ? $" and {count - names.Count} more" : "");
}
