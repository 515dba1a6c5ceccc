using System.Text.Json.Serialization;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Execution;

/// <summary>Life of one move. The states that end in "ing", and Submitted, wait for what an observation of the cluster tells.</summary>
public enum MoveState
{
    Pending,

    /// <summary>Stored as to be sent; whether Kafka has it is not confirmed yet.</summary>
    Submitted,
    Running,
    Done,

    /// <summary>Its cancellation is stored; not confirmed yet.</summary>
    Reverting,

    /// <summary>Cancelled, and the list from before is submitted, because cancelling does not restore the order.</summary>
    Restoring,
    Reverted,
    Failed,
    Dropped,
}

/// <summary>Why a move waits or is looked at twice.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DoubtKind>))]
public enum DoubtKind
{
    /// <summary>The cluster shows what nobody here asked for; a lagging answer, or somebody else.</summary>
    Unexpected,

    /// <summary>A broker it needs is down or out of sync.</summary>
    Blocked,

    /// <summary>Nothing is copied although all it needs is there. For information; it goes on.</summary>
    Stalled,
}

/// <summary>A doubt about one move, since when, in words for a person.</summary>
public sealed record MoveDoubt(DoubtKind Kind, DateTimeOffset Since, string Why);

/// <summary>One move of an execution.</summary>
/// <param name="Order">Place in the plan, from 0.</param>
public sealed record ExecutionMove(int Order, PlannedMove Plan)
{
    public MoveState State { get; init; }

    /// <summary>When the last change for it was stored as to be sent.</summary>
    public DateTimeOffset? SentAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public MoveDoubt? Doubt { get; init; }

    /// <summary>Why it failed, was dropped or is being reverted.</summary>
    public string? Problem { get; init; }

    /// <summary>It is taken back because it can't finish, not because a person wished so.</summary>
    public bool FailsWhenReverted { get; init; }

    public bool IsElectionTried { get; init; }

    public bool IsEnded => State is MoveState.Done or MoveState.Reverted or MoveState.Failed or MoveState.Dropped;

    public bool IsInFlight => State is MoveState.Submitted or MoveState.Running or MoveState.Reverting or MoveState.Restoring;

    public IEnumerable<int> Adding => Plan.After.Where(broker => !Plan.Before.Contains(broker));

    public string Name => $"{Plan.Topic}-{Plan.Partition}";
}
