using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Engine.Execution;

/// <summary>
/// Judges each move by what the cluster shows. A verdict that something is gone or strange needs to hold for the settling time,
/// because answers can lag; that a list is exactly the wanted one needs no second look.
/// </summary>
internal static class MoveRules
{
    public static MoveVerdict? Judge(ExecutionMove move, ClusterObservation seen, ExecutionStep step)
    {
        if (seen.MissingTopics.Contains(move.Plan.Topic))
        {
            return new(move.Order, MoveOutcome.Dropped, "the topic was deleted");
        }

        if (!seen.Topics.TryGetValue(move.Plan.Topic, out var topic))
        {
            return null;
        }

        if (topic.Id != Guid.Empty && move.Plan.TopicId != Guid.Empty && topic.Id != move.Plan.TopicId)
        {
            return new(move.Order, MoveOutcome.Dropped, "the topic was deleted and made anew under its name");
        }

        if (!topic.Partitions.TryGetValue(move.Plan.Partition, out var partition))
        {
            return Unexpected(move, step, "the topic has no such partition", MoveOutcome.Failed);
        }

        if (move.Plan.Kind != MoveKind.Replicas)
        {
            return move.Plan.Kind == MoveKind.Dirs ? DirRules.Judge(move, partition, seen, step) : ElectionRules.Judge(move, partition, seen, step);
        }

        var ongoing = seen.Ongoing.GetValueOrDefault((move.Plan.Topic, move.Plan.Partition));
        return move.State switch
        {
            MoveState.Pending => Pending(move, partition, ongoing, seen, step),
            MoveState.Submitted => Submitted(move, partition, ongoing, step),
            MoveState.Running => Running(move, partition, ongoing, seen, step),
            MoveState.Reverting => Reverting(move, partition, ongoing, step),
            MoveState.Restoring => Restoring(move, partition, ongoing, step),
            _ => null,
        };
    }

    public static bool CanRevert(ExecutionMove move, ClusterObservation seen) => move.Plan.Kind switch
    {
        MoveKind.Dirs => DirRules.CanRevert(move, seen),
        MoveKind.Election => false, // it is done at once, or not at all
        _ => HasOldReplica(move, seen),
    };

    private static bool HasOldReplica(ExecutionMove move, ClusterObservation seen) =>
        seen.Topics.TryGetValue(move.Plan.Topic, out var topic)
        && topic.Partitions.TryGetValue(move.Plan.Partition, out var partition)
        && partition.InSync.Any(broker => move.Plan.Before.Contains(broker) && seen.Alive.Contains(broker));

    private static MoveVerdict? Pending(
        ExecutionMove move, ObservedPartition partition, ObservedReassignment? ongoing, ClusterObservation seen, ExecutionStep step)
    {
        if (ongoing is not null)
        {
            return move.SentAt is not null && TargetOf(ongoing).SequenceEqual(move.Plan.After)
                ? new(move.Order, MoveOutcome.Seen) // ours after all: it arrived later than anything should
                : Foreign(move, $"somebody else is reassigning it to {Text(TargetOf(ongoing))}");
        }

        if (partition.Replicas.SequenceEqual(move.Plan.After))
        {
            return Arrived(move, partition, step, MoveOutcome.Done);
        }

        if (!partition.Replicas.SequenceEqual(move.Plan.Before))
        {
            return Unexpected(move, step, $"somebody else changed its replicas to {Text(partition.Replicas)}", MoveOutcome.Failed);
        }

        if (move.Plan.Class is MoveClass.DataAtRisk or MoveClass.Offline && move.Plan.Before.Length == move.Plan.After.Length
            && move.Plan.Before.All(broker => seen.Alive.Contains(broker) && partition.InSync.Contains(broker)))
        {
            return Recovered(move, step);
        }

        return step.State.IsPauseAsked ? null : Blocked(move, partition, seen, step, () => new(move.Order, MoveOutcome.Failed, BlockedBy(move, partition, seen)!));
    }

    private static MoveVerdict? Recovered(ExecutionMove move, ExecutionStep step) =>
        move.Doubt is not { Kind: DoubtKind.Unexpected } doubt
            ? new(move.Order, MoveOutcome.Doubted, "all its replicas look alive and in sync; it is left out if that lasts, and moved if the controller has not noticed a death yet") { Doubt = DoubtKind.Unexpected }
            : step.Now >= doubt.Since + step.Policy.Recovery ? new(move.Order, MoveOutcome.Dropped, "nothing to repair: all its replicas are alive and in sync again")
            : null;

