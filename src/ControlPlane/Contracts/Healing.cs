namespace ControlPlane.Contracts;

/// <summary>What a cluster's healing may do by itself, by kind of anomaly.</summary>
/// <param name="PausedUntil">No healing before then; null while not paused.</param>
/// <param name="Version">Send it back as If-Match (ETag) with an edit; a stale one is refused.</param>
public sealed record HealingPolicyDto(
    string Cluster,
    IReadOnlyList<HealingRuleDto> Rules,
    DateTimeOffset? PausedUntil,
    string? PausedBy,
    string? PauseReason,
    double MinCompleteness,
    int MaxBrokersDown,
    long Version);

/// <summary>One kind of anomaly. Mode: observe (only tell), propose (make a plan and wait for a person) or heal (carry it out after the grace time).</summary>
/// <param name="CanHeal">Whether this kind has a repair at all.</param>
public sealed record HealingRuleDto(string Kind, string Mode, int GraceSeconds, bool CanHeal);

/// <summary>An edit of the policy; what is null stays.</summary>
public sealed record HealingPolicyRequest(IReadOnlyList<HealingRuleRequest>? Rules, double? MinCompleteness, int? MaxBrokersDown, string? Reason);

/// <summary>An edit of one kind.</summary>
public sealed record HealingRuleRequest(string Kind, string? Mode, int? GraceSeconds);

/// <summary>No healing until then, at most 7 days ahead; plans that run go on.</summary>
public sealed record PauseHealingRequest(DateTimeOffset Until, string? Reason);

/// <summary>A longer grace time for one anomaly, or none at all.</summary>
/// <param name="Action">extend, leave-alone or heal-now.</param>
/// <param name="Seconds">For extend: how much longer.</param>
public sealed record HealingOverrideRequest(string Action, int? Seconds, string? Reason);

/// <summary>
/// What the policy made of an anomaly, and why. Outcome: observing, waiting (for the grace time), blocked, proposed, started, ended,
/// left-alone or not-needed.
/// </summary>
/// <param name="Sentence">In words: "Heals in 11 m 20 s", "Blocked: another reassignment is running".</param>
/// <param name="ActsAt">When it would act; null where it would not.</param>
/// <param name="Guards">In the order they are asked; the first that does not pass holds the healing back.</param>
public sealed record HealingDecisionDto(
    long Id,
    string Cluster,
    DateTimeOffset At,
    Guid AnomalyId,
    string Kind,
    string Subject,
    string Outcome,
    StatusWord Status,
    string Sentence,
    DateTimeOffset? ActsAt,
    IReadOnlyList<GuardDto> Guards,
    Guid? PlanId,
    Guid? ExecutionId);

/// <summary>One condition of healing. Passed is null where it can't be told, which holds back as well.</summary>
public sealed record GuardDto(string Name, bool? Passed, string Sentence);
