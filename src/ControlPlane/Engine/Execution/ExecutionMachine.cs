using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Execution;

/// <summary>
/// Decides what an execution does next. Pure: the caller stores the events, and only once they are stored performs the effects.
/// What came of a change that was sent is read from the cluster, never assumed.
/// </summary>
public static class ExecutionMachine
{
    public static ExecutionDecision Decide(ExecutionState state, ExecutionInput input, ExecutionPolicy policy, DateTimeOffset now)
    {
        var step = new ExecutionStep(state, policy, now);
        switch (input)
        {
            case ExecutionInput.TookOver taken:
                step.Emit(new ExecutionEvent.TakenOver(now, taken.Owner));
                break;
            case ExecutionInput.Commanded { Command: var command }:
                Obey(command, step);
                break;
            case ExecutionInput.Observed { Cluster: var seen }:
                Observe(seen, step);
                break;
            case ExecutionInput.Reassigned { Answers: var answers }:
                Hear(answers, step);
                break;
            case ExecutionInput.ThrottlesAltered { Answers: var answers, Changes: var changes }:
                Hear(answers, changes, step);
                break;
            default:
                throw new InvalidOperationException($"Unhandled execution input {input.GetType().Name}");
        }

        return step.Decision;
    }

    private static void Obey(ExecutionCommand command, ExecutionStep step)
    {
        if (CommandRules.Refuse(step.State, command) is not null)
        {
            return;
        }

        step.Emit(command switch
        {
            ExecutionCommand.Pause => new ExecutionEvent.PauseAsked(step.Now, command.By, command.Why),
            ExecutionCommand.Resume => new ExecutionEvent.ResumeAsked(step.Now, command.By, command.Why),
            ExecutionCommand.Cancel cancel => new ExecutionEvent.CancelAsked(step.Now, cancel.Mode, command.By, command.Why),
            ExecutionCommand.ChangeLimits change => new ExecutionEvent.LimitsChanged(step.Now, change.Limits, command.By, command.Why),
            _ => throw new InvalidOperationException($"Unhandled execution command {command.GetType().Name}"),
        });
    }

    private static void Observe(ClusterObservation seen, ExecutionStep step)
    {
        if (step.State.KafkaClusterId is { } expected && seen.KafkaClusterId is { } id && id != expected)
        {
            Refuse($"another cluster answers here: {id}, the plan was made for {expected}", step);
            return;
        }

        if (step.State.IsEnded)
        {
            ThrottleRules.Release(seen, step); // what brokers that were down still owe
            return;
        }

        if (step.State.Stage == ExecutionStage.Preparing)
        {
            step.Emit(new ExecutionEvent.Prepared(step.Now));
        }

        if (step.State.Stage == ExecutionStage.Moving)
        {
            Move(seen, step);
        }

        if (step.State.Stage == ExecutionStage.CleaningUp && ThrottleRules.Release(seen, step))
        {
            step.Emit(new ExecutionEvent.CleanupEnded(step.Now));
        }

        if (step.State.Stage == ExecutionStage.Verifying)
        {
            VerificationRules.Verify(seen, step);
        }
    }

    /// <summary>Nothing may be done there: what has not begun never begins, the rest waits until the right cluster answers again.</summary>
    private static void Refuse(string why, ExecutionStep step)
    {
        if (step.State.Stage == ExecutionStage.Preparing)
        {
            step.Emit(new ExecutionEvent.Prepared(step.Now));
            step.Emit(new ExecutionEvent.MovesFailed(step.Now, [.. step.State.Moves.Select(move => move.Order)], why));
            step.Emit(new ExecutionEvent.Finished(step.Now, ExecutionStage.Failed, [why]));
        }
    }

    private static void Move(ClusterObservation seen, ExecutionStep step)
    {
        Judge(seen, step);
        if (step.State.Cancel != CancelMode.None)
        {
            WindDown(seen, step);
        }
        else if (!step.State.IsPauseAsked)
        {
            Begin(seen, step);
        }

        if (!Elect(seen, step) && step.State.Moves.All(move => move.IsEnded))
        {
            step.Emit(new ExecutionEvent.CleanupBegan(step.Now)); // and nothing is asserted any more in this decision
        }
        else if (step.State.Limits.ThrottleBytesPerSecond is null)
        {
            ThrottleRules.Release(seen, step);
        }
        else
        {
            ThrottleRules.FollowLimits(step);
            ThrottleRules.Assert(seen, step);
        }
    }

    private static void Judge(ClusterObservation seen, ExecutionStep step)
    {
        var verdicts = step.State.Moves.Where(move => !move.IsEnded).Select(move => MoveRules.Judge(move, seen, step)).OfType<MoveVerdict>().ToList();
        step.EmitVerdicts(verdicts);
        foreach (var verdict in verdicts)
        {
            if (verdict.Outcome is MoveOutcome.Revert or MoveOutcome.Restore)
            {
                var move = step.State.Moves[verdict.Order];
                step.Send(move, verdict.Outcome == MoveOutcome.Revert ? null : move.Plan.Before);
            }
        }
    }