    private static MoveVerdict? Submitted(ExecutionMove move, ObservedPartition partition, ObservedReassignment? ongoing, ExecutionStep step)
    {
        if (ongoing is not null)
        {
            return TargetOf(ongoing).SequenceEqual(move.Plan.After)
                ? new(move.Order, MoveOutcome.Seen)
                : Foreign(move, $"somebody else is reassigning it to {Text(TargetOf(ongoing))}");
        }

        if (partition.Replicas.SequenceEqual(move.Plan.After))
        {
            return Arrived(move, partition, step, MoveOutcome.Done);
        }

        if (partition.Replicas.SequenceEqual(move.Plan.Before))
        {
            return step.IsSettled(move.SentAt) ? new(move.Order, MoveOutcome.Unsent, "Kafka never received it") : null;
        }

        return Unexpected(move, step, $"its replicas are {Text(partition.Replicas)}, which is neither the old list nor the new one", MoveOutcome.Failed);
    }

    private static MoveVerdict? Running(
        ExecutionMove move, ObservedPartition partition, ObservedReassignment? ongoing, ClusterObservation seen, ExecutionStep step)
    {
        if (ongoing is null)
        {
            return partition.Replicas.SequenceEqual(move.Plan.After)
                ? Arrived(move, partition, step, MoveOutcome.Done)
                : Unexpected(move, step, $"somebody else ended it; its replicas are {Text(partition.Replicas)}", MoveOutcome.Failed);
        }

        if (!TargetOf(ongoing).SequenceEqual(move.Plan.After))
        {
            return Foreign(move, $"somebody else gave it another target, {Text(TargetOf(ongoing))}");
        }

        if (BlockedBy(move, partition, seen) is { } why)
        {
            return Blocked(move, partition, seen, step, () =>
                CanRevert(move, seen) && step.IsSettled(move.SentAt) ? new(move.Order, MoveOutcome.Revert, why) { Fails = true } : null);
        }

        return Stalled(move, seen, step);
    }

    private static MoveVerdict? Reverting(ExecutionMove move, ObservedPartition partition, ObservedReassignment? ongoing, ExecutionStep step)
    {
        if (ongoing is not null)
        {
            return TargetOf(ongoing).SequenceEqual(move.Plan.After)
                ? step.IsSettled(move.SentAt) ? new(move.Order, MoveOutcome.Revert, move.Problem ?? "") { Fails = move.FailsWhenReverted } : null
                : TargetOf(ongoing).SequenceEqual(move.Plan.Before)
                    ? null
                    : Foreign(move, $"somebody else gave it another target, {Text(TargetOf(ongoing))}");
        }

        if (partition.Replicas.SequenceEqual(move.Plan.Before))
        {
            return Arrived(move, partition, step, MoveOutcome.Reverted);
        }

        if (partition.Replicas.SequenceEqual(move.Plan.After))
        {
            return Arrived(move, partition, step, MoveOutcome.Done); // it had ended before the cancellation came
        }

        if (SameBrokers(partition.Replicas, move.Plan.Before))
        {
            return new(move.Order, MoveOutcome.Restore); // cancelling keeps the order of the submission
        }

        var known = partition.Replicas.All(broker => move.Plan.Before.Contains(broker) || move.Plan.After.Contains(broker));
        return Unexpected(
            move, step, $"its replicas are {Text(partition.Replicas)}, which is neither the old list nor the new one", known ? MoveOutcome.Restore : MoveOutcome.Failed);
    }

    private static MoveVerdict? Restoring(ExecutionMove move, ObservedPartition partition, ObservedReassignment? ongoing, ExecutionStep step)
    {
        if (ongoing is not null)
        {
            return TargetOf(ongoing).SequenceEqual(move.Plan.Before)
                ? Expired(move, step, $"putting {Text(move.Plan.Before)} back waits for a broker that is out of sync; Kafka goes on with it", MoveOutcome.Failed)
                : Foreign(move, $"somebody else gave it another target, {Text(TargetOf(ongoing))}");
        }

        if (partition.Replicas.SequenceEqual(move.Plan.Before))
        {
            return Arrived(move, partition, step, MoveOutcome.Reverted);
        }

        if (!partition.Replicas.All(broker => move.Plan.Before.Contains(broker) || move.Plan.After.Contains(broker)))
        {
            return Unexpected(move, step, $"somebody else changed its replicas to {Text(partition.Replicas)}", MoveOutcome.Failed);
        }

        return step.IsSettled(move.SentAt) ? new(move.Order, MoveOutcome.Restore) : null;
    }

