using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Execution;

/// <summary>Where an execution stands as a whole.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ExecutionStage>))]
public enum ExecutionStage
{
    Preparing,
    Moving,
    CleaningUp,
    Verifying,
    Done,
    Cancelled,
    Failed,
}

/// <summary>State of one execution: what its plan and its journal say, nothing else.</summary>
public sealed record ExecutionState
{
    public required ImmutableArray<ExecutionMove> Moves { get; init; }

    public required ExecutionLimits Limits { get; init; }

    public string? KafkaClusterId { get; init; }

    public ExecutionStage Stage { get; init; }

    public bool IsPauseAsked { get; init; }

    public CancelMode Cancel { get; init; }

    public ImmutableDictionary<ThrottleKey, Throttle> Throttles { get; init; } = ImmutableDictionary<ThrottleKey, Throttle>.Empty;

    public string? Owner { get; init; }

    public ExecutionEvent.Verified? Verdict { get; init; }

    public ExecutionEvent.Finished? Result { get; init; }

    public bool IsEnded => Stage is ExecutionStage.Done or ExecutionStage.Cancelled or ExecutionStage.Failed;

    /// <summary>Nothing is left to do, not even a throttle to be removed.</summary>
    public bool IsSettled => IsEnded && Throttles.Values.All(throttle => !throttle.IsOpen);

    public static ExecutionState Of(IReadOnlyList<PlannedMove> moves, ExecutionLimits limits, string? kafkaClusterId) => new()
    {
        Moves = [.. moves.Select((move, order) => new ExecutionMove(order, move))],
        Limits = limits,
        KafkaClusterId = kafkaClusterId,
    };

    public ExecutionState Apply(ExecutionEvent change) => change switch
    {
        ExecutionEvent.TakenOver taken => TakeOver(taken),
        ExecutionEvent.Prepared => this with { Stage = ExecutionStage.Moving },
        ExecutionEvent.PauseAsked => this with { IsPauseAsked = true },
        ExecutionEvent.ResumeAsked => this with { IsPauseAsked = false },
        ExecutionEvent.CancelAsked cancel => this with { Cancel = cancel.Mode, IsPauseAsked = false },
        ExecutionEvent.LimitsChanged limits => this with { Limits = limits.Limits },
        ExecutionEvent.CleanupBegan => this with { Stage = ExecutionStage.CleaningUp },
        ExecutionEvent.CleanupEnded => this with { Stage = ExecutionStage.Verifying },
        ExecutionEvent.Verified verified => this with { Verdict = verified },
        ExecutionEvent.Finished end => this with { Stage = end.Outcome, Result = end },
        ExecutionEvent.ThrottlesRecorded recorded => Record(recorded),
        ExecutionEvent.ThrottlesSet set => Mark(set.Keys, ThrottleState.Set),
        ExecutionEvent.ThrottlesRemoved removed => Mark(removed.Keys, ThrottleState.Removed),
        ExecutionEvent.ThrottlesUnanswered unanswered => Doubt(unanswered.Keys, unanswered.At),
        ExecutionEvent.ThrottlesOwed owed => Mark(owed.Keys, ThrottleState.Owed),
        ExecutionEvent.ThrottlesRestored restored => Mark(restored.Keys, ThrottleState.Restored),
        _ => ApplyToMoves(change),
    };

