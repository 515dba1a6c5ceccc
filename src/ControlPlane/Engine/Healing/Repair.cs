using System.Collections.Immutable;

namespace ControlPlane.Engine.Healing;

/// <summary>How far a plan came, as healing tells it apart.</summary>
public enum RepairState
{
    /// <summary>Made, and waiting for a yes.</summary>
    Proposed,

    /// <summary>Made from a picture that no longer holds; it can't be approved any more.</summary>
    Stale,

    /// <summary>Approved or being carried out.</summary>
    Running,
    Done,
    Cancelled,
    Failed,

    /// <summary>A person said no to it.</summary>
    Discarded,
}

/// <summary>A plan that repairs something, whoever made it.</summary>
/// <param name="IsByPolicy">Made by the healing policy.</param>
/// <param name="At">When it was made.</param>
/// <param name="EndedAt">When it was done, cancelled, discarded or failed.</param>
/// <param name="Summary">What it does, with numbers.</param>
public sealed record Repair(
    Guid PlanId, Guid? AnomalyId, RepairState State, bool IsByPolicy, DateTimeOffset At, DateTimeOffset? EndedAt, Guid? ExecutionId, string Summary)
{
    /// <summary>Of one that waits for a yes: what changed since it was made. None while it fits the cluster, or where that can't be told.</summary>
    public ImmutableArray<string> Changes { get; init; } = [];

    public bool HasEnded => State is RepairState.Done or RepairState.Cancelled or RepairState.Failed or RepairState.Discarded;
}

/// <summary>What else is done, or was done, in the cluster.</summary>
/// <param name="Repairs">Those of this anomaly, oldest first, and those of others that run.</param>
/// <param name="HealedLastDay">Healings of other anomalies begun within the last 24 hours.</param>
public sealed record ClusterWork(ImmutableArray<Repair> Repairs, int HealedLastDay)
{
    public static ClusterWork None { get; } = new([], 0);
}
