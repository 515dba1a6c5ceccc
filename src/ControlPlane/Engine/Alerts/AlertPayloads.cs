using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Engine.Anomalies;

namespace ControlPlane.Engine.Alerts;

/// <summary>Makes the notification of an anomaly for one kind of target, and the one that tries a target out.</summary>
public static class AlertPayloads
{
    // Texts go to receivers as they are written, not as \u escapes.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is put into the outbox for one target.</summary>
    /// <param name="kind">Of the target.</param>
    /// <param name="what">Trigger or resolve.</param>
    /// <param name="anomaly">As it is after the transition.</param>
    /// <param name="publicUrl">Where people reach the pages; empty: unknown, and no links are made.</param>
    public static Notification Of(AlertTargetKind kind, AlertEvent what, Anomaly anomaly, string publicUrl)
    {
        var summary = AlertRules.Summary(what, anomaly);
        var key = AlertRules.DedupKey(anomaly.Cluster, anomaly.Key);
        var link = publicUrl.Length == 0 ? null : $"{publicUrl.TrimEnd('/')}/c/{anomaly.Cluster}/incidents/{anomaly.Id}";
        var body = kind switch
        {
            AlertTargetKind.Webhook => WebhookPayload.Of(what, anomaly, key, summary, link),
            AlertTargetKind.PagerDuty => PagerDutyPayload.Of(what, anomaly, key, summary, link),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of target"),
        };
        return new Notification(what, key, anomaly.Last.Severity, summary, Text(body), anomaly.Cluster, anomaly.Id);
    }

    public static Notification Test(AlertTargetKind kind, Guid target, string name, DateTimeOffset now)
    {
        var summary = AlertRules.Cut($"[INFO] Test of alert target {name}: nothing is wrong.", AlertRules.MaxSummary);
        var key = AlertRules.TestKey(target);
        var body = kind switch
        {
            AlertTargetKind.Webhook => WebhookPayload.Test(key, summary),
            AlertTargetKind.PagerDuty => PagerDutyPayload.Test(key, summary, now),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of target"),
        };
        return new Notification(AlertEvent.Test, key, Severity.Info, summary, Text(body), null, null);
    }

    /// <summary>Ends a test where it would stay open otherwise; null for targets whose tests leave nothing behind.</summary>
    public static Notification? TestEnd(AlertTargetKind kind, Guid target, string name)
    {
        var key = AlertRules.TestKey(target);
        var body = kind switch
        {
            AlertTargetKind.Webhook => null,
            AlertTargetKind.PagerDuty => PagerDutyPayload.Resolve(key),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of target"),
        };
        return body is null ? null : new Notification(AlertEvent.Resolve, key, Severity.Info, AlertRules.Cut($"[OK] Test of alert target {name} is over.", AlertRules.MaxSummary), Text(body), null, null);
    }

    internal static string Text(JsonNode node) => node.ToJsonString(Readable);

    internal static JsonObject Blast(BlastRadius blast) => new()
    {
        ["offline"] = blast.Offline,
        ["underMinInSync"] = blast.UnderMinInSync,
        ["underReplicated"] = blast.UnderReplicated,
        ["topicCount"] = blast.TopicCount,
        ["topics"] = Words(blast.Topics),
        ["groups"] = blast.Groups is { } groups ? Words(groups) : null,
        ["worst"] = new JsonArray([.. blast.Worst.Select(partition => (JsonNode)new JsonObject
        {
            ["topic"] = partition.Topic,
            ["partition"] = partition.Partition,
            ["inSync"] = partition.InSync,
            ["replicas"] = partition.Replicas,
            ["minInSync"] = partition.MinInSync,
        })]),
    };

    internal static JsonArray Evidence(Detection detection) => new([.. detection.Evidence.Select(one => (JsonNode)new JsonObject
    {
        ["what"] = one.What,
        ["value"] = one.Value,
        ["at"] = Time(one.At),
    })]);

    internal static string? Time(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode)JsonValue.Create(word)!)]);
}
