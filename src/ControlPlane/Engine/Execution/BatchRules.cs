using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Execution;

/// <summary>Picks the moves to begin next: data at risk first, then the plan's order; bounded by broker and by free disk.</summary>
internal static class BatchRules
{
    public static List<ExecutionMove> Next(ClusterObservation seen, ExecutionStep step)
    {
        var (busy, reserved) = (new Dictionary<int, int>(), new Dictionary<int, long>());
        foreach (var move in step.State.Moves.Where(move => move.IsInFlight))
        {
            Reserve(move, seen, busy, reserved);
        }

        var batch = new List<ExecutionMove>();
        foreach (var move in step.State.Moves.Where(move => move.State == MoveState.Pending && move.Doubt is null && seen.Topics.ContainsKey(move.Plan.Topic))
            .OrderBy(move => move.Plan.Class == MoveClass.DataAtRisk ? 0 : 1))
        {
            if (batch.Count == step.Policy.BatchSize)
            {
                break;
            }

            if (Brokers(move, seen).All(broker => busy.GetValueOrDefault(broker) < step.State.Limits.MovesPerBroker) && HasRoom(move, seen, reserved))
            {
                Reserve(move, seen, busy, reserved);
                batch.Add(move);
            }
        }

        return batch;
    }

    /// <summary>The first broker that has no room for a move that nothing in flight could make room for.</summary>
    public static string? NoRoom(ExecutionMove move, ClusterObservation seen)
    {
        foreach (var broker in move.Adding)
        {
            if (seen.FreeBytes.TryGetValue(broker, out var free) && BytesEach(move) is { } bytes && bytes > free)
            {
                return FormattableString.Invariant($"broker {broker} has {free} bytes free, the replica needs {bytes}");
            }
        }

        return null;
    }

    private static bool HasRoom(ExecutionMove move, ClusterObservation seen, Dictionary<int, long> reserved) =>
        BytesEach(move) is not { } bytes || move.Adding.All(broker =>
            !seen.FreeBytes.TryGetValue(broker, out var free) || reserved.GetValueOrDefault(broker) + bytes <= free);

    private static void Reserve(ExecutionMove move, ClusterObservation seen, Dictionary<int, int> busy, Dictionary<int, long> reserved)
    {
        foreach (var broker in Brokers(move, seen))
        {
            busy[broker] = busy.GetValueOrDefault(broker) + 1;
        }

        foreach (var broker in move.Adding)
        {
            reserved[broker] = reserved.GetValueOrDefault(broker) + (BytesEach(move) ?? 0);
        }
    }

    /// <summary>Those that receive, and the leader that sends; nobody where only the order changes.</summary>
    private static IEnumerable<int> Brokers(ExecutionMove move, ClusterObservation seen)
    {
        if (!move.Adding.Any())
        {
            return [];
        }

        var leader = seen.Topics.TryGetValue(move.Plan.Topic, out var topic) && topic.Partitions.TryGetValue(move.Plan.Partition, out var partition) ? partition.Leader : -1;
        return leader < 0 ? move.Adding : move.Adding.Append(leader).Distinct();
    }

    private static long? BytesEach(ExecutionMove move) => move.Plan.Bytes is { } bytes && move.Adding.Any() ? bytes / move.Adding.Count() : null;
}
