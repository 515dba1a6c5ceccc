using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Engine.Anomalies;

namespace ControlPlane.Engine.Alerts;

/// <summary>The JSON of a generic webhook, version 1; the schema is in Alerts/README.md. Later versions only add fields.</summary>
internal static class WebhookPayload
{
    public const int MaxBytes = 512_000;

    public static JsonObject Of(AlertEvent what, Anomaly anomaly, string key, string summary, string? link)
    {
        var body = Head(what, key, summary, AlertRules.Word(anomaly.Last.Severity), AlertRules.Label(anomaly.Last.Severity));
        body["cluster"] = anomaly.Cluster.Value;
        body["anomaly"] = new JsonObject
        {
            ["id"] = anomaly.Id,
            ["kind"] = anomaly.Key.Kind,
            ["subject"] = anomaly.Key.Subject,
            ["brokerId"] = anomaly.Last.BrokerId,
            ["sentence"] = anomaly.Last.Sentence,
            ["since"] = AlertPayloads.Time(anomaly.Last.Since),
            ["activeAt"] = AlertPayloads.Time(anomaly.ActiveAt),
            ["resolvedAt"] = AlertPayloads.Time(anomaly.ResolvedAt),
        };
        body["blast"] = AlertPayloads.Blast(what == AlertEvent.Resolve ? anomaly.Worst : anomaly.Last.Blast);
        body["evidence"] = AlertPayloads.Evidence(anomaly.Last);
        body["links"] = new JsonObject { ["incident"] = link };
        if (Encoding.UTF8.GetByteCount(AlertPayloads.Text(body)) > MaxBytes)
        {
            body["blast"] = null;
            body["evidence"] = null;
            body["note"] = "Blast radius and evidence were left out: the message would be over 512000 bytes.";
        }

        return body;
    }

    public static JsonObject Test(string key, string summary) => Head(AlertEvent.Test, key, summary, "info", "INFO");

    private static JsonObject Head(AlertEvent what, string key, string summary, string severity, string label) => new()
    {
        ["version"] = 1,
        ["event"] = AlertRules.Word(what),
        ["dedupKey"] = key,
        ["severity"] = severity,
        ["label"] = label,
        ["summary"] = summary,
    };
}
