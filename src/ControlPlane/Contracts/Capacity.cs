namespace ControlPlane.Contracts;

/// <summary>A cluster that might be. Nothing is stored, nothing changes.</summary>
/// <param name="Changes">Applied in order to a copy of the measured model.</param>
/// <param name="Goals">Null: the defaults.</param>
/// <param name="Band">See <see cref="PlanOptionsDto"/>.</param>
/// <param name="DeadlineSeconds">Null: 20; at most 25.</param>
public sealed record WhatIfRequest(IReadOnlyList<WhatIfChangeDto> Changes, IReadOnlyList<string>? Goals = null, double? Band = null, double? DeadlineSeconds = null);

/// <summary>One change. Kind: lose-brokers, lose-rack, add-brokers, scale-topics, replication-factor or retention.</summary>
/// <param name="Brokers">With lose-brokers.</param>
/// <param name="Rack">With lose-rack; with add-brokers: where they stand, null: spread over the racks.</param>
/// <param name="Count">With add-brokers.</param>
/// <param name="LikeBroker">With add-brokers: whose capacity they have; null: the median of the living.</param>
/// <param name="Topics">With scale-topics, replication-factor and retention: regular expression over the whole name.</param>
/// <param name="Factor">With scale-topics of rates and sizes, with retention of sizes: 2 doubles.</param>
public sealed record WhatIfChangeDto(
    string Kind,
    IReadOnlyList<int>? Brokers = null,
    string? Rack = null,
    int? Count = null,
    int? LikeBroker = null,
    string? Topics = null,
    double? Factor = null,
    int? ReplicationFactor = null);

/// <summary>What would come of it. Before: changed and nothing moved; after: with the best plan. Outcome: ok, infeasible or not-found.</summary>
/// <param name="Sentence">The verdict with numbers.</param>
/// <param name="Changes">What was changed, one sentence each.</param>
/// <param name="HoldsWithoutPlan">Every hard goal is met with nothing moved.</param>
/// <param name="OfflinePartitions">Without a living replica after the change.</param>
/// <param name="UnderMinIsr">Partitions below min.insync.replicas after the change; null where it is unknown.</param>
/// <param name="IsCut">The deadline ended the search early.</param>
/// <param name="Bottlenecks">After the plan, tightest first.</param>
public sealed record WhatIfDto(
    string Cluster,
    DateTimeOffset? At,
    StatusWord Status,
    string Sentence,
    IReadOnlyList<string> Changes,
    bool HoldsWithoutPlan,
    int OfflinePartitions,
    int? UnderMinIsr,
    string Outcome,
    bool IsCut,
    int ReplicaMoves,
    int LeaderMoves,
    long Bytes,
    IReadOnlyList<GoalOutcomeDto> Goals,
    BrokerLoadsDto Loads,
    IReadOnlyList<InfeasibilityProofDto> Proofs,
    IReadOnlyList<BottleneckDto> Bottlenecks,
    IReadOnlyList<string> Notes);

/// <summary>A broker or rack that is closest to a limit. Kind: broker or rack.</summary>
/// <param name="Name">Broker id or rack.</param>
/// <param name="Resource">A lane, see <see cref="LaneLoadsDto"/>.</param>
/// <param name="Used">Share of the limit: 1 is at it.</param>
public sealed record BottleneckDto(string Kind, string Name, string Resource, double Used, StatusWord Status, string Sentence);

/// <summary>Whether the cluster has the size it needs. Verdict: under, right, over or unknown.</summary>
/// <param name="CanDrop">Brokers that can go with every goal still met; null where it was not found out.</param>
/// <param name="DropBrokers">Which: the optimizer was run without them.</param>
/// <param name="MustAdd">What has to be added; null where nothing has to.</param>
/// <param name="BottleneckResource">The lane that decides; null where none does.</param>
/// <param name="Sentences">What else is worth knowing, such as racks that are short of even.</param>
public sealed record RightsizingDto(
    string Cluster,
    DateTimeOffset? At,
    string Verdict,
    StatusWord Status,
    string Sentence,
    int? CanDrop,
    IReadOnlyList<int> DropBrokers,
    RemedyDto? MustAdd,
    string? BottleneckResource,
    IReadOnlyList<ResourceUseDto> Resources,
    IReadOnlyList<RackUseDto> Racks,
    IReadOnlyList<BottleneckDto> Bottlenecks,
    IReadOnlyList<string> Sentences);

/// <summary>One resource over the whole cluster; null where unknown. Resource and unit: see <see cref="LaneLoadsDto"/>.</summary>
/// <param name="Limit">What goals allow of the capacity.</param>
/// <param name="FullestBroker">Broker id.</param>
/// <param name="FullestUsed">Its share of its limit.</param>
public sealed record ResourceUseDto(string Resource, string Unit, double? Used, double? Capacity, double? Limit, int? FullestBroker, double? FullestUsed);

/// <summary>One rack. ShortBrokers: so many more and it could carry its even share; 0: it can.</summary>
/// <param name="Rack">Null: brokers without one.</param>
/// <param name="Used">Share of its tightest limit; null where unknown.</param>
public sealed record RackUseDto(string? Rack, int Brokers, int ShortBrokers, string? Resource, double? Used);

/// <summary>Brokers by topics or partitions. By: topic or partition; colour: leaders, replicas, bytesIn, size or lag.</summary>
/// <param name="Unit">count, bytes-per-second, bytes or messages.</param>
/// <param name="Brokers">The columns.</param>
/// <param name="Rows">Largest first, at most as many as asked.</param>
/// <param name="TotalRows">That match the filter.</param>
/// <param name="Largest">Of all cells of these rows; null where none is known.</param>
/// <param name="BrokerTotals">By column, over all rows that match.</param>
public sealed record HeatmapDto(
    string Cluster,
    DateTimeOffset? At,
    string By,
    string Colour,
    string Unit,
    IReadOnlyList<BrokerPlaceDto> Brokers,
    IReadOnlyList<HeatRowDto> Rows,
    int TotalRows,
    double? Largest,
    IReadOnlyList<double?> BrokerTotals);

/// <summary>One row, packed: only the brokers that hold something of it.</summary>
/// <param name="Partition">Null for a whole topic.</param>
/// <param name="Leader">Broker id of a partition's leader.</param>
/// <param name="At">Columns, ascending.</param>
/// <param name="Values">Beside them; null where the broker holds a replica whose value is unknown.</param>
public sealed record HeatRowDto(string Topic, int? Partition, int? Leader, double? Total, IReadOnlyList<int> At, IReadOnlyList<double?> Values);

/// <summary>What people say the brokers of a cluster can carry: Kafka itself tells only the size of disks. Null: unknown, no limit to a plan.</summary>
/// <param name="NetworkIn">Bytes per second of each broker that is not named.</param>
/// <param name="Brokers">Those that differ.</param>
public sealed record ClusterCapacitiesDto(string Cluster, double? NetworkIn, double? NetworkOut, IReadOnlyList<BrokerCapacityDto> Brokers, long Version);

/// <summary>Network of one broker in bytes per second; null: as the others.</summary>
public sealed record BrokerCapacityDto(int BrokerId, double? NetworkIn, double? NetworkOut);

/// <summary>Replaces the capacities of a cluster.</summary>
public sealed record ClusterCapacitiesRequest(double? NetworkIn = null, double? NetworkOut = null, IReadOnlyList<BrokerCapacityDto>? Brokers = null);
