using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>What a plan is for.</summary>
public enum PlanMode
{
    /// <summary>Restores the replicas of dead brokers and dead log dirs on living ones.</summary>
    FixOffline,

    // What the optimizer plans; see OptimizerMode.
    Rebalance,
    AddBrokers,
    RemoveBrokers,
    DemoteBrokers,
    ReplicationFactor,
    RackRepair,
    RemoveDirs,
    DiskBalance,
    MinimalRepair,
    KafkaAssigner,
    PreferredLeaders,
}

/// <summary>Order classes of moves: what protects data goes first (optimizer.md 10).</summary>
public enum MoveClass
{
    /// <summary>The partition is offline or under min ISR.</summary>
    DataAtRisk,

    /// <summary>A replica is lost; the partition is under-replicated.</summary>
    Offline,
    Rack,
    Capacity,
    Balance,
}

/// <summary>
/// New replica list of one partition, in the names that Kafka takes: a stored plan outlives the picture it was made from.
/// </summary>
/// <param name="TopicId">Guid.Empty where Kafka is too old to have one; a topic made anew under its name must not be touched.</param>
/// <param name="Before">Broker ids, preferred leader first, when the plan was made.</param>
/// <param name="After">Broker ids, preferred leader first.</param>
/// <param name="Bytes">To be copied in all; null where no replica's size is known.</param>
/// <param name="Reason">A sentence for a person.</param>
public sealed record PlannedMove(
    string Topic,
    Guid TopicId,
    int Partition,
    ImmutableArray<int> Before,
    ImmutableArray<int> After,
    long? Bytes,
    MoveClass Class,
    string Reason)
{
    /// <summary>Log dirs asked for. Where the replica is new on its broker: where it shall be made; else it moves there from another.</summary>
    public ImmutableArray<PlannedDir> Dirs { get; init; } = [];

    /// <summary>Broker ids; null: none, or the plan is older than this field.</summary>
    public int? LeaderBefore { get; init; }

    public int? LeaderAfter { get; init; }

    /// <summary>The goal it serves most; null: none in particular.</summary>
    public string? Goal { get; init; }

    /// <summary>What it does to Kafka.</summary>
    public MoveKind Kind => !Before.SequenceEqual(After) ? MoveKind.Replicas
        : Dirs.IsEmpty ? MoveKind.Election
        : MoveKind.Dirs;
}

/// <summary>What a move does to Kafka.</summary>
public enum MoveKind
{
    /// <summary>Another replica list: other brokers, another order, or another number of them.</summary>
    Replicas,

    /// <summary>The list is as it shall be; its first replica shall lead.</summary>
    Election,

    /// <summary>A replica goes to another log dir of its broker.</summary>
    Dirs,
}

/// <summary>Where on a broker a replica shall lie.</summary>
/// <param name="From">Where it lies when the plan is made; null: nowhere yet, or not known.</param>
public sealed record PlannedDir(int Broker, string? From, string To);

/// <summary>All loads of one broker by <see cref="Lane"/>, before and after.</summary>
/// <param name="State">alive, new, dead, demoted or excluded.</param>
/// <param name="Capacity">Of the whole broker; NaN where unknown, or where the lane has none.</param>
/// <param name="Limit">Hard limit; NaN where there is none.</param>
/// <param name="Low">Lower edge of the goal's band; NaN where there is none.</param>
/// <param name="High">Upper edge of the goal's band; NaN where there is none.</param>
public sealed record BrokerLanes(
    int BrokerId,
    string? Rack,
    string State,
    ImmutableArray<double> Before,
    ImmutableArray<double> After,
    ImmutableArray<double> Capacity,
    ImmutableArray<double> Limit,
    ImmutableArray<double> Low,
    ImmutableArray<double> High);

/// <summary>What a broker carries, measured or planned; null where unknown.</summary>
public sealed record BrokerBurden(int Replicas, int Leaders, long? DiskBytes, double? BytesIn);

