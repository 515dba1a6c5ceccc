using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Engine.Anomalies;

namespace ControlPlane.Engine.Alerts;

/// <summary>An event for PagerDuty's Events API v2, without the routing key: that is a secret and is added when it is sent.</summary>
public static class PagerDutyPayload
{
    /// <summary>PagerDuty takes 512 KB; the routing key comes on top of what is counted here.</summary>
    public const int MaxBytes = 512_000 - 100;

    public const int MaxDedupKey = 255;

    /// <summary>The body as it is sent.</summary>
    public static string WithKey(string body, string routingKey)
    {
        var whole = JsonNode.Parse(body)!.AsObject();
        whole.Insert(0, "routing_key", routingKey);
        return AlertPayloads.Text(whole);
    }

    internal static JsonObject Of(AlertEvent what, Anomaly anomaly, string key, string summary, string? link)
    {
        if (what == AlertEvent.Resolve)
        {
            return Resolve(key);
        }

        var last = anomaly.Last;
        var subject = anomaly.Key.Subject.Replace(' ', '-');
        var payload = Payload(summary, $"{anomaly.Cluster}/{subject}", AlertRules.Word(last.Severity), last.Since);
        payload["component"] = subject;
        payload["group"] = anomaly.Cluster.Value;
        payload["class"] = anomaly.Key.Kind;
        payload["custom_details"] = new JsonObject
        {
            ["anomaly"] = anomaly.Id,
            ["sentence"] = last.Sentence,
            ["blast"] = AlertPayloads.Blast(last.Blast),
            ["evidence"] = AlertPayloads.Evidence(last),
        };
        var body = Event(key, payload);
        if (link is not null)
        {
            body["links"] = new JsonArray(new JsonObject { ["href"] = link, ["text"] = "Incident" });
            body["client_url"] = link;
        }

        if (Encoding.UTF8.GetByteCount(AlertPayloads.Text(body)) > MaxBytes)
        {
            payload["custom_details"] = new JsonObject { ["note"] = "Details were left out: the message would be over 512000 bytes. See the incident." };
        }

        return body;
    }

    internal static JsonObject Resolve(string key) => new() { ["event_action"] = "resolve", ["dedup_key"] = AlertRules.Cut(key, MaxDedupKey) };

    internal static JsonObject Test(string key, string summary, DateTimeOffset now) => Event(key, Payload(summary, "kafka-control-plane", "info", now));

    private static JsonObject Payload(string summary, string source, string severity, DateTimeOffset since) => new()
    {
        ["summary"] = summary,
        ["source"] = source,
        ["severity"] = severity,
        ["timestamp"] = AlertPayloads.Time(since),
    };

    private static JsonObject Event(string key, JsonObject payload) => new()
    {
        ["event_action"] = "trigger",
        ["dedup_key"] = AlertRules.Cut(key, MaxDedupKey),
        ["client"] = "Kafka Control Plane",
        ["payload"] = payload,
    };
}
