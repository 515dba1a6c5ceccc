namespace ControlPlane.Contracts;

/// <summary>One trouble of a cluster. Kind: broker-down, under-replicated, consumer-lag or lag-storm. State: pending, active or resolved. Severity: info, warning, error or critical.</summary>
/// <param name="Id">Also the id of its incident page.</param>
/// <param name="Since">When the trouble began; FirstSeen is when this product first saw it.</param>
/// <param name="Sentence">What is wrong, as it was last seen.</param>
public sealed record AnomalyDto(
    Guid Id,
    string Cluster,
    string Kind,
    string Subject,
    string State,
    string Severity,
    StatusWord Status,
    string Sentence,
    int? BrokerId,
    DateTimeOffset Since,
    DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen,
    DateTimeOffset? ActiveAt,
    DateTimeOffset? ResolvedAt,
    BlastRadiusDto Blast);

/// <summary>How far a trouble reaches; null where it is not known.</summary>
/// <param name="Worst">Offline first, then under min ISR, then under-replicated; the worst some hundred.</param>
public sealed record BlastRadiusDto(
    int? Offline,
    int? UnderMinInSync,
    int? UnderReplicated,
    int TopicCount,
    IReadOnlyList<TouchedPartitionDto> Worst,
    IReadOnlyList<string> Topics,
    IReadOnlyList<string>? Groups);

/// <summary>A partition that a trouble touches.</summary>
public sealed record TouchedPartitionDto(string Topic, int Partition, int InSync, int Replicas, int? MinInSync);

/// <summary>One observation behind a verdict.</summary>
public sealed record EvidenceDto(string What, string Value, DateTimeOffset? At);

/// <summary>An anomaly with what it rests on and what became of it so far.</summary>
/// <param name="Worst">The widest blast radius so far.</param>
/// <param name="Transitions">Oldest first.</param>
public sealed record AnomalyDetailDto(
    AnomalyDto Anomaly,
    IReadOnlyList<EvidenceDto> Evidence,
    BlastRadiusDto Worst,
    IReadOnlyList<TransitionDto> Transitions);

/// <summary>A change of an anomaly as it was told. Before and After are states; Before is null at its first sighting, the same as After where only its reach changed.</summary>
public sealed record TransitionDto(DateTimeOffset At, string? Before, string After, string Severity, string Sentence);

/// <summary>Everything the incident page shows: what is wrong, what was done, what will be done, and what a person can do.</summary>
/// <param name="Worst">The widest blast radius so far.</param>
/// <param name="Timeline">Oldest first: anomaly, alerts, decisions, plans, execution.</param>
/// <param name="Healing">What the healing policy makes of it now; null where no policy looks at this kind.</param>
/// <param name="Actions">Ranked; the first is what most people would do.</param>
public sealed record IncidentDto(
    AnomalyDto Anomaly,
    IReadOnlyList<EvidenceDto> Evidence,
    BlastRadiusDto Worst,
    IReadOnlyList<TimelineEntryDto> Timeline,
    HealingDecisionDto? Healing,
    IReadOnlyList<PlanDto> Plans,
    IReadOnlyList<ExecutionDto> Executions,
    IReadOnlyList<DeliveryDto> Deliveries,
    IReadOnlyList<IncidentActionDto> Actions);

/// <summary>Something that happened. Lane: anomaly, alert, healing, plan, execution or broker.</summary>
/// <param name="Link">Page of the thing it is about, below the root; null where there is none.</param>
public sealed record TimelineEntryDto(DateTimeOffset At, string Lane, StatusWord Status, string Sentence, string? Link);

/// <summary>What a person can do now. Action: plan-fix-offline, heal-now, extend-grace, leave-alone, show-plan, watch-execution or show-broker.</summary>
/// <param name="Effect">What it would do, with numbers.</param>
/// <param name="Refused">Why it can't be done now; null where it can.</param>
public sealed record IncidentActionDto(string Action, string Label, string Effect, string? Link, string? Refused);