/// <summary>A broker before the plan and after it.</summary>
/// <param name="DiskCapacity">Bytes of its log dirs' volumes; null where the broker does not tell.</param>
/// <param name="PeakDiskBytes">Most it may hold while the plan runs.</param>
public sealed record BrokerChange(
    int BrokerId, string? Rack, bool IsAlive, BrokerBurden Before, BrokerBurden After, long? DiskCapacity, long? PeakDiskBytes, long BytesToReceive, long BytesToSend);

/// <summary>What may go wrong while the plan runs.</summary>
public sealed record PlanRisk(Status Status, string Kind, string Sentence);

/// <summary>A replica that could not be placed, and why.</summary>
public sealed record UnplacedReplica(string Topic, int Partition, int LostBroker, string Why);

/// <summary>What the independent check of the plan found, from the placement alone.</summary>
public sealed record PlanVerdict(bool IsSound, ImmutableArray<string> Problems);

/// <summary>How the executor shall go about a plan.</summary>
/// <param name="MovesPerBroker">Most partitions a broker sends or receives at a time.</param>
/// <param name="ThrottleBytesPerSecond">Replication throttle per broker; null: none.</param>
public sealed record ExecutionLimits(int MovesPerBroker, long? ThrottleBytesPerSecond)
{
    public static ExecutionLimits Default { get; } = new(10, 50_000_000);
}

/// <summary>Ordered moves with what they are for, what they change and what is risky about them. Immutable once made.</summary>
/// <param name="Generation">Generation of the picture it was made from.</param>
public sealed record RebalancePlan(Guid Id, ClusterId Cluster, PlanMode Mode, DateTimeOffset MadeAt, long Generation)
{
    /// <summary>Kafka's own cluster id then: a plan must not run on another cluster behind the same address.</summary>
    public string? KafkaClusterId { get; init; }

    /// <summary>Brokers whose replicas are restored.</summary>
    public ImmutableArray<int> LostBrokers { get; init; } = [];

    /// <summary>In the order of execution.</summary>
    public ImmutableArray<PlannedMove> Moves { get; init; } = [];

    public ImmutableArray<BrokerChange> Brokers { get; init; } = [];

    public ImmutableArray<PlanRisk> Risks { get; init; } = [];

    public ImmutableArray<UnplacedReplica> Unplaced { get; init; } = [];

    /// <summary>Of the optimizer; empty where a plan was not made by it.</summary>
    public ImmutableArray<GoalOutcome> Goals { get; init; } = [];

    public ImmutableArray<BrokerLanes> Lanes { get; init; } = [];

    /// <summary>What had to be assumed, as sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    public LowerBound? Bound { get; init; }

    public OutcomeKind Outcome { get; init; } = OutcomeKind.Ok;

    public ImmutableArray<InfeasibilityProof> Proofs { get; init; } = [];

    /// <summary>From the model read to the plan ready.</summary>
    public double SearchSeconds { get; init; }

    /// <summary>What was asked, as the API was asked it; null where nobody kept it.</summary>
    public string? Request { get; init; }

    /// <summary>Bytes to be copied inside brokers, beside <see cref="Bytes"/>.</summary>
    public long DirBytes => Moves.Where(move => move.Kind == MoveKind.Dirs).Sum(move => move.Bytes ?? 0);

    /// <summary>The search was ended early; this is the best until then.</summary>
    public bool IsCut { get; init; }

    /// <summary>New copies on brokers, not counting log dirs.</summary>
    public int ReplicaMoves => Moves.Sum(move => move.After.Count(broker => !move.Before.Contains(broker)));

    public int LeaderMoves => Moves.Count(move => move.LeaderAfter is not null && move.LeaderAfter != move.LeaderBefore);

    public required PlanVerdict Verdict { get; init; }

    public ExecutionLimits Limits { get; init; } = ExecutionLimits.Default;

    /// <summary>To be copied in all, as far as sizes are known.</summary>
    public long Bytes => Moves.Where(move => move.Kind != MoveKind.Dirs).Sum(move => move.Bytes ?? 0);
}
