using System.Diagnostics;
using System.Diagnostics.Metrics;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Sampling;

/// <summary>What sampling costs and how it goes.</summary>
internal sealed class SamplingMetrics
{
    private readonly Counter<long> _rounds;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _received;
    private readonly Histogram<double> _took;
    private readonly Counter<long> _history;

    public SamplingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ClusterMetrics.MeterName);
        _rounds = meter.CreateCounter<long>("kcp_samples_total", description: "Rounds of sampling by kind and result: ok, partial or failed");
        _requests = meter.CreateCounter<long>("kcp_sample_requests_total", description: "Requests that sampling sent to a cluster");
        _sent = meter.CreateCounter<long>("kcp_sample_sent_bytes_total", "By", "Bytes that sampling sent to a cluster");
        _received = meter.CreateCounter<long>("kcp_sample_received_bytes_total", "By", "Bytes that sampling received from a cluster");
        _took = meter.CreateHistogram<double>("kcp_sample_duration_seconds", "s", "How long a round of sampling took");
        _history = meter.CreateCounter<long>("kcp_history_writes_total", description: "Batches of history by result: ok, stale or failed");
    }

    public static ActivitySource Traces { get; } = new(ClusterMetrics.MeterName);

    public void Count<T>(ClusterId cluster, SampleKind kind, Sampled<T> sample)
        where T : class
    {
        var tags = new TagList { { "cluster", cluster.Value }, { "kind", Kinds.Name(kind) } };
        _requests.Add(sample.Cost.Requests, tags);
        _sent.Add(sample.Cost.BytesSent, tags);
        _received.Add(sample.Cost.BytesReceived, tags);
        _took.Record(sample.Took.TotalSeconds, tags);
        tags.Add("result", sample.Value is null ? "failed" : sample.Failures.IsEmpty ? "ok" : "partial");
        _rounds.Add(1, tags);
    }

    public void CountHistory(ClusterId cluster, string result) =>
        _history.Add(1, new TagList { { "cluster", cluster.Value }, { "result", result } });
}