    private ExecutionState ApplyToMoves(ExecutionEvent change) => change switch
    {
        ExecutionEvent.MovesSent sent => Each(sent.Moves, move => move with
        {
            State = MoveState.Submitted,
            SentAt = sent.At,
            StartedAt = move.StartedAt ?? sent.At,
            Doubt = null,
        }),
        ExecutionEvent.MovesUnsent unsent => Each(unsent.Moves, move => move with { State = MoveState.Pending, StartedAt = null, Doubt = null }),
        ExecutionEvent.MovesSeen seen => Each(seen.Moves, move => move with { State = MoveState.Running, StartedAt = move.StartedAt ?? seen.At, Doubt = null }),
        ExecutionEvent.MovesDone done => Each(done.Moves, move => End(move, MoveState.Done, done.At, null)),
        ExecutionEvent.MovesDoubted doubted => Each(doubted.Moves, move => move with { Doubt = new MoveDoubt(doubted.Kind, doubted.At, doubted.Why) }),
        ExecutionEvent.MovesCleared cleared => Each(cleared.Moves, move => move with { Doubt = null }),
        ExecutionEvent.MovesFailed failed => Each(failed.Moves, move => End(move, MoveState.Failed, failed.At, failed.Why)),
        ExecutionEvent.MovesDropped dropped => Each(dropped.Moves, move => End(move, MoveState.Dropped, dropped.At, dropped.Why)),
        ExecutionEvent.RevertSent revert => Each(revert.Moves, move => move with
        {
            State = MoveState.Reverting,
            SentAt = revert.At,
            FailsWhenReverted = revert.Fails,
            Problem = revert.Why,
            Doubt = null,
        }),
        ExecutionEvent.RevertRefused refused => Each(refused.Moves, move => move with { State = MoveState.Running, SentAt = refused.At, Problem = null, Doubt = null }),
        ExecutionEvent.RestoreSent restore => Each(restore.Moves, move => move with { State = MoveState.Restoring, SentAt = restore.At, Doubt = null }),
        ExecutionEvent.MovesReverted reverted => Each(reverted.Moves, move =>
            End(move, move.FailsWhenReverted ? MoveState.Failed : MoveState.Reverted, reverted.At, move.Problem)),
        ExecutionEvent.ElectionsSent elected => Each(elected.Moves, move => move with { IsElectionTried = true }),
        _ => throw new InvalidOperationException($"Unhandled execution event {change.GetType().Name}"),
    };

    private static ExecutionMove End(ExecutionMove move, MoveState state, DateTimeOffset at, string? why) =>
        move with { State = state, FinishedAt = at, Problem = why, Doubt = null };

    private ExecutionState Each(ImmutableArray<int> orders, Func<ExecutionMove, ExecutionMove> change)
    {
        var moves = Moves.ToBuilder();
        foreach (var order in orders)
        {
            moves[order] = change(moves[order]);
        }

        return this with { Moves = moves.MoveToImmutable() };
    }

    private ExecutionState Record(ExecutionEvent.ThrottlesRecorded recorded)
    {
        var ledger = Throttles.ToBuilder();
        foreach (var note in recorded.Notes)
        {
            // What stood before is what the first note says, until all of ours is gone again.
            ledger[note.Key] = ledger.TryGetValue(note.Key, out var old) && old.IsOpen
                ? old with { Values = [.. old.Values.Except(note.Values), .. note.Values], State = ThrottleState.Recorded, RecordedAt = recorded.At }
                : new Throttle(note.Key, note.Values, note.Before, ThrottleState.Recorded, recorded.At);
        }

        return this with { Throttles = ledger.ToImmutable() };
    }

    /// <summary>What its predecessor sent for throttles that are open may arrive a little later. One who begins anew has none.</summary>
    private ExecutionState TakeOver(ExecutionEvent.TakenOver taken) =>
        (this with { Owner = taken.Owner }).Doubt(Throttles.Values.Where(throttle => throttle.IsOpen).Select(throttle => throttle.Key), taken.At);

    private ExecutionState Doubt(IEnumerable<ThrottleKey> keys, DateTimeOffset since)
    {
        var ledger = Throttles.ToBuilder();
        foreach (var key in keys)
        {
            ledger[key] = ledger[key] with { UncertainSince = since };
        }

        return this with { Throttles = ledger.ToImmutable() };
    }

    private ExecutionState Mark(ImmutableArray<ThrottleKey> keys, ThrottleState state)
    {
        var ledger = Throttles.ToBuilder();
        foreach (var key in keys)
        {
            ledger[key] = ledger[key] with { State = state };
        }

        return this with { Throttles = ledger.ToImmutable() };
    }
}
