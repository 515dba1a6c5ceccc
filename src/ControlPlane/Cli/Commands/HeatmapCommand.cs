using System.CommandLine;
using System.Globalization;
using ControlPlane.Cli.Connection;
using ControlPlane.Cli.Output;
using ControlPlane.Contracts;

namespace ControlPlane.Cli.Commands;

/// <summary>Who carries what: a row for each topic or partition, a column for each broker.</summary>
internal static class HeatmapCommand
{
    /// <summary>More columns than a terminal has room for; --output json has all.</summary>
    private const int MostBrokers = 12;

    public static Command Create(CommandSet commands)
    {
        var (cluster, paging) = (Arguments.Cluster(), new Paging());
        var by = Choice.Of("--by", "What a row is", "WHAT", "topic", ("topic", "topic"), ("partition", "partition"));
        var colour = Choice.Of("--colour", "What a cell tells", "WHAT", "size", ("size", "size"), ("bytesIn", "bytesIn"), ("replicas", "replicas"), ("leaders", "leaders"), ("lag", "lag"));
        var topics = new Option<string?>("--topics") { Description = "Only topics whose whole name matches", HelpName = "REGEX" };
        return commands.Define("heatmap", "Which broker carries how much of which topic or partition, the largest first", async (run, cancellationToken) =>
        {
            var path = Route.Of("clusters", run.Get(cluster), "heatmap")
                .With(("by", run.Get(by)), ("colour", run.Get(colour)), ("topics", run.Get(topics)), ("offset", run.Get(paging.Offset)), ("limit", run.Get(paging.Limit)));
            var map = await run.Api.GetAsync<HeatmapDto>(path, cancellationToken);
            if (run.Printer.IsJson)
            {
                run.Printer.Json(map);
                return ExitCode.Ok;
            }

            run.Printer.Rows(map.Rows, "Nothing matches.", Columns(map));
            run.Printer.Line($"{Units.Count(map.Rows.Count)} of {Units.Count(map.TotalRows)} {map.By}s, largest first{(map.Brokers.Count > MostBrokers ? $"; the first {MostBrokers} of {Units.Count(map.Brokers.Count)} brokers, --output json has all" : "")}.{(map.By == "partition" ? " * leads." : "")}");
            return ExitCode.Ok;
        }, cluster, by, colour, topics, paging.Limit, paging.Offset);
    }

    private static Column<HeatRowDto>[] Columns(HeatmapDto map) =>
    [
        Column<HeatRowDto>.Left(map.By, row => row.Partition is { } partition ? $"{row.Topic}-{partition}" : row.Topic),
        Column<HeatRowDto>.Right("all", row => Value(map.Unit, row.Total)),
        .. Enumerable.Range(0, Math.Min(MostBrokers, map.Brokers.Count)).Select(column => Column<HeatRowDto>.Right(map.Brokers[column].BrokerId.ToString(CultureInfo.InvariantCulture), row => Cell(map, row, column))),
    ];

    /// <summary>Empty where the broker holds nothing of it; a replica without a measured value is unknown, never 0.</summary>
    private static string Cell(HeatmapDto map, HeatRowDto row, int column)
    {
        for (var place = 0; place < row.At.Count; place++)
        {
            if (row.At[place] == column)
            {
                return Value(map.Unit, row.Values[place]) + (row.Leader == map.Brokers[column].BrokerId ? "*" : "");
            }
        }

        return "";
    }

    private static string Value(string unit, double? value) => value is not { } known ? Units.Unknown : unit switch
    {
        "bytes" => Units.Size((long)known),
        "bytes-per-second" => Units.Rate(known),
        _ => Units.Count((long)known),
    };
}