    /// <summary>
    /// The list is the wanted one and nothing is listed as running. Where only the number of replicas changes, the list looks so in the middle
    /// of it as well, and what ran may have been ended between the two readings: then the replicas have to be in sync, or it has to stay so.
    /// </summary>
    private static MoveVerdict? Arrived(ExecutionMove move, ObservedPartition partition, ExecutionStep step, MoveOutcome outcome)
    {
        var isCertain = move.Plan.Before.Length == move.Plan.After.Length
            || (outcome == MoveOutcome.Done && (move.Plan.After.Length < move.Plan.Before.Length || move.Plan.After.All(partition.InSync.Contains)));
        return isCertain ? new(move.Order, outcome) : Unexpected(move, step, "its list is as it shall be, but not all of its replicas are in sync", outcome);
    }

    /// <summary>What keeps the move from ending, or from beginning; null: nothing.</summary>
    private static string? BlockedBy(ExecutionMove move, ObservedPartition partition, ClusterObservation seen)
    {
        foreach (var broker in move.Plan.After)
        {
            if (!seen.Alive.Contains(broker))
            {
                return move.Plan.Before.Contains(broker) ? $"broker {broker}, which keeps its replica, is down" : $"destination broker {broker} is down";
            }

            if (move.Plan.Before.Contains(broker) && !partition.InSync.Contains(broker))
            {
                return $"the replica on broker {broker}, which stays, is not in sync; Kafka ends a move only with every replica in sync";
            }
        }

        return partition.Leader < 0 && move.Adding.Any() ? "the partition has no leader to copy from" : null;
    }

    private static MoveVerdict? Blocked(
        ExecutionMove move, ObservedPartition partition, ClusterObservation seen, ExecutionStep step, Func<MoveVerdict?> afterwards)
    {
        if (BlockedBy(move, partition, seen) is not { } why)
        {
            return move.Doubt is null ? null : new(move.Order, MoveOutcome.Cleared);
        }

        return move.Doubt is { Kind: DoubtKind.Blocked } doubt
            ? step.Now >= doubt.Since + step.Policy.Patience ? afterwards() : null
            : new(move.Order, MoveOutcome.Doubted, why) { Doubt = DoubtKind.Blocked };
    }

    internal static MoveVerdict? Expired(ExecutionMove move, ExecutionStep step, string why, MoveOutcome afterwards) =>
        move.Doubt is { Kind: DoubtKind.Blocked } doubt
            ? step.Now >= doubt.Since + step.Policy.Patience ? new(move.Order, afterwards, why) : null
            : new(move.Order, MoveOutcome.Doubted, why) { Doubt = DoubtKind.Blocked };

    private static MoveVerdict? Stalled(ExecutionMove move, ClusterObservation seen, ExecutionStep step)
    {
        var lastGrowth = seen.LastGrowth.TryGetValue(move.Order, out var at) ? at : move.StartedAt ?? step.Now;
        var isStalled = move.Adding.Any() && step.Now >= lastGrowth + step.Policy.StallAfter && step.Now >= (move.StartedAt ?? step.Now) + step.Policy.StallAfter;
        return (isStalled, move.Doubt) switch
        {
            (true, null) => new(move.Order, MoveOutcome.Doubted, "nothing was copied for a while although its brokers are up; the throttle may be below what producers write")
            {
                Doubt = DoubtKind.Stalled,
            },
            (true, { Kind: DoubtKind.Stalled }) or (false, null) => null,
            _ => new(move.Order, MoveOutcome.Cleared),
        };
    }

    internal static MoveVerdict? Unexpected(ExecutionMove move, ExecutionStep step, string why, MoveOutcome afterwards) =>
        move.Doubt is { Kind: DoubtKind.Unexpected } doubt
            ? step.IsSettled(doubt.Since) ? new(move.Order, afterwards, afterwards == MoveOutcome.Failed ? why : "") : null
            : new(move.Order, MoveOutcome.Doubted, why) { Doubt = DoubtKind.Unexpected };

    private static MoveVerdict Foreign(ExecutionMove move, string why) => new(move.Order, MoveOutcome.Failed, why);

    private static ImmutableArray<int> TargetOf(ObservedReassignment ongoing) =>
        [.. ongoing.Replicas.Where(broker => !ongoing.Removing.Contains(broker))];

    private static bool SameBrokers(ImmutableArray<int> one, ImmutableArray<int> other) =>
        one.Length == other.Length && one.All(broker => other.Contains(broker));

    internal static string Text(ImmutableArray<int> brokers) => $"[{string.Join(", ", brokers)}]";
}