    private static void WindDown(ClusterObservation seen, ExecutionStep step)
    {
        Emit(MoveState.Pending, orders => new ExecutionEvent.MovesDropped(step.Now, orders, "cancelled before it began"), _ => true);
        if (step.State.Cancel == CancelMode.RevertInFlight)
        {
            var going = Emit(
                MoveState.Running,
                orders => new ExecutionEvent.RevertSent(step.Now, orders, Fails: false, "cancelled"),
                move => MoveRules.CanRevert(move, seen) && MayRevert(move));
            foreach (var order in going)
            {
                step.Send(step.State.Moves[order], null);
            }
        }

        // One that was just submitted may be cancelled at once; one whose cancellation was refused is tried again later.
        bool MayRevert(ExecutionMove move) => (move.Plan.Kind == MoveKind.Dirs || seen.Ongoing.ContainsKey((move.Plan.Topic, move.Plan.Partition))) && (move.SentAt == move.StartedAt || step.IsSettled(move.SentAt));

        ImmutableArray<int> Emit(MoveState state, Func<ImmutableArray<int>, ExecutionEvent> change, Func<ExecutionMove, bool> picks)
        {
            ImmutableArray<int> orders = [.. step.State.Moves.Where(move => move.State == state && picks(move)).Select(move => move.Order)];
            if (!orders.IsEmpty)
            {
                step.Emit(change(orders));
            }

            return orders;
        }
    }

    private static void Begin(ClusterObservation seen, ExecutionStep step)
    {
        var batch = BatchRules.Next(seen, step);
        var ready = ThrottleRules.Prepare(batch, seen, step)[true].ToList();
        if (ready.Count > 0)
        {
            step.Emit(new ExecutionEvent.MovesSent(step.Now, [.. ready.Select(move => move.Order)]));
            ready.ForEach(move => step.Send(move, move.Plan.After));
        }
        else if (batch.Count == 0 && !step.State.Moves.Any(move => move.IsInFlight))
        {
            step.EmitVerdicts(step.State.Moves
                .Where(move => move.State == MoveState.Pending && move.Doubt is null)
                .Select(move => BatchRules.NoRoom(move, seen) is { } why ? new MoveVerdict(move.Order, MoveOutcome.Failed, why) : null)
                .OfType<MoveVerdict>()
                .ToList());
        }
    }

    /// <summary>Leaders go to the first of the list once; whether Kafka did it shows in the picture, and it tries by itself, too.</summary>
    private static bool Elect(ClusterObservation seen, ExecutionStep step)
    {
        var moves = step.State.Moves.Where(move => NeedsElection(move, seen)).Take(step.Policy.ElectionBatch).ToList();
        if (moves.Count == 0)
        {
            return false;
        }

        step.Emit(new ExecutionEvent.ElectionsSent(step.Now, [.. moves.Select(move => move.Order)]));
        step.Do(new ExecutionEffect.Elect([.. moves.Select(move => new ReassignmentWish(move.Order, move.Plan.Topic, move.Plan.Partition, null))]));
        return true;
    }

    private static bool NeedsElection(ExecutionMove move, ClusterObservation seen)
    {
        if (move.IsElectionTried || move.Plan.Kind != MoveKind.Replicas || move.State is not (MoveState.Done or MoveState.Reverted)
            || !seen.Topics.TryGetValue(move.Plan.Topic, out var topic) || !topic.Partitions.TryGetValue(move.Plan.Partition, out var partition))
        {
            return false;
        }

        var preferred = partition.Replicas[0];
        return partition.Leader != preferred && partition.InSync.Contains(preferred) && seen.Alive.Contains(preferred)
            && preferred == (move.State == MoveState.Done ? move.Plan.After[0] : move.Plan.Before[0]);
    }

    private static void Hear(ImmutableArray<MoveAnswer> answers, ExecutionStep step)
    {
        foreach (var answer in answers)
        {
            var move = step.State.Moves[answer.Order];
            ExecutionEvent? change = (move.State, answer.Kind) switch
            {
                (MoveState.Submitted, AnswerKind.Accepted) => new ExecutionEvent.MovesSeen(step.Now, [move.Order]),
                (MoveState.Submitted, AnswerKind.NotSent) => new ExecutionEvent.MovesUnsent(step.Now, [move.Order], answer.Error ?? "the controller did not take it"),
                (MoveState.Submitted, AnswerKind.Refused) when answer.Error?.StartsWith("ELECTION_NOT_NEEDED", StringComparison.Ordinal) == true =>
                    new ExecutionEvent.MovesSeen(step.Now, [move.Order]), // that one leads already; the next observation tells
                (MoveState.Submitted, AnswerKind.Refused) => new ExecutionEvent.MovesFailed(step.Now, [move.Order], $"Kafka refused it: {answer.Error}"),
                (MoveState.Reverting, AnswerKind.Refused) when answer.Error?.StartsWith("NO_REASSIGNMENT", StringComparison.Ordinal) != true =>
                    new ExecutionEvent.RevertRefused(step.Now, [move.Order], $"Kafka refused to cancel it: {answer.Error}"),
                (MoveState.Restoring, AnswerKind.Refused) =>
                    new ExecutionEvent.MovesFailed(step.Now, [move.Order], $"Kafka refused to put {MoveRules.Text(move.Plan.Before)} back: {answer.Error}"),
                _ => null, // the next observation tells
            };
            if (change is not null)
            {
                step.Emit(change);
            }
        }
    }

    /// <summary>Moves without the throttle that was asked for are not begun: a person decides.</summary>
    private static void Hear(ImmutableArray<ThrottleAnswer> answers, ImmutableArray<ThrottleChange> changes, ExecutionStep step)
    {
        ThrottleRules.Note(answers, changes, step);
        if (answers.FirstOrDefault(answer => answer.Kind == AnswerKind.Refused) is { } refused
            && step.State is { Stage: ExecutionStage.Moving, IsPauseAsked: false, Cancel: CancelMode.None })
        {
            step.Emit(new ExecutionEvent.PauseAsked(step.Now, "the product", $"Kafka refused the throttle {refused.Key}: {refused.Error}. Set the throttle to 0 or allow it, then resume"));
        }
    }
}
