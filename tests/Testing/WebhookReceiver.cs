using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Testing;

/// <summary>One request that a receiver got, in order of arrival.</summary>
public sealed record ReceivedAlert(int Number, string Delivery, string Event, string DedupKey, string Body, bool IsDelivered);

/// <summary>
/// A receiver of our webhooks on a port of 127.0.0.1, written from the documented contract and not from the sender's code: it verifies
/// signature and time, and keeps what breaks the contract.
/// </summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    private readonly string? _secret;
    private readonly int _port;
    private readonly Lock _gate = new();
    private readonly List<ReceivedAlert> _received = [];
    private readonly ConcurrentQueue<string> _violations = new();
    private WebApplication? _app;
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WebhookReceiver(string? secret, int port) => (_secret, _port) = (secret, port);

    /// <summary>Chosen for each request by its number, from 1.</summary>
    public Func<int, ReceiverAnswer> Answer { get; set; } = static _ => ReceiverAnswer.Status(200);

    public string Url => $"http://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}/hook";

    public IReadOnlyCollection<string> Violations => _violations;

    public IReadOnlyList<ReceivedAlert> Received
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    public static async Task<WebhookReceiver> StartAsync(string? secret, CancellationToken cancellationToken)
    {
        var receiver = new WebhookReceiver(secret, LoopbackPorts.Free(1)[0]);
        await receiver.UpAsync(cancellationToken);
        return receiver;
    }

    /// <summary>Nothing listens any more.</summary>
    public async Task DownAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            using var impatient = new CancellationTokenSource(TimeSpan.Zero);
            await app.StopAsync(impatient.Token);
            await app.DisposeAsync();
        }
    }

    public async Task UpAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}");
        _app = builder.Build();
        _app.MapPost("/hook", TakeAsync);
        await _app.StartAsync(cancellationToken);
    }

    /// <summary>Waits until what was received is as hoped for.</summary>
    public async Task UntilAsync(Func<IReadOnlyList<ReceivedAlert>, bool> condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(limit);
        while (true)
        {
            Task arrived;
            lock (_gate)
            {
                arrived = _arrived.Task;
            }

            var received = Received;
            if (condition(received))
            {
                return;
            }

            try
            {
                await arrived.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException ex) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"Not as hoped for within {limit}: {received.Count} requests, {received.Count(one => one.IsDelivered)} answered with success. {string.Join("; ", _violations.Take(3))}", ex);
            }
        }
    }

    public async ValueTask DisposeAsync() => await DownAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        Check(http.Request, body);
        using var json = JsonDocument.Parse(body);
        ReceiverAnswer answer;
        TaskCompletionSource arrived;
        lock (_gate)
        {
            answer = Answer(_received.Count + 1);
            _received.Add(new ReceivedAlert(
                _received.Count + 1, http.Request.Headers["X-Kcp-Delivery"].ToString(), http.Request.Headers["X-Kcp-Event"].ToString(), json.RootElement.GetProperty("dedupKey").GetString()!, body, answer.IsDelivered));
            (arrived, _arrived) = (_arrived, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        arrived.SetResult();
        await answer.WriteAsync(http);
    }

    private void Check(HttpRequest request, string body)
    {
        RefuseIf(!Guid.TryParse(request.Headers["X-Kcp-Delivery"], out _), "X-Kcp-Delivery is no uuid");
        RefuseIf(request.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != true, $"content type {request.ContentType}");
        RefuseIf(request.Headers.UserAgent.Count == 0, "no User-Agent");
        RefuseIf(request.Headers["X-Kcp-Event"].ToString() is not ("trigger" or "resolve" or "test"), "unknown event");
        var timestamp = request.Headers["X-Kcp-Timestamp"].ToString();
        var skew = long.TryParse(timestamp, CultureInfo.InvariantCulture, out var seconds) ? (TimeProvider.System.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() : TimeSpan.MaxValue;
        RefuseIf(skew > MaxSkew, $"timestamp {timestamp} is {skew} off");
        var signature = request.Headers["X-Kcp-Signature"].ToString();
        if (_secret is null)
        {
            RefuseIf(signature.Length > 0, "signed without a secret");
            return;
        }

        var expected = "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(_secret), Encoding.UTF8.GetBytes($"{timestamp}.{body}")));
        RefuseIf(!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(signature)), $"signature {signature}");
    }

    private void RefuseIf(bool broken, string what)
    {
        if (broken)
        {
            _violations.Enqueue(what);
        }
    }
}
