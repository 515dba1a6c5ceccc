using System.Diagnostics.Metrics;
using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;

namespace ControlPlane.Execution;

/// <summary>What this process exports of the executions on its clusters; gone when an execution has ended.</summary>
internal sealed class ExecutionMetrics
{
    private static readonly string[] States = ["preparing", "running", "pausing", "paused", "cancelling", "cleaning-up", "verifying"];

    private readonly ExecutionDesk _desk;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, (Guid Execution, long Bytes, long Before)> _moved = new();

    public ExecutionMetrics(IMeterFactory meters, ExecutionDesk desk)
    {
        _desk = desk;
        var meter = meters.Create(ClusterMetrics.MeterName);
        meter.CreateObservableGauge("kcp_execution_state", () => Running().SelectMany(one => States, (one, state) =>
            new Measurement<int>(ExecutionSummary.Of(one.Live.State).Word == state ? 1 : 0, Tag("cluster", one.Cluster), Tag("state", state))), description: "1 for the state that the execution of a cluster is in, 0 for the others");
        meter.CreateObservableGauge("kcp_execution_moves", () => Running().SelectMany(one => one.Live.State.Moves.CountBy(move => (Kind: move.Adding.Any() ? "replica" : "order", move.State)), (one, count) =>
            new Measurement<int>(count.Value, Tag("cluster", one.Cluster), Tag("kind", count.Key.Kind), Tag("state", count.Key.State.ToString().ToLowerInvariant()))), description: "Moves of the execution by kind and state");
        meter.CreateObservableCounter("kcp_execution_bytes_moved_total", () => Running().Select(one => new Measurement<long>(Moved(one.Cluster, one.Live), Tag("cluster", one.Cluster))), description: "Bytes copied by executions, as far as sizes of replicas show");
        meter.CreateObservableGauge("kcp_execution_bytes_remaining", () => Running().Select(one => new Measurement<long>(Math.Max(0, one.Live.Progress.BytesTotal - one.Live.Progress.BytesDone), Tag("cluster", one.Cluster))), description: "Bytes that the execution has still to copy");
        meter.CreateObservableGauge("kcp_execution_eta_seconds", () => Running().Where(one => one.Live.Progress.EtaSeconds is not null)
            .Select(one => new Measurement<double>(one.Live.Progress.EtaSeconds!.Value, Tag("cluster", one.Cluster))), description: "Time to the end of the execution at the measured rate");
        meter.CreateObservableGauge("kcp_execution_throttle_bytes_per_second", () => Running().Where(one => one.Live.State.Limits.ThrottleBytesPerSecond is not null)
            .Select(one => new Measurement<long>(one.Live.State.Limits.ThrottleBytesPerSecond!.Value, Tag("cluster", one.Cluster))), description: "Replication throttle per broker of the execution");
    }

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);

    private IEnumerable<(string Cluster, LiveExecution Live)> Running() =>
        _desk.Live.Where(one => !one.Live.State.IsEnded).Select(one => (one.Cluster.Value, one.Live));

    /// <summary>A counter goes on over executions and never back.</summary>
    private long Moved(string cluster, LiveExecution live)
    {
        var now = _moved.AddOrUpdate(
            cluster,
            _ => (live.Id, live.Progress.BytesDone, 0),
            (_, last) => last.Execution == live.Id
                ? last with { Bytes = Math.Max(last.Bytes, live.Progress.BytesDone) }
                : (live.Id, live.Progress.BytesDone, last.Before + last.Bytes));
        return now.Before + now.Bytes;
    }
}
