namespace ControlPlane.Contracts;

/// <summary>What the optimizer shall respect. Everything is optional; what a mode can't use is refused, never ignored.</summary>
/// <param name="Goals">Cruise Control's names in order of importance; null: its defaults.</param>
/// <param name="Band">Half width of a balance band, relative to its target: 0.09 by default, 0.05 is tight.</param>
/// <param name="DiskLimit">Share of a disk that may be full: 0.8 by default.</param>
/// <param name="ReplicaLimit">Most replicas of one broker.</param>
/// <param name="ExcludedTopics">Regular expression over the whole name; their replicas stay unless they are offline.</param>
/// <param name="Destinations">Broker ids: the only ones that receive replicas; null: any.</param>
/// <param name="OnlyOntoNamed">With add-brokers: nothing goes to any other broker.</param>
/// <param name="MandatoryOnly">Only what the mode must do; no balancing afterwards. Null: yes with fix-offline, no with other modes.</param>
/// <param name="Immovable">Stays as it is unless it is offline.</param>
/// <param name="Only">A selection: everything else is immovable; null: everything may move.</param>
/// <param name="Topics">With replication-factor: regular expression over the whole name.</param>
/// <param name="Dirs">With remove-dirs.</param>
/// <param name="Limits">With minimal-repair.</param>
/// <param name="MinLeadersTopics">Regular expression: each broker leads at least MinLeaders of the partitions of each of these topics.</param>
/// <param name="ByteBudget">Most bytes copied beyond what is mandatory.</param>
/// <param name="MoveBudget">Most replicas moved beyond what is mandatory.</param>
/// <param name="DeadlineSeconds">The best plan until then is taken; null: 60.</param>
/// <param name="Seed">The same input and seed give the same plan; null: 1.</param>
/// <param name="NetworkLimit">Share of the network that may be used, each way: 0.8 by default. CPU has none: no source measures it.</param>
/// <param name="Polish">Even leadership further than the goals ask, where it costs no byte; null: yes.</param>
public sealed record PlanOptionsDto(
    IReadOnlyList<string>? Goals = null,
    double? Band = null,
    double? DiskLimit = null,
    double? ReplicaLimit = null,
    string? ExcludedTopics = null,
    IReadOnlyList<int>? NoReplicasOnto = null,
    IReadOnlyList<int>? NoLeadersOnto = null,
    IReadOnlyList<int>? Destinations = null,
    bool OnlyOntoNamed = false,
    bool? MandatoryOnly = null,
    IReadOnlyList<PartitionsOfDto>? Immovable = null,
    IReadOnlyList<PartitionsOfDto>? Only = null,
    string? Topics = null,
    int? ReplicationFactor = null,
    IReadOnlyList<LogDirNameDto>? Dirs = null,
    IReadOnlyList<RepairLimitDto>? Limits = null,
    string? MinLeadersTopics = null,
    int? MinLeaders = null,
    IReadOnlyList<BrokerSetDto>? BrokerSets = null,
    long? ByteBudget = null,
    int? MoveBudget = null,
    double? DeadlineSeconds = null,
    long? Seed = null,
    bool? Polish = null,
    double? NetworkLimit = null);

/// <summary>Partitions of a topic by number; null: all of them.</summary>
public sealed record PartitionsOfDto(string Topic, IReadOnlyList<int>? Partitions = null);

/// <summary>A log dir of a broker.</summary>
public sealed record LogDirNameDto(int Broker, string Path);

/// <summary>A load of brokers shall end at most at this limit. Lane: see <see cref="LaneLoadsDto"/>.</summary>
/// <param name="Limit">A share of the capacity (0.75); a count for replicas and leaders.</param>
/// <param name="Brokers">Null: all.</param>
public sealed record RepairLimitDto(string Lane, double Limit, IReadOnlyList<int>? Brokers = null);

/// <summary>Brokers that keep their topics among themselves.</summary>
public sealed record BrokerSetDto(string Name, IReadOnlyList<int> Brokers);

/// <summary>
/// A run of the optimizer. State: running, done, cancelled (with the best plan until then), failed or refused. Outcome: ok, infeasible or
/// not-found; null while it runs. Done without a plan and with outcome ok: there is nothing to improve.
/// </summary>
/// <param name="Sentence">Where it stands or what it found, with numbers.</param>
/// <param name="Phase">mandatory, racks, topics, leadership, balance, trim, polish, disks, bound, order or remedies; null before the first.</param>
/// <param name="Cost">The objective: falls, and is 0 when every goal is met.</param>
/// <param name="Phases">The last figures of each phase, in the order they ran.</param>
/// <param name="PlanId">The plan it has made; it is kept with the other plans.</param>
/// <param name="Request">What it was asked.</param>
public sealed record OptimizerRunDto(
    Guid Id,
    string Cluster,
    string Mode,
    string State,
    StatusWord Status,
    string Sentence,
    string? Phase,
    int? Round,
    double? Cost,
    int? BrokersOutside,
    int? Moves,
    long? Bytes,
    IReadOnlyList<OptimizerPhaseDto> Phases,
    DateTimeOffset StartedAt,
    string StartedBy,
    DateTimeOffset? FinishedAt,
    double DeadlineSeconds,
    Guid? PlanId,
    string? Outcome,
    IReadOnlyList<InfeasibilityProofDto> Proofs,
    CreatePlanRequest Request);

