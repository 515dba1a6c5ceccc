using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Execution;

/// <summary>How to stop.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CancelMode>))]
public enum CancelMode
{
    None,

    /// <summary>What moves now ends its move.</summary>
    FinishInFlight,

    /// <summary>What moves now goes back.</summary>
    RevertInFlight,
}

/// <summary>What happened to an execution. The journal holds these and nothing else: applied in order they give its state.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TakenOver), "taken-over")]
[JsonDerivedType(typeof(Prepared), "prepared")]
[JsonDerivedType(typeof(MovesSent), "moves-sent")]
[JsonDerivedType(typeof(MovesUnsent), "moves-unsent")]
[JsonDerivedType(typeof(MovesSeen), "moves-running")]
[JsonDerivedType(typeof(MovesDone), "moves-done")]
[JsonDerivedType(typeof(MovesDoubted), "moves-doubted")]
[JsonDerivedType(typeof(MovesCleared), "moves-cleared")]
[JsonDerivedType(typeof(MovesFailed), "moves-failed")]
[JsonDerivedType(typeof(MovesDropped), "moves-dropped")]
[JsonDerivedType(typeof(RevertSent), "revert-sent")]
[JsonDerivedType(typeof(RevertRefused), "revert-refused")]
[JsonDerivedType(typeof(RestoreSent), "restore-sent")]
[JsonDerivedType(typeof(MovesReverted), "moves-reverted")]
[JsonDerivedType(typeof(ElectionsSent), "elections-sent")]
[JsonDerivedType(typeof(ThrottlesRecorded), "throttles-recorded")]
[JsonDerivedType(typeof(ThrottlesSet), "throttles-set")]
[JsonDerivedType(typeof(ThrottlesUnanswered), "throttles-unanswered")]
[JsonDerivedType(typeof(ThrottlesRemoved), "throttles-removed")]
[JsonDerivedType(typeof(ThrottlesRestored), "throttles-restored")]
[JsonDerivedType(typeof(ThrottlesOwed), "throttles-owed")]
[JsonDerivedType(typeof(PauseAsked), "pause-asked")]
[JsonDerivedType(typeof(ResumeAsked), "resume-asked")]
[JsonDerivedType(typeof(CancelAsked), "cancel-asked")]
[JsonDerivedType(typeof(LimitsChanged), "limits-changed")]
[JsonDerivedType(typeof(CleanupBegan), "cleanup-began")]
[JsonDerivedType(typeof(CleanupEnded), "cleanup-ended")]
[JsonDerivedType(typeof(Verified), "verified")]
[JsonDerivedType(typeof(Finished), "finished")]
public abstract record ExecutionEvent(DateTimeOffset At)
{
    public sealed record TakenOver(DateTimeOffset At, string Owner) : ExecutionEvent(At);

    public sealed record Prepared(DateTimeOffset At) : ExecutionEvent(At);

    /// <summary>Stored before they are sent: from here on Kafka may have them.</summary>
    public sealed record MovesSent(DateTimeOffset At, ImmutableArray<int> Moves) : ExecutionEvent(At);

    /// <summary>Kafka certainly does not have them; they wait again.</summary>
    public sealed record MovesUnsent(DateTimeOffset At, ImmutableArray<int> Moves, string Why) : ExecutionEvent(At);

    public sealed record MovesSeen(DateTimeOffset At, ImmutableArray<int> Moves) : ExecutionEvent(At);

    public sealed record MovesDone(DateTimeOffset At, ImmutableArray<int> Moves) : ExecutionEvent(At);

    public sealed record MovesDoubted(DateTimeOffset At, ImmutableArray<int> Moves, DoubtKind Kind, string Why) : ExecutionEvent(At);

    public sealed record MovesCleared(DateTimeOffset At, ImmutableArray<int> Moves) : ExecutionEvent(At);

    public sealed record MovesFailed(DateTimeOffset At, ImmutableArray<int> Moves, string Why) : ExecutionEvent(At);

    public sealed record MovesDropped(DateTimeOffset At, ImmutableArray<int> Moves, string Why) : ExecutionEvent(At);

    public sealed record RevertSent(DateTimeOffset At, ImmutableArray<int> Moves, bool Fails, string Why) : ExecutionEvent(At);

    public sealed record RevertRefused(DateTimeOffset At, ImmutableArray<int> Moves, string Why) : ExecutionEvent(At);

    public sealed record RestoreSent(DateTimeOffset At, ImmutableArray<int> Moves) : ExecutionEvent(At);

    public sealed record MovesReverted(DateTimeOffset At, ImmutableArray<int> Moves) : ExecutionEvent(At);

    public sealed record ElectionsSent(DateTimeOffset At, ImmutableArray<int> Moves) : ExecutionEvent(At);

    /// <summary>Stored before they are set, with what stood before.</summary>
    public sealed record ThrottlesRecorded(DateTimeOffset At, ImmutableArray<ThrottleNote> Notes) : ExecutionEvent(At);

    public sealed record ThrottlesSet(DateTimeOffset At, ImmutableArray<ThrottleKey> Keys) : ExecutionEvent(At);

    /// <summary>A change got no answer: until the settling time is over it may still arrive.</summary>
    public sealed record ThrottlesUnanswered(DateTimeOffset At, ImmutableArray<ThrottleKey> Keys) : ExecutionEvent(At);

    /// <summary>Kafka took the removal.</summary>
    public sealed record ThrottlesRemoved(DateTimeOffset At, ImmutableArray<ThrottleKey> Keys) : ExecutionEvent(At);

    public sealed record ThrottlesRestored(DateTimeOffset At, ImmutableArray<ThrottleKey> Keys) : ExecutionEvent(At);

    public sealed record ThrottlesOwed(DateTimeOffset At, ImmutableArray<ThrottleKey> Keys, string Why) : ExecutionEvent(At);

    public sealed record PauseAsked(DateTimeOffset At, string By, string? Why) : ExecutionEvent(At);

    public sealed record ResumeAsked(DateTimeOffset At, string By, string? Why) : ExecutionEvent(At);

    public sealed record CancelAsked(DateTimeOffset At, CancelMode Mode, string By, string? Why) : ExecutionEvent(At);

    public sealed record LimitsChanged(DateTimeOffset At, ExecutionLimits Limits, string By, string? Why) : ExecutionEvent(At);

    public sealed record CleanupBegan(DateTimeOffset At) : ExecutionEvent(At);

    public sealed record CleanupEnded(DateTimeOffset At) : ExecutionEvent(At);

    public sealed record Verified(DateTimeOffset At, int Checked, ImmutableArray<string> Differences) : ExecutionEvent(At);

    public sealed record Finished(DateTimeOffset At, ExecutionStage Outcome, ImmutableArray<string> Residue) : ExecutionEvent(At);
}

/// <summary>What is added to the ledger under one key.</summary>
public sealed record ThrottleNote(ThrottleKey Key, ImmutableArray<string> Values, string? Before);
