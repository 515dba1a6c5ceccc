using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Execution;

/// <summary>The check at the end: the real replica lists against the plan, whatever the journal believes.</summary>
internal static class VerificationRules
{
    public static void Verify(ClusterObservation seen, ExecutionStep step)
    {
        var moves = step.State.Moves.Where(move => move.State is MoveState.Done or MoveState.Reverted).ToList();
        if (moves.Exists(move => !seen.MissingTopics.Contains(move.Plan.Topic) && !seen.Topics.ContainsKey(move.Plan.Topic)))
        {
            return; // not all could be read; the next observation
        }

        var differences = moves.Select(move => DifferenceOf(move, seen)).OfType<string>().ToList();
        step.Emit(new ExecutionEvent.Verified(step.Now, moves.Count, [.. differences]));
        var failed = step.State.Moves.Where(move => move.State == MoveState.Failed).ToList();
        var outcome = step.State.Cancel != CancelMode.None ? ExecutionStage.Cancelled
            : failed.Count > 0 || differences.Count > 0 ? ExecutionStage.Failed
            : ExecutionStage.Done;
        var residue = differences
            .Concat(failed.Select(move => $"{move.Name}: {move.Problem}"))
            .Concat(step.State.Throttles.Values.Where(throttle => throttle.IsOpen).Select(throttle =>
                $"{throttle.Key} is still {throttle.Value}; it is taken away when the broker is back"));
        step.Emit(new ExecutionEvent.Finished(step.Now, outcome, [.. residue]));
    }

    private static string? DirDifferenceOf(ExecutionMove move, ClusterObservation seen)
    {
        var dir = move.Plan.Dirs[0];
        var expected = move.State == MoveState.Done ? dir.To : dir.From;
        return seen.Places.TryGetValue((move.Plan.Topic, move.Plan.Partition, dir.Broker), out var place) && seen.PlacesAt > move.FinishedAt && place.Path != expected
            ? $"{move.Name} on broker {dir.Broker}: it lies in {place.Path}, expected {expected}"
            : null;
    }

    private static string? DifferenceOf(ExecutionMove move, ClusterObservation seen)
    {
        if (!seen.Topics.TryGetValue(move.Plan.Topic, out var topic)
            || (topic.Id != Guid.Empty && move.Plan.TopicId != Guid.Empty && topic.Id != move.Plan.TopicId)
            || !topic.Partitions.TryGetValue(move.Plan.Partition, out var partition))
        {
            return null; // deleted since; nothing of it is left to differ
        }

        if (move.Plan.Kind != MoveKind.Replicas)
        {
            return move.Plan.Kind == MoveKind.Dirs ? DirDifferenceOf(move, seen) : null; // who leads may change at any time
        }

        var expected = move.State == MoveState.Done ? move.Plan.After : move.Plan.Before;
        return partition.Replicas.SequenceEqual(expected)
            ? null
            : $"{move.Name}: its replicas are {MoveRules.Text(partition.Replicas)}, expected {MoveRules.Text(expected)}";
    }
}
