using System.Diagnostics.Metrics;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Model;

namespace ControlPlane.Lag;

/// <summary>Judged lag of the groups of owned clusters, by group. Read from the picture: a scrape judges nothing.</summary>
internal sealed class LagMetrics
{
    private readonly ClusterRegistry _registry;

    public LagMetrics(IMeterFactory meters, ClusterRegistry registry, LagBooks books)
    {
        _registry = registry;
        var meter = meters.Create(ClusterMetrics.MeterName);
        meter.CreateObservableGauge("kcp_consumer_group_status", () => Groups(judged => judged.Word switch { "OK" => 1, "WARN" => 2, _ => 3 }), description: "Judgement of a group in Burrow's numbers: 1 OK, 2 WARN, 3 ERR");
        meter.CreateObservableGauge("kcp_consumer_group_time_lag_seconds", () => Groups(judged => judged.TimeLagMs / 1000.0), description: "How long the oldest unread record of a group waits; at least so long where the history is shorter");
        meter.CreateObservableGauge("kcp_consumer_group_advised_members", () => Groups(judged => judged.AdvisedMembers), description: "Members that would hold the time-lag objective at the measured rates, never more than partitions");
        meter.CreateObservableGauge(
            "kcp_broker_clock_ahead_seconds",
            () => registry.OwnedClusters.Where(cluster => cluster.MayAct).SelectMany(
                cluster => books.Find(cluster.Id)?.Clocks.Skewed ?? [],
                (cluster, skewed) => new Measurement<double>(skewed.Ahead.TotalSeconds, new("cluster", cluster.Id.Value), new("broker", skewed.BrokerId))),
            description: "How far the clock of a broker is ahead of ours, by the stamps of commits; only brokers that are a second or more apart");
        meter.CreateObservableGauge(
            "kcp_lag_feed",
            () => registry.OwnedClusters.Where(cluster => cluster.MayAct && books.Find(cluster.Id) is not null)
                .Select(cluster => new Measurement<int>(1, new("cluster", cluster.Id.Value), new("feed", books.Find(cluster.Id)?.Feed.Word ?? "polled"))),
            description: "1 for where the commits of a cluster come from: following, catching-up, polled or fallback");
        meter.CreateObservableGauge(
            "kcp_offsets_partitions",
            () => registry.OwnedClusters.Where(cluster => cluster.MayAct).SelectMany(
                cluster => books.Find(cluster.Id)?.Readers ?? [],
                (cluster, reading) => new Measurement<int>(reading.Partitions, new("cluster", cluster.Id.Value), new("reader", reading.Reader ?? "owner"))),
            description: "Partitions of __consumer_offsets by who reads them: the owner, or another process by its address");
        meter.CreateObservableCounter(
            "kcp_lag_differences_total",
            () => registry.OwnedClusters.Where(cluster => cluster.MayAct && books.Find(cluster.Id) is not null).SelectMany(cluster => Differences(cluster, books.Find(cluster.Id)!.Comparison)),
            description: "Differences between commits that were followed and what coordinators said, found and mended: missed, deleted or group-deleted");
    }

    private static IEnumerable<Measurement<long>> Differences(OwnedCluster cluster, CommitComparison comparison) =>
    [
        new(comparison.Missed, new("cluster", cluster.Id.Value), new("kind", "missed")),
        new(comparison.Deleted, new("cluster", cluster.Id.Value), new("kind", "deleted")),
        new(comparison.GroupsDeleted, new("cluster", cluster.Id.Value), new("kind", "group-deleted")),
    ];

    /// <summary>What is unknown has no series, rather than a zero.</summary>
    private IEnumerable<Measurement<double>> Groups(Func<GroupJudgement, double?> value)
    {
        foreach (var cluster in _registry.OwnedClusters.Where(cluster => cluster.MayAct))
        {
            foreach (var (group, judged) in cluster.Actor.Model?.Judgements ?? new Dictionary<string, GroupJudgement>())
            {
                if (value(judged) is { } known)
                {
                    yield return new Measurement<double>(known, new("cluster", cluster.Id.Value), new("group", group));
                }
            }
        }
    }
}
