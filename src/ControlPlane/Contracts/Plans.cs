namespace ControlPlane.Contracts;

/// <summary>
/// A wish for a plan. Mode: fix-offline (POST plans, which answers at once) or any (POST optimizer-runs): fix-offline, rebalance, add-brokers, remove-brokers,
/// demote-brokers, replication-factor, rack-repair, remove-dirs, disk-balance, minimal-repair, kafka-assigner, preferred-leaders.
/// Making one changes nothing in Kafka.
/// </summary>
/// <param name="Brokers">Whom the mode is about; null: all that are down (fix-offline) or new (add-brokers), or every one (disk-balance).</param>
/// <param name="AnomalyId">The anomaly it is to repair, if any.</param>
/// <param name="MovesPerBroker">Most partitions a broker sends or receives at a time; null: the default.</param>
/// <param name="ThrottleBytesPerSecond">Replication throttle per broker; null: the default, 0: none.</param>
/// <param name="Options">What the optimizer shall respect; null: nothing but its defaults.</param>
public sealed record CreatePlanRequest(
    string Mode,
    IReadOnlyList<int>? Brokers = null,
    Guid? AnomalyId = null,
    int? MovesPerBroker = null,
    long? ThrottleBytesPerSecond = null,
    PlanOptionsDto? Options = null);

/// <summary>
/// A plan. State: proposed, stale, approved, executing, done, cancelled, failed or discarded. A stale one was made from a picture
/// that no longer holds; Problem says what changed.
/// </summary>
/// <param name="Hash">Of everything that would be done. Approving names it, so nobody approves what he has not seen.</param>
/// <param name="Sentence">What it would do, with numbers.</param>
/// <param name="EstimatedSeconds">At its throttle; null without throttle or where sizes are unknown.</param>
public sealed record PlanDto(
    Guid Id,
    string Cluster,
    string Mode,
    string State,
    StatusWord Status,
    string Hash,
    string Sentence,
    string? Problem,
    DateTimeOffset MadeAt,
    string MadeBy,
    Guid? AnomalyId,
    IReadOnlyList<int> LostBrokers,
    int Moves,
    int Unplaced,
    long Bytes,
    double? EstimatedSeconds,
    int MovesPerBroker,
    long? ThrottleBytesPerSecond,
    bool IsSound,
    DateTimeOffset? DecidedAt,
    string? DecidedBy,
    string? Reason,
    Guid? ExecutionId);

/// <summary>A plan with what it changes on each broker and what is risky about it.</summary>
/// <param name="Findings">What the optimizer found; null for a plan that it did not make.</param>
public sealed record PlanDetailDto(
    PlanDto Plan,
    IReadOnlyList<BrokerChangeDto> Brokers,
    IReadOnlyList<PlanRiskDto> Risks,
    IReadOnlyList<UnplacedReplicaDto> Unplaced,
    IReadOnlyList<string> Problems,
    PlanFindingsDto? Findings = null);

/// <summary>A broker before the plan and after it; null where unknown.</summary>
/// <param name="PeakDiskBytes">Most it may hold while the plan runs.</param>
public sealed record BrokerChangeDto(
    int BrokerId,
    string? Rack,
    bool IsAlive,
    BrokerBurdenDto Before,
    BrokerBurdenDto After,
    long? DiskCapacity,
    long? PeakDiskBytes,
    long BytesToReceive,
    long BytesToSend);

/// <summary>What a broker carries.</summary>
public sealed record BrokerBurdenDto(int Replicas, int Leaders, long? DiskBytes, double? BytesIn);

/// <summary>What may go wrong while the plan runs.</summary>
public sealed record PlanRiskDto(StatusWord Status, string Kind, string Sentence);

/// <summary>A replica that could not be placed.</summary>
public sealed record UnplacedReplicaDto(string Topic, int Partition, int LostBroker, string Why);

/// <summary>One move of a plan. Class: data-at-risk, offline, rack, capacity or balance.</summary>
/// <param name="Order">Place in the order of execution, from 0.</param>
/// <param name="Before">Broker ids, preferred leader first.</param>
/// <param name="Bytes">To be copied between brokers.</param>
/// <param name="Goal">The goal it serves, by Cruise Control's name; null for a plan that the optimizer did not make.</param>
/// <param name="LeaderBefore">Broker id; null: none, or not recorded.</param>
/// <param name="DirsBefore">Log dir at each place of Before; null where unknown.</param>
/// <param name="DirsAfter">Log dir asked for at each place of After; null: Kafka chooses.</param>
/// <param name="DirBytes">To be copied between log dirs of one broker.</param>
public sealed record PlannedMoveDto(
    int Order,
    string Topic,
    int Partition,
    IReadOnlyList<int> Before,
    IReadOnlyList<int> After,
    long? Bytes,
    string Class,
    string Reason,
    string? Goal = null,
    int? LeaderBefore = null,
    int? LeaderAfter = null,
    IReadOnlyList<string?>? DirsBefore = null,
    IReadOnlyList<string?>? DirsAfter = null,
    long? DirBytes = null);

/// <summary>What a plan moves of one topic, or onto and off one broker.</summary>
/// <param name="Name">The topic, or the broker's id.</param>
/// <param name="Moves">Partitions whose replicas change.</param>
/// <param name="LeaderMoves">Partitions of which only the leadership changes.</param>
/// <param name="Bytes">To be copied; by broker: received.</param>
/// <param name="BytesSent">By broker only.</param>
public sealed record MoveGroupDto(string Name, int Moves, int LeaderMoves, long? Bytes, long? BytesSent);

/// <summary>A yes to exactly the plan with this hash, run with its own limits or with the ones named here.</summary>
/// <param name="MovesPerBroker">Null: the plan's.</param>
/// <param name="ThrottleBytesPerSecond">Null: the plan's, 0: none.</param>
public sealed record ApprovePlanRequest(string Hash, string? Reason = null, int? MovesPerBroker = null, long? ThrottleBytesPerSecond = null);

/// <summary>A no to a plan.</summary>
public sealed record DiscardPlanRequest(string? Reason = null);
