using System.Collections.Immutable;

namespace ControlPlane.Engine.Lag;

/// <summary>Causes of a lag, in the order in which they are looked for.</summary>
public enum LagCauseKind
{
    NoMembers,
    BrokerTrouble,
    OpenTransaction,
    RebalancingStorm,
    StuckMember,
    ProducerSurge,
    HotPartition,
    SlowMember,
    TooFewMembers,
}

/// <summary>Why a group is behind, with what says so.</summary>
/// <param name="Partitions">Places of the partitions that carry the evidence.</param>
/// <param name="Members">Numbers of the members that carry it.</param>
public sealed record LagCause(LagCauseKind Kind, string Sentence, ImmutableArray<int> Partitions, ImmutableArray<int> Members);

/// <summary>One partition as the search for a cause sees it. Rates are in records a second, NaN where unknown.</summary>
/// <param name="Usual">What is usually written.</param>
/// <param name="Member">Number of the member that owns it, -1 for none.</param>
/// <param name="IsInTrouble">Its leader is missing or its replicas are too few: the broker's doing, not the consumer's.</param>
public readonly record struct PartitionPicture(long Lag, double Consume, double Produce, double Usual, PartitionLagStatus Status, int Member, bool IsInTrouble)
{
    /// <summary>Its last commits are of one offset, with something left to read: whether it is slow or stuck is not known yet.</summary>
    public bool StandsStill { get; init; }

    /// <summary>It stands where an open transaction begins.</summary>
    public bool IsHeld { get; init; }

    public bool IsStuck => Status is PartitionLagStatus.Stop or PartitionLagStatus.Stall;
}

/// <summary>A group as the search for a cause sees it.</summary>
/// <param name="Members">Null where they are not known.</param>
/// <param name="Rebalances">Within the last ten minutes; null where they are not counted.</param>
public sealed record GroupPicture(ImmutableArray<PartitionPicture> Partitions, int? Members, int? Rebalances)
{
    /// <summary>Of all partitions; as a rough number, since only shares of it are asked for.</summary>
    public double Lag { get; } = Partitions.Sum(partition => Math.Max(0.0, partition.Lag));
}
