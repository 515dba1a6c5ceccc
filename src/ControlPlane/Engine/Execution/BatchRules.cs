using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Execution;

/// <summary>Picks the moves to begin next: data at risk first, then the plan's order; bounded by broker and by free disk.</summary>
internal static class BatchRules
{
    public static List<ExecutionMove> Next(ClusterObservation seen, ExecutionStep step)
    {
        var (busy, reserved) = (new Dictionary<int, int>(), new Dictionary<(int, string?), long>());
        foreach (var move in step.State.Moves.Where(move => move.IsInFlight))
        {
            Reserve(move, seen, busy, reserved);
        }

        var batch = new List<ExecutionMove>();
        var elections = step.Policy.ElectionBatch - step.State.Moves.Count(move => move.IsInFlight && move.Plan.Kind == MoveKind.Election);
        foreach (var move in step.State.Moves.Where(move => move.State == MoveState.Pending && move.Doubt is null && seen.Topics.ContainsKey(move.Plan.Topic))
            .OrderBy(move => move.Plan.Class == MoveClass.DataAtRisk ? 0 : 1))
        {
            if (batch.Count == step.Policy.BatchSize)
            {
                break;
            }

            if (move.Plan.Kind == MoveKind.Election && elections-- <= 0)
            {
                continue;
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
        foreach (var (broker, path) in Targets(move))
        {
            if (Free(seen, broker, path) is { } free && BytesEach(move) is { } bytes && bytes > free)
            {
                return FormattableString.Invariant($"{(path is null ? "" : $"{path} of ")}broker {broker} has {free} bytes free, the replica needs {bytes}");
            }
        }

        return null;
    }

    private static bool HasRoom(ExecutionMove move, ClusterObservation seen, Dictionary<(int, string?), long> reserved) =>
        BytesEach(move) is not { } bytes || Targets(move).All(target =>
            Free(seen, target.Broker, target.Path) is not { } free || reserved.GetValueOrDefault(target) + bytes <= free);

    /// <summary>Brokers that need room, with the log dir where one was asked for.</summary>
    private static IEnumerable<(int Broker, string? Path)> Targets(ExecutionMove move) => move.Plan.Kind == MoveKind.Dirs
        ? move.Plan.Dirs.Select(dir => (dir.Broker, (string?)dir.To))
        : move.Adding.Select(broker => (broker, move.Plan.Dirs.FirstOrDefault(dir => dir.Broker == broker)?.To));

    private static long? Free(ClusterObservation seen, int broker, string? path) =>
        path is not null && seen.FreeByDir.TryGetValue((broker, path), out var inDir) ? inDir
        : seen.FreeBytes.TryGetValue(broker, out var free) ? free
        : null;

    private static void Reserve(ExecutionMove move, ClusterObservation seen, Dictionary<int, int> busy, Dictionary<(int, string?), long> reserved)
    {
        foreach (var broker in Brokers(move, seen))
        {
            busy[broker] = busy.GetValueOrDefault(broker) + 1;
        }

        foreach (var target in Targets(move))
        {
            reserved[target] = reserved.GetValueOrDefault(target) + (BytesEach(move) ?? 0);
        }
    }

    /// <summary>Those that receive, and the leader that sends; nobody where only the order changes.</summary>
    private static IEnumerable<int> Brokers(ExecutionMove move, ClusterObservation seen)
    {
        if (!move.Adding.Any())
        {
            return move.Plan.Kind == MoveKind.Dirs ? [move.Plan.Dirs[0].Broker] : [];
        }

        var leader = seen.Topics.TryGetValue(move.Plan.Topic, out var topic) && topic.Partitions.TryGetValue(move.Plan.Partition, out var partition) ? partition.Leader : -1;
        return leader < 0 ? move.Adding : move.Adding.Append(leader).Distinct();
    }

    private static long? BytesEach(ExecutionMove move) => move.Plan.Bytes is not { } bytes ? null
        : move.Plan.Kind == MoveKind.Dirs ? bytes
        : move.Adding.Any() ? bytes / move.Adding.Count()
        : null;
}
