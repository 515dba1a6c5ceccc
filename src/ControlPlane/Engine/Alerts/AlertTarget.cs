using System.Collections.Immutable;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Alerts;

/// <summary>What kind of receiver a target is; each has a channel.</summary>
public enum AlertTargetKind
{
    Webhook,
    PagerDuty,
}

/// <summary>What a notification tells: trouble began, trouble ended, or somebody tries the target out.</summary>
public enum AlertEvent
{
    Trigger,
    Resolve,
    Test,
}

/// <summary>Who wants to hear of which anomalies.</summary>
/// <param name="Clusters">Only of these; null: of all.</param>
public sealed record AlertTarget(
    Guid Id, AlertTargetKind Kind, bool IsEnabled, Severity MinSeverity, ImmutableArray<string>? Clusters)
{
    public bool Wants(Anomaly anomaly) =>
        IsEnabled
        && anomaly.Last.Severity >= MinSeverity
        && (Clusters is not { } only || only.Contains(anomaly.Cluster.Value, StringComparer.Ordinal));
}

/// <summary>One notification as it is put into the outbox.</summary>
/// <param name="Body">What is sent, without secrets; a channel adds those when it sends.</param>
public sealed record Notification(
    AlertEvent Event, string DedupKey, Severity Severity, string Summary, string Body, ClusterId? Cluster, Guid? Anomaly);
