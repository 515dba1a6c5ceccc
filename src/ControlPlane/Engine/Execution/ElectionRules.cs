namespace ControlPlane.Engine.Execution;

/// <summary>Judges moves that only bring leadership to the first replica of a list that is as it shall be.</summary>
internal static class ElectionRules
{
    public static MoveVerdict? Judge(ExecutionMove move, ObservedPartition partition, ClusterObservation seen, ExecutionStep step)
    {
        var preferred = move.Plan.After[0];
        if (partition.Leader == preferred && partition.Replicas.Contains(preferred))
        {
            return new(move.Order, MoveOutcome.Done);
        }

        if (!partition.Replicas.SequenceEqual(move.Plan.After))
        {
            return MoveRules.Unexpected(move, step, $"somebody else changed its replicas to {MoveRules.Text(partition.Replicas)}", MoveOutcome.Failed);
        }

        var why = !seen.Alive.Contains(preferred) ? $"broker {preferred}, which shall lead, is down"
            : !partition.InSync.Contains(preferred) ? $"the replica on broker {preferred}, which shall lead, is not in sync"
            : null;
        if (why is not null)
        {
            return step.State.IsPauseAsked && move.State == MoveState.Pending ? null : MoveRules.Expired(move, step, why, MoveOutcome.Failed);
        }

        // Only what was sent and settled without effect is worth another try; Kafka says yes to each election it can do.
        return move.State is MoveState.Submitted or MoveState.Running && step.IsSettled(move.SentAt) ? new(move.Order, MoveOutcome.Unsent, $"broker {partition.Leader} leads still")
            : move.Doubt is null || move.State != MoveState.Pending ? null
            : new(move.Order, MoveOutcome.Cleared);
    }
}
