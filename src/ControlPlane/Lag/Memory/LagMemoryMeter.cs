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

    public LagMemoryMeter(IMeterFactory meters, LagBooks books)
    {
        var meter = meters.Create(ClusterMetrics.MeterName);
        _refused = meter.CreateCounter<long>("kcp_lag_memory_refused_total", description: "Parts of remembered lag that could not be used and were read anew from Kafka");
        meter.CreateObservableGauge("kcp_lag_memory_written_bytes", () => Of(one => one.Bytes), description: "Bytes that the last round of remembering a cluster's lag wrote, compressed");
        meter.CreateObservableGauge("kcp_lag_memory_written_seconds", () => Of(one => one.Seconds), description: "How long the last round of remembering a cluster's lag took");
        meter.CreateObservableCounter(
            "kcp_lag_feed_records_total",
            () => books.All.Select(pair => new Measurement<long>(pair.Value.Records, new KeyValuePair<string, object?>("cluster", pair.Key.Value))),
            description: "Records of __consumer_offsets that were read since this process owns the cluster");
    }

    private IEnumerable<Measurement<double>> Of(Func<(long Bytes, double Seconds), double> value) =>
        _last.Select(pair => new Measurement<double>(value(pair.Value), new KeyValuePair<string, object?>("cluster", pair.Key.Value)));

    /// <summary>The cluster is another process's from now on.</summary>
    public void Forget(ClusterId cluster) => _last.TryRemove(cluster, out _);

    public void CountRefused(ClusterId cluster, int parts) => _refused.Add(parts, new KeyValuePair<string, object?>("cluster", cluster.Value));

    public void Saved(ClusterId cluster, long bytes, TimeSpan took) => _last[cluster] = (bytes, took.TotalSeconds);
}
