using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>Log dirs of all brokers whose log dirs were read.</summary>
internal sealed class LogDirRows
{
    public static readonly SortFields<LogDirRows> Fields = new(
        SortFields<LogDirRows>.Number("brokerId", (rows, row) => rows.All[row].BrokerId),
        SortFields<LogDirRows>.Word("path", (rows, row) => rows.All[row].Path),
        SortFields<LogDirRows>.Number("status", (rows, row) => Known.Urgency(rows.All[row].Status)),
        SortFields<LogDirRows>.Number("totalBytes", (rows, row) => rows.All[row].TotalBytes ?? double.NaN),
        SortFields<LogDirRows>.Number("usableBytes", (rows, row) => rows.All[row].UsableBytes ?? double.NaN),
        SortFields<LogDirRows>.Number("replicaBytes", (rows, row) => rows.All[row].ReplicaBytes),
        SortFields<LogDirRows>.Number("replicas", (rows, row) => rows.All[row].Replicas),
        SortFields<LogDirRows>.Word("error", (rows, row) => rows.All[row].Error));

    public LogDirRows(ClusterModel model)
    {
        All = [.. model.Brokers.SelectMany(broker => Of(broker) ?? [])];
        AreKnown = model.Brokers.Any(broker => broker.LogDirs is not null);
        Sorted = new SortedRows<LogDirRows>(this, All.Length, Fields);
    }

    public LogDirDto[] All { get; }

    /// <summary>False while no broker's log dirs were read.</summary>
    public bool AreKnown { get; }

    public SortedRows<LogDirRows> Sorted { get; }

    public static IReadOnlyList<LogDirDto>? Of(Broker broker) => broker.LogDirs is not { } dirs
        ? null
        : [.. dirs.Select(dir => new LogDirDto(
            broker.Id, dir.Path, StatusOf(dir), dir.Error, dir.TotalBytes, dir.UsableBytes, dir.ReplicaBytes, dir.ReplicaCount))];

    private static StatusWord StatusOf(LogDir dir) => (dir.Error, HealthRules.UsedRatio(dir)) switch
    {
        (not null, _) => StatusWord.Crit,
        (_, null) => StatusWord.Unknown,
        (_, >= HealthRules.DiskCrit) => StatusWord.Crit,
        (_, >= HealthRules.DiskWarn) => StatusWord.Warn,
        _ => StatusWord.Ok,
    };
}
