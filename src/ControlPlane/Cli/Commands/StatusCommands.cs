using System.CommandLine;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>How things stand, from all clusters down to one.</summary>
internal static class StatusCommands
{
    public static Command Status(CommandSet commands)
    {
        var cluster = new Argument<string?>("cluster") { Description = "Id of one cluster; all without it", Arity = ArgumentArity.ZeroOrOne };
        return commands.Define("status", "How the clusters are; the exit code is the worst of them", (run, cancellationToken) =>
            run.Get(cluster) is { } id ? ShowOneAsync(run, id, cancellationToken) : ShowAllAsync(run, cancellationToken), cluster);
    }

    public static Command Fleet(CommandSet commands) => List(commands, "fleet", "All clusters, worst first");

    public static Command List(CommandSet commands, string name, string description)
    {
        var paging = new Paging();
        return commands.Define(name, description, async (run, cancellationToken) =>
        {
            var page = await FetchFleetAsync(run, run.Get(paging.Search), run.Get(paging.Sort), run.Get(paging.Offset), run.Get(paging.Limit), cancellationToken);
            run.Printer.Page(page, "No cluster here. Add one: kcp clusters add --help", FleetColumns);
            return ExitCode.Ok;
        }, paging.Search, paging.Sort, paging.Limit, paging.Offset);
    }

    public static Command Processes(CommandSet commands) =>
        commands.Define("processes", "The processes of this installation", async (run, cancellationToken) =>
        {
            var processes = await run.Api.GetAsync<IReadOnlyList<ProcessDto>>("processes", cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(processes);
                return ExitCode.Ok;
            }

            run.Printer.Rows(processes, "No process is known.",
                Column<ProcessDto>.Left("process", row => row.Name),
                Column<ProcessDto>.Left("alive", row => row.IsAlive ? new Cell("yes", "green") : new Cell("no", "red")),
                Column<ProcessDto>.Left("address", row => row.Address),
                Column<ProcessDto>.Left("version", row => row.Version),
                Column<ProcessDto>.Left("last seen", row => Units.Time(row.LastSeen)),
                Column<ProcessDto>.Left("clusters", row => string.Join(' ', row.Clusters)));
            return ExitCode.Ok;
        });

    internal static readonly Column<ClusterSummaryDto>[] FleetColumns =
    [
        Column<ClusterSummaryDto>.Left("cluster", row => row.Id),
        Column<ClusterSummaryDto>.Left("status", row => row.Status),
        Column<ClusterSummaryDto>.Right("brokers", row => row.BrokersUp is { } up && row.Brokers is { } all ? $"{up}/{all}" : Units.Unknown),
        Column<ClusterSummaryDto>.Right("topics", row => row.Topics),
        Column<ClusterSummaryDto>.Right("partitions", row => row.Partitions),
        Column<ClusterSummaryDto>.Right("offline", row => Cell.Bad(row.OfflinePartitions)),
        Column<ClusterSummaryDto>.Right("under min ISR", row => Cell.Bad(row.UnderMinInSync)),
        Column<ClusterSummaryDto>.Right("under-replicated", row => Cell.Bad(row.UnderReplicated)),
        Column<ClusterSummaryDto>.Right("in", row => Units.Rate(row.BytesIn)),
        Column<ClusterSummaryDto>.Right("worst lag", row => row.WorstGroupLag is { } lag ? $"{Units.Count(lag)} {row.WorstGroup}" : Units.Unknown),
        Column<ClusterSummaryDto>.Right("data age", row => Units.Age(row.DataAgeSeconds)),
        Column<ClusterSummaryDto>.Left("what", row => row.Sentence),
    ];

    internal static Task<Page<ClusterSummaryDto>> FetchFleetAsync(
        Invocation run, string? search, string? sort, int offset, int limit, CancellationToken cancellationToken) =>
        run.Api.GetAsync<Page<ClusterSummaryDto>>(Route.Of("clusters").With(("search", search), ("sort", sort), ("offset", offset), ("limit", limit)), cancellationToken);

    /// <summary>Every cluster, however many pages that takes.</summary>
    internal static async Task<List<ClusterSummaryDto>> FetchWholeFleetAsync(Invocation run, CancellationToken cancellationToken)
    {
        var all = new List<ClusterSummaryDto>();
        while (true)
        {
            var page = await FetchFleetAsync(run, null, null, all.Count, 100, cancellationToken);
            all.AddRange(page.Items);
            if (page.Items.Count == 0 || all.Count >= page.Total)
            {
                return all;
            }
        }
    }

    private static async Task<ExitCode> ShowAllAsync(Invocation run, CancellationToken cancellationToken)
    {
        var fleet = await FetchWholeFleetAsync(run, cancellationToken);
        if (run.Printer.IsJson)
        {
            run.Printer.Json(fleet);
        }
        else
        {
            run.Printer.Rows(fleet, "No cluster here. Add one: kcp clusters add --help",
                Column<ClusterSummaryDto>.Left("status", row => row.Status),
                Column<ClusterSummaryDto>.Left("cluster", row => row.Id),
                Column<ClusterSummaryDto>.Right("data age", row => Units.Age(row.DataAgeSeconds)),
                Column<ClusterSummaryDto>.Left("what", row => row.Sentence));
        }

        // No cluster at all is no reason to wake anybody.
        return fleet.Count == 0 ? ExitCode.Ok : ExitCodes.Of(ExitCodes.Worst(fleet.Select(cluster => cluster.Status)));
    }

    private static async Task<ExitCode> ShowOneAsync(Invocation run, string cluster, CancellationToken cancellationToken)
    {
        var overview = await run.Api.GetAsync<ClusterOverviewDto>(Route.Of("clusters", cluster, "overview"), cancellationToken);
        if (run.Printer.IsJson)
        {
            run.Printer.Json(overview);
        }
        else
        {
            run.Printer.Status(overview.Summary.Status, overview.Summary.Sentence);
            if (overview.Findings.Count > 0)
            {
                PrintFindings(run.Printer, overview.Findings);
            }

            foreach (var stale in overview.Freshness.Where(part => part.IsStale))
            {
                run.Printer.Line($"stale: {stale.Kind}, last read {(stale.AgeSeconds is null ? "never" : Units.Age(stale.AgeSeconds) + " ago")}");
            }
        }

        return ExitCodes.Of(overview.Summary.Status);
    }

    internal static void PrintFindings(Printer printer, IReadOnlyList<FindingDto> findings) =>
        printer.Rows(findings, "Nothing is wrong.",
            Column<FindingDto>.Left("status", row => row.Status),
            Column<FindingDto>.Left("subject", row => row.Subject),
            Column<FindingDto>.Left("since", row => Units.Time(row.Since)),
            Column<FindingDto>.Left("what", row => row.Sentence));
}
