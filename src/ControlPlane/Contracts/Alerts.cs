namespace ControlPlane.Contracts;

/// <summary>Where alerts go. Kind: webhook or pagerduty. Secrets are never shown again.</summary>
/// <param name="Url">Of the receiver; for PagerDuty the base of its events API.</param>
/// <param name="MinSeverity">info, warning, error or critical: less urgent ones are not sent.</param>
/// <param name="Clusters">Only of these clusters; null: of all.</param>
/// <param name="Problem">Why deliveries to it are held back or fail; null where they don't.</param>
/// <param name="Version">Send it back as If-Match (ETag) with an edit; a stale one is refused.</param>
public sealed record AlertTargetDto(
    Guid Id,
    string Name,
    string Kind,
    bool IsEnabled,
    string Url,
    string MinSeverity,
    IReadOnlyList<string>? Clusters,
    bool HasSecret,
    StatusWord Status,
    string? Problem,
    int Queued,
    DateTimeOffset? LastDeliveredAt,
    DateTimeOffset CreatedAt,
    long Version);

/// <summary>A new target, or an edit of one.</summary>
/// <param name="Secret">Signing secret of a webhook, integration key (32 characters) of PagerDuty; null in an edit: as it was.</param>
/// <param name="Url">Null for PagerDuty: its public address.</param>
public sealed record AlertTargetRequest(
    string Name, string Kind, bool? IsEnabled = null, string? Url = null, string? Secret = null, string? MinSeverity = null, IReadOnlyList<string>? Clusters = null);

/// <summary>One notification to one target. Event: trigger, resolve or test. State: queued, delivering, delivered, failed or superseded.</summary>
/// <param name="DedupKey">The same from trigger to resolve.</param>
/// <param name="Attempts">Sent so far, this process or another.</param>
/// <param name="NextAttemptAt">Null where none is planned.</param>
/// <param name="LastAnswer">HTTP status or the failure of the last attempt; bodies only for admins.</param>
public sealed record DeliveryDto(
    Guid Id,
    Guid TargetId,
    string Target,
    string Kind,
    string? Cluster,
    Guid? AnomalyId,
    string Event,
    string DedupKey,
    string Severity,
    string Summary,
    string State,
    StatusWord Status,
    int Attempts,
    DateTimeOffset CreatedAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? DeliveredAt,
    double? LatencySeconds,
    string? LastAnswer);

/// <summary>A delivery with what was sent and each attempt.</summary>
/// <param name="Body">What is sent, without secrets.</param>
public sealed record DeliveryDetailDto(DeliveryDto Delivery, string Body, IReadOnlyList<DeliveryAttemptDto> Attempts);

/// <summary>One try to deliver. Outcome: delivered, retry or refused.</summary>
/// <param name="ResponsePreview">First part of the answer's body; null unless an admin asks.</param>
public sealed record DeliveryAttemptDto(int Number, DateTimeOffset At, double TookSeconds, string Outcome, int? HttpStatus, string? Problem, string? ResponsePreview);
