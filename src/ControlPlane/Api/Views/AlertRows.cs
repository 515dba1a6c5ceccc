using ControlPlane.Contracts;
using ControlPlane.Engine.Alerts;
using ControlPlane.Storage;

namespace ControlPlane.Api.Views;

/// <summary>Alert targets and deliveries as the contract shows them.</summary>
internal static class AlertRows
{
    private const int BreakShown = 3;

    /// <summary>A target with the state of sending to it.</summary>
    /// <param name="stored">As it is stored.</param>
    /// <param name="now">To tell what is held back still.</param>
    /// <param name="withPath">False hides what follows the host: paths and queries of webhooks are often secrets.</param>
    public static AlertTargetDto Target(StoredAlertTarget stored, DateTimeOffset now, bool withPath)
    {
        var rules = stored.Definition.Rules;
        return new AlertTargetDto(
            stored.Id,
            stored.Definition.Name,
            Word(rules.Kind),
            rules.IsEnabled,
            withPath ? stored.Definition.Url : HostOnly(stored.Definition.Url),
            AlertRules.Word(rules.MinSeverity),
            rules.Clusters is { } clusters ? [.. clusters] : null,
            stored.HasSecret,
            StatusOf(stored),
            ProblemOf(stored, now),
            stored.Queued,
            stored.LastDeliveredAt,
            stored.CreatedAt,
            stored.Version);
    }

    public static DeliveryDto Delivery(StoredDelivery stored) => new(
        stored.Id,
        stored.TargetId,
        stored.Target,
        Word(stored.Kind),
        stored.Notification.Cluster?.Value,
        stored.Notification.Anomaly,
        AlertRules.Word(stored.Notification.Event),
        stored.Notification.DedupKey,
        AlertRules.Word(stored.Notification.Severity),
        stored.Notification.Summary,
        Word(stored.State),
        StatusOf(stored),
        stored.Attempts,
        stored.CreatedAt,
        stored.NextAttemptAt,
        stored.DeliveredAt,
        (stored.DeliveredAt - stored.CreatedAt)?.TotalSeconds,
        stored.LastAnswer);

    public static DeliveryDetailDto Detail(StoredDelivery stored, IEnumerable<StoredAttempt> attempts, bool withPreviews) => new(
        Delivery(stored),
        stored.Notification.Body,
        [.. attempts.Select(attempt => new DeliveryAttemptDto(
            attempt.Number, attempt.At, attempt.TookSeconds, attempt.Outcome, attempt.HttpStatus, attempt.Problem, withPreviews ? attempt.ResponsePreview : null))]);

    public static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static StatusWord StatusOf(StoredAlertTarget stored) => stored switch
    {
        { Definition.Rules.IsEnabled: false, Problem: null } => StatusWord.Maint,
        { Definition.Rules.IsEnabled: false } => StatusWord.Crit,
        { Failures: >= BreakShown } => StatusWord.Crit,
        { Problem: not null } => StatusWord.Warn,
        { LastDeliveredAt: null } => StatusWord.Unknown,
        _ => StatusWord.Ok,
    };

    private static string? ProblemOf(StoredAlertTarget stored, DateTimeOffset now)
    {
        var held = stored.Definition.Rules.IsEnabled && stored.HeldUntil is { } until && until > now
            ? FormattableString.Invariant($"Held back for {Math.Ceiling((until - now).TotalSeconds):0} s{(stored.Failures > 0 ? $" after {stored.Failures} failures in a row; then one delivery probes the receiver" : "")}.")
            : null;
        var parts = new[] { held, stored.Problem }.Where(part => part is not null).ToArray();
        return parts.Length == 0 ? null : string.Join(' ', parts);
    }

    private static StatusWord StatusOf(StoredDelivery stored) => stored.State switch
    {
        DeliveryState.Delivered => StatusWord.Ok,
        DeliveryState.Superseded => StatusWord.Maint,
        DeliveryState.Failed => StatusWord.Crit,
        _ => stored.LastAnswer is null ? StatusWord.Unknown : StatusWord.Warn,
    };

    /// <summary>An address without what is often secret in it.</summary>
    public static string HostOnly(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.PathAndQuery is not "/" ? parsed.GetLeftPart(UriPartial.Authority) + "/..." : url;
}