/// <summary>What one phase has come to.</summary>
/// <param name="Seconds">From the start of the run to these figures.</param>
public sealed record OptimizerPhaseDto(string Phase, int Round, double Cost, int BrokersOutside, int Moves, long Bytes, double Seconds);

/// <summary>Why no placement can hold a constraint.</summary>
/// <param name="Constraint">The goal's name.</param>
/// <param name="Missing">By how much, in the unit of the constraint; null where it is not a matter of amount.</param>
public sealed record InfeasibilityProofDto(string Constraint, double? Missing, string Sentence, RemedyDto? Remedy);

/// <summary>What would make it feasible. Kind: brokers, racks, disks or partitions.</summary>
/// <param name="TypicalCapacity">Of one of them, in the unit of the constraint; null where size does not matter.</param>
/// <param name="IsConstructed">The optimizer was run with them and reached its goals; else only the sums fit.</param>
public sealed record RemedyDto(string Kind, int Count, double? TypicalCapacity, bool IsConstructed, string Sentence);

/// <summary>A goal before a plan and after it.</summary>
/// <param name="Unit">What violations count: brokers, partitions, hosts, disks or pairs of topic and broker.</param>
/// <param name="DistanceBefore">How far outside all of them are together, relative to the target; 0: met.</param>
public sealed record GoalOutcomeDto(
    string Goal, bool IsHard, string Unit, int ViolatedBefore, int ViolatedAfter, double DistanceBefore, double DistanceAfter);

/// <summary>What the optimizer found beside the moves. Outcome: ok, infeasible or not-found.</summary>
/// <param name="IsCut">The deadline or a cancellation ended the search early: the best plan until then.</param>
/// <param name="Bytes">Copied between brokers.</param>
/// <param name="DirBytes">Copied between log dirs of one broker.</param>
/// <param name="Bound">Least that any plan must cost that ends inside the bands; null where this one does not end there.</param>
/// <param name="Notes">What had to be assumed or is left as it is, as sentences.</param>
/// <param name="SearchSeconds">From the model read to the plan ready.</param>
/// <param name="Request">What was asked.</param>
public sealed record PlanFindingsDto(
    string Outcome,
    bool IsCut,
    int ReplicaMoves,
    int LeaderMoves,
    long Bytes,
    long DirBytes,
    LowerBoundDto? Bound,
    IReadOnlyList<GoalOutcomeDto> Goals,
    BrokerLoadsDto Loads,
    IReadOnlyList<InfeasibilityProofDto> Proofs,
    IReadOnlyList<string> Notes,
    double SearchSeconds,
    CreatePlanRequest Request);

/// <summary>Least bytes and moves of any plan that ends inside the bands.</summary>
public sealed record LowerBoundDto(long Bytes, int Moves);

/// <summary>The loads of all brokers; the arrays of each lane are in the order of Brokers.</summary>
public sealed record BrokerLoadsDto(IReadOnlyList<BrokerPlaceDto> Brokers, IReadOnlyList<LaneLoadsDto> Lanes);

/// <summary>A broker and where it is. State: alive, new, dead, demoted or excluded.</summary>
public sealed record BrokerPlaceDto(int BrokerId, string? Rack, string State);

/// <summary>
/// One kind of load by broker; null where unknown. Lane: cpu, bytes-in, bytes-out, disk, replicas, leaders, leader-bytes-in or
/// potential-bytes-out.
/// </summary>
/// <param name="Unit">percent, bytes-per-second, bytes or count.</param>
/// <param name="Capacity">The whole broker's, in the same unit; null where the lane has none.</param>
/// <param name="Limit">Hard limit.</param>
/// <param name="Low">Lower edge of the goal's band; null where no goal asks for one.</param>
/// <param name="High">Upper edge of the goal's band.</param>
public sealed record LaneLoadsDto(
    string Lane,
    string Unit,
    IReadOnlyList<double?> Before,
    IReadOnlyList<double?> After,
    IReadOnlyList<double?> Capacity,
    IReadOnlyList<double?> Limit,
    IReadOnlyList<double?> Low,
    IReadOnlyList<double?> High);
