using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Brokers and their log dirs.</summary>
internal static class BrokerCommands
{
    public static Command Create(CommandSet commands) => CommandSet.Group("brokers", "The brokers of a cluster", List(commands), Show(commands));

    public static Command LogDirs(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var paging = new Paging();
        return commands.Define("log-dirs", "The log dirs of a cluster", async (run, cancellationToken) =>
        {
            var path = Route.Of("clusters", run.Get(cluster), "log-dirs").With(("sort", run.Get(paging.Sort)), ("offset", run.Get(paging.Offset)), ("limit", run.Get(paging.Limit)));
            run.Printer.Page(await run.Api.GetAsync<Page<LogDirDto>>(path, cancellationToken), "No log dir is known.", LogDirColumns);
            return ExitCode.Ok;
        }, cluster, paging.Sort, paging.Limit, paging.Offset);
    }

    private static readonly Column<LogDirDto>[] LogDirColumns =
    [
        Column<LogDirDto>.Right("broker", row => row.BrokerId.ToString(CultureInfo.InvariantCulture)),
        Column<LogDirDto>.Left("path", row => row.Path),
        Column<LogDirDto>.Left("status", row => row.Status),
        Column<LogDirDto>.Right("replicas", row => row.Replicas),
        Column<LogDirDto>.Right("their size", row => Units.Size(row.ReplicaBytes)),
        Column<LogDirDto>.Right("free", row => Units.Size(row.UsableBytes)),
        Column<LogDirDto>.Right("of", row => Units.Size(row.TotalBytes)),
        Column<LogDirDto>.Left("error", row => row.Error ?? ""),
    ];

    private static Command List(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var paging = new Paging();
        return commands.Define("list", "All brokers", async (run, cancellationToken) =>
        {
            var path = Route.Of("clusters", run.Get(cluster), "brokers").With(("sort", run.Get(paging.Sort)));
            run.Printer.Page(await run.Api.GetAsync<Page<BrokerDto>>(path, cancellationToken), "No broker is known yet.",
                Column<BrokerDto>.Right("broker", row => row.Id.ToString(CultureInfo.InvariantCulture)),
                Column<BrokerDto>.Left("status", row => row.Status),
                Column<BrokerDto>.Left("state", row => row.State + (row.IsController ? " (controller)" : "")),
                Column<BrokerDto>.Left("address", row => row.Host is null ? Units.Unknown : $"{row.Host}:{row.Port}"),
                Column<BrokerDto>.Left("rack", row => row.Rack ?? "none"),
                Column<BrokerDto>.Right("replicas", row => row.Replicas),
                Column<BrokerDto>.Right("leaders", row => row.Leaders),
                Column<BrokerDto>.Right("out of sync", row => Cell.Bad(row.OutOfSyncReplicas)),
                Column<BrokerDto>.Right("in", row => Units.Rate(row.BytesIn)),
                Column<BrokerDto>.Right("out", row => Units.Rate(row.BytesOut)),
                Column<BrokerDto>.Right("disk", row => Units.Size(row.DiskUsedBytes)),
                Column<BrokerDto>.Left("evidence", row => row.Evidence));
            return ExitCode.Ok;
        }, cluster, paging.Sort);
    }

    private static Command Show(CommandSet commands)
    {
        var cluster = Arguments.Cluster();
        var broker = new Argument<int>("broker") { Description = "Id of the broker" };
        return commands.Define("show", "One broker with its log dirs and what is wrong with it", async (run, cancellationToken) =>
        {
            var path = Route.Of("clusters", run.Get(cluster), "brokers", run.Get(broker).ToString(CultureInfo.InvariantCulture));
            var found = await run.Api.GetAsync<BrokerDetailDto>(path, cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(found);
            }
            else
            {
                Print(run.Printer, found);
            }

            return ExitCodes.Of(found.Broker.Status);
        }, cluster, broker);
    }

    private static void Print(Printer printer, BrokerDetailDto found)
    {
        var broker = found.Broker;
        printer.Status(broker.Status, $"Broker {broker.Id} is {broker.State}: {broker.Evidence}");
        printer.Facts(
            ("since", Units.Time(broker.Since)),
            ("address", broker.Host is null ? Units.Unknown : $"{broker.Host}:{broker.Port}"),
            ("rack", broker.Rack ?? "none"),
            ("fenced", broker.IsFenced is { } fenced ? fenced : Units.Unknown),
            ("controller", broker.IsController),
            ("replicas", broker.Replicas),
            ("leaders", broker.Leaders),
            ("preferred leaders", broker.PreferredLeaders),
            ("out of sync", Cell.Bad(broker.OutOfSyncReplicas)),
            ("produced to it", Units.Rate(broker.BytesIn)),
            ("replicated to it", Units.Rate(broker.ReplicationBytesIn)),
            ("read from it", Units.Rate(broker.BytesOut)),
            ("rates cover", Units.Percent(broker.LoadCompleteness)));
        if (found.Findings.Count > 0)
        {
            StatusCommands.PrintFindings(printer, found.Findings);
        }

        if (found.LogDirs is { } logDirs)
        {
            printer.Rows(logDirs, "It has no log dir.", LogDirColumns);
        }
        else
        {
            printer.Line("Its log dirs are unknown.");
        }
    }
}
