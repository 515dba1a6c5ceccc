using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;

namespace ControlPlane.Lag.Memory;

/// <summary>What remembering lag costs, and whether it works.</summary>
internal sealed class LagMemoryMeter
{
    private readonly ConcurrentDictionary<ClusterId, (long Bytes, double Seconds)> _last = new();
    private readonly Counter<long> _refused;

    public LagMemoryMeter(IMeterFactory meters, ClusterRegistry registry, LagBooks books)
    {
        var meter = meters.Create(ClusterMetrics.MeterName);
        _refused = meter.CreateCounter<long>("kcp_lag_memory_refused", description: "Parts of remembered lag that could not be used and were read anew from Kafka");
        meter.CreateObservableGauge("kcp_lag_memory_written_bytes", () => Owned(one => one.Bytes), description: "Bytes that the last round of remembering a cluster's lag wrote, compressed");
        meter.CreateObservableGauge("kcp_lag_memory_written_seconds", () => Owned(one => one.Seconds), description: "How long the last round of remembering a cluster's lag took");
        meter.CreateObservableCounter(
            "kcp_lag_feed_records",
            () => registry.OwnedClusters.Where(cluster => cluster.MayAct && books.Find(cluster.Id) is not null)
                .Select(cluster => new Measurement<long>(books.Find(cluster.Id)?.Records ?? 0, new KeyValuePair<string, object?>("cluster", cluster.Id.Value))),
            description: "Records of __consumer_offsets that were read since this process owns the cluster");

        IEnumerable<Measurement<double>> Owned(Func<(long Bytes, double Seconds), double> value) =>
            registry.OwnedClusters.Where(cluster => cluster.MayAct && _last.ContainsKey(cluster.Id))
                .Select(cluster => new Measurement<double>(value(_last[cluster.Id]), new KeyValuePair<string, object?>("cluster", cluster.Id.Value)));
    }

    public void CountRefused(ClusterId cluster, int parts) => _refused.Add(parts, new KeyValuePair<string, object?>("cluster", cluster.Value));

    public void Saved(ClusterId cluster, long bytes, TimeSpan took) => _last[cluster] = (bytes, took.TotalSeconds);
}
