using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;

namespace ControlPlane.Execution;

/// <summary>How far the copies of an execution are. Rate and ETA are null until measured.</summary>
internal sealed record ExecutionProgress(
    long BytesDone, long BytesTotal, double? BytesPerSecond, double? EtaSeconds, ImmutableDictionary<int, long> BytesByMove)
{
    public static ExecutionProgress None { get; } = new(0, 0, null, null, ImmutableDictionary<int, long>.Empty);
}

/// <summary>Measures copied bytes from replica sizes. Kept in memory only: another owner measures anew.</summary>
internal sealed class ProgressMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(15);

    private readonly Dictionary<int, (long Bytes, DateTimeOffset At)> _grown = [];
    private readonly Queue<(DateTimeOffset At, long Bytes)> _history = [];
    private ReplicaSizes? _measured;
    private volatile ExecutionProgress _progress = ExecutionProgress.None;

    public ExecutionProgress Progress => _progress;

    public IReadOnlyDictionary<int, DateTimeOffset> LastGrowth => _grown.ToDictionary(pair => pair.Key, pair => pair.Value.At);

    public void Measure(ExecutionState state, ReplicaSizes? sizes, DateTimeOffset now)
    {
        var byMove = _progress.BytesByMove.ToBuilder();
        var held = 0L;
        foreach (var move in state.Moves)
        {
            var total = move.Plan.Bytes ?? 0;
            if (move.State == MoveState.Done)
            {
                byMove[move.Order] = total;
            }
            else if (move.State is MoveState.Running or MoveState.Submitted && sizes is not null)
            {
                // The last byte counts when Kafka says that it is done, not when the sizes agree.
                var there = Math.Min(total, move.Adding.Sum(broker => sizes.Bytes.GetValueOrDefault((move.Plan.Topic, move.Plan.Partition, broker))));
                var copied = Math.Min(there, Math.Max(0, total - 1));
                held += there - copied;
                byMove[move.Order] = copied;
                if (!_grown.TryGetValue(move.Order, out var last) || copied > last.Bytes)
                {
                    _grown[move.Order] = (copied, now);
                }
            }
            else if (move.IsEnded)
            {
                byMove.Remove(move.Order);
            }
        }

        if (sizes is not null && !ReferenceEquals(sizes, _measured))
        {
            // Only a new reading tells of copying: between two of them nothing but the held back bytes would seem to move.
            _measured = sizes;
            _history.Enqueue((now, byMove.Values.Sum() + held));
        }

        Publish(state, byMove.ToImmutable(), now);
    }

    private void Publish(ExecutionState state, ImmutableDictionary<int, long> byMove, DateTimeOffset now)
    {
        var done = byMove.Values.Sum();
        var total = state.Moves.Where(move => move.State is not (MoveState.Dropped or MoveState.Failed or MoveState.Reverted)).Sum(move => move.Plan.Bytes ?? 0);
        while (_history.TryPeek(out var oldest) && oldest.At < now - Window)
        {
            _history.Dequeue();
        }

        var rate = RateOf(_history);
        _progress = new ExecutionProgress(done, total, rate, rate > 0 ? Math.Max(0, total - done) / rate : null, byMove);
    }

    private static double? RateOf(Queue<(DateTimeOffset At, long Bytes)> history)
    {
        if (history.Count < 2)
        {
            return null;
        }

        var (since, before) = history.Peek();
        var (until, after) = history.Last();
        return until - since >= TimeSpan.FromSeconds(1) && after >= before ? (after - before) / (until - since).TotalSeconds : null;
    }
}
