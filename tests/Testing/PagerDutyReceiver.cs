using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Testing;

/// <summary>One event that PagerDuty would have got.</summary>
public sealed record PagerDutyEvent(string Action, string DedupKey, JsonElement Whole, int Status);

/// <summary>PagerDuty's Events API v2 as its documentation has it: every limit is checked, and what breaks one is answered with 400.</summary>
public sealed class PagerDutyReceiver : IAsyncDisposable
{
    private const int MaxBody = 512 * 1024;
    private static readonly string[] Severities = ["critical", "error", "warning", "info"];
    private static readonly string[] Fields = ["routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url"];

    private readonly WebApplication _app;
    private readonly string _routingKey;
    private readonly ConcurrentQueue<PagerDutyEvent> _events = new();
    private readonly ConcurrentQueue<string> _violations = new();

    private PagerDutyReceiver(WebApplication app, string routingKey)
    {
        (_app, _routingKey) = (app, routingKey);
        app.MapPost("/v2/enqueue", TakeAsync);
    }

    /// <summary>What to answer to a valid event, by its number from 1.</summary>
    public Func<int, int> Status { get; set; } = static _ => 202;

    public string Url => _app.Urls.First();

    public IReadOnlyList<PagerDutyEvent> Events => [.. _events];

    public IReadOnlyCollection<string> Violations => _violations;

    public static async Task<PagerDutyReceiver> StartAsync(string routingKey, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new PagerDutyReceiver(builder.Build(), routingKey);
        await receiver._app.StartAsync(cancellationToken);
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(http.RequestAborted);
        using var document = JsonDocument.Parse(text);
        var body = document.RootElement.Clone();
        var broken = Broken(body, Encoding.UTF8.GetByteCount(text)).ToArray();
        foreach (var violation in broken)
        {
            _violations.Enqueue(violation);
        }

        var key = Text(body, "dedup_key");
        var status = broken.Length > 0 ? 400 : Status(_events.Count + 1);
        _events.Enqueue(new PagerDutyEvent(Text(body, "event_action"), key, body, status));
        http.Response.StatusCode = status;
        await http.Response.WriteAsJsonAsync(status == 202 ? new { status = "success", message = "Event processed", dedup_key = key } : (object)new { status = "invalid event", message = "no", errors = broken }, http.RequestAborted);
    }

    private IEnumerable<string> Broken(JsonElement body, int bytes)
    {
        var action = Text(body, "event_action");
        var unknown = body.EnumerateObject().Select(field => field.Name).Except(Fields, StringComparer.Ordinal).ToArray();
        return Said(
            (bytes > MaxBody, $"{bytes.ToString(CultureInfo.InvariantCulture)} bytes"),
            (unknown.Length > 0, $"unknown fields {string.Join(',', unknown)}"),
            (Text(body, "routing_key") != _routingKey || _routingKey.Length != 32, "routing_key"),
            (action is not ("trigger" or "resolve" or "acknowledge"), $"event_action {action}"),
            (Text(body, "dedup_key").Length is 0 or > 255, "dedup_key"))
            .Concat(action == "trigger" ? BrokenPayload(body) : []);
    }

    private static IEnumerable<string> BrokenPayload(JsonElement body)
    {
        if (!body.TryGetProperty("payload", out var payload))
        {
            return ["no payload"];
        }

        var links = body.TryGetProperty("links", out var list) ? list.EnumerateArray().ToArray() : [];
        return Said(
            (Text(payload, "summary").Length is 0 or > 1024, "summary"),
            (Text(payload, "source").Length == 0, "source"),
            (!Severities.Contains(Text(payload, "severity"), StringComparer.Ordinal), "severity"),
            (payload.TryGetProperty("timestamp", out var at) && !DateTimeOffset.TryParse(at.GetString(), CultureInfo.InvariantCulture, out _), "timestamp"),
            (payload.TryGetProperty("custom_details", out var details) && details.ValueKind != JsonValueKind.Object, "custom_details"),
            (links.Any(link => Text(link, "href").Length == 0), "links without href"));
    }

    private static IEnumerable<string> Said(params (bool Broken, string What)[] rules) => rules.Where(rule => rule.Broken).Select(rule => rule.What);

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
