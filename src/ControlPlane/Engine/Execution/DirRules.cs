namespace ControlPlane.Engine.Execution;

/// <summary>
/// Judges moves between log dirs of one broker (KIP-113) by where the replica lies: Kafka copies it into a future replica and swaps the two.
/// The replica list is not looked at; another move of the plan may change it meanwhile.
/// </summary>
internal static class DirRules
{
    public static MoveVerdict? Judge(ExecutionMove move, ObservedPartition partition, ClusterObservation seen, ExecutionStep step)
    {
        var dir = move.Plan.Dirs[0];
        if (!partition.Replicas.Contains(dir.Broker))
        {
            return MoveRules.Unexpected(move, step, $"broker {dir.Broker} holds no replica of it any more", MoveOutcome.Failed);
        }

        if (!seen.Alive.Contains(dir.Broker))
        {
            return step.State.IsPauseAsked && move.State == MoveState.Pending ? null
                : MoveRules.Expired(move, step, $"broker {dir.Broker} is down{(move.State == MoveState.Pending ? "" : "; what it has begun goes on when it is back")}", MoveOutcome.Failed);
        }

        if (!seen.Places.TryGetValue((move.Plan.Topic, move.Plan.Partition, dir.Broker), out var place) || (move.SentAt is { } sent && seen.PlacesAt <= sent))
        {
            return null; // not read since then
        }

        return move.State switch
        {
            MoveState.Pending => Pending(move, place, step),
            MoveState.Submitted or MoveState.Running => Running(move, place, step),
            MoveState.Reverting => Reverting(move, place, step),
            _ => null,
        };
    }

    public static bool CanRevert(ExecutionMove move, ClusterObservation seen) =>
        move.Plan.Dirs[0] is { From: not null } dir
        && seen.Alive.Contains(dir.Broker)
        && seen.Places.TryGetValue((move.Plan.Topic, move.Plan.Partition, dir.Broker), out var place)
        && place.FuturePath == dir.To;

    private static MoveVerdict? Pending(ExecutionMove move, ReplicaPlace place, ExecutionStep step)
    {
        var dir = move.Plan.Dirs[0];
        if (place.FuturePath is { } future)
        {
            return move.SentAt is not null && future == dir.To
                ? new(move.Order, MoveOutcome.Seen) // ours after all: it arrived later than anything should
                : new(move.Order, MoveOutcome.Failed, $"somebody else is moving it to {future}");
        }

        return place.Path == dir.To ? new(move.Order, MoveOutcome.Done)
            : dir.From is { } from && place.Path != from ? MoveRules.Unexpected(move, step, $"it lies in {place.Path}, no longer in {from}", MoveOutcome.Failed)
            : move.Doubt is null ? null
            : new(move.Order, MoveOutcome.Cleared);
    }

    private static MoveVerdict? Running(ExecutionMove move, ReplicaPlace place, ExecutionStep step)
    {
        var dir = move.Plan.Dirs[0];
        if (place.FuturePath is { } future)
        {
            return future != dir.To ? new(move.Order, MoveOutcome.Failed, $"somebody else gave it another target, {future}")
                : move.State == MoveState.Submitted ? new(move.Order, MoveOutcome.Seen)
                : move.Doubt is null ? null
                : new(move.Order, MoveOutcome.Cleared);
        }

        return place.Path == dir.To ? new(move.Order, MoveOutcome.Done)
            : !step.IsSettled(move.SentAt) ? null
            : move.State == MoveState.Submitted ? new(move.Order, MoveOutcome.Unsent, "the broker never received it")
            : MoveRules.Unexpected(move, step, $"somebody else ended it; it lies in {place.Path}", MoveOutcome.Failed);
    }

    private static MoveVerdict? Reverting(ExecutionMove move, ReplicaPlace place, ExecutionStep step)
    {
        var dir = move.Plan.Dirs[0];
        return (place.Path, place.FuturePath) switch
        {
            (var path, null) when path == dir.From => new(move.Order, MoveOutcome.Reverted),
            // It had ended before the cancellation came; one that comes late makes the broker copy it back.
            (var path, null) when path == dir.To => step.IsSettled(move.SentAt) ? new(move.Order, MoveOutcome.Done) : null,
            (var path, var future) when path == dir.To && future == dir.From => null,
            (_, var future) when future == dir.To => step.IsSettled(move.SentAt) ? new(move.Order, MoveOutcome.Revert, move.Problem ?? "") { Fails = move.FailsWhenReverted } : null,
            (var path, var future) => MoveRules.Unexpected(move, step, $"it lies in {path}{(future is null ? "" : $" on its way to {future}")}, which nobody here asked for", MoveOutcome.Failed),
        };
    }
}
