using System.Net.ServerSentEvents;
using System.Text.Json;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Forwarding;
using ControlPlane.Contracts;
using ControlPlane.Storage;

namespace ControlPlane.Api.Live;

/// <summary>Changes of clusters owned elsewhere: one stream from each other process, open while anybody here listens.</summary>
internal sealed partial class PeerLive(
    IHttpClientFactory clients, Tickets tickets, PeerSummaries peers, PeerProcesses processes, TimeProvider time, ILogger<PeerLive> logger) : IDisposable
{
    public const string Path = ApiPaths.Root + "/internal/live";

    private static readonly TimeSpan Review = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly HashSet<PendingChanges> _readers = [];
    private CancellationTokenSource? _listening;

    public IDisposable Add(PendingChanges reader)
    {
        lock (_gate)
        {
            _readers.Add(reader);
            if (_listening is null)
            {
                _listening = new CancellationTokenSource();
                _ = ListenAsync(_listening.Token);
            }
        }

        return new Subscription(this, reader);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _readers.Clear();
            _listening?.Cancel();
            _listening?.Dispose();
            _listening = null;
        }
    }

    private void Remove(PendingChanges reader)
    {
        lock (_gate)
        {
            if (_readers.Remove(reader) && _readers.Count == 0)
            {
                _listening?.Cancel(); // not disposed: the streams still hold its token
                _listening = null;
            }
        }
    }

    private void Spread(LiveEventDto change)
    {
        lock (_gate)
        {
            foreach (var reader in _readers)
            {
                reader.Offer(change);
            }
        }
    }

    private async Task ListenAsync(CancellationToken stopping)
    {
        await Task.Yield();
        var streams = new Dictionary<Uri, Task>();
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                foreach (var peer in await processes.ListAsync(stopping))
                {
                    if (!(streams.TryGetValue(peer, out var stream) && !stream.IsCompleted))
                    {
                        streams[peer] = ReadAsync(peer, stopping);
                    }
                }
            }
            catch (StorageUnavailableException ex)
            {
                LogProcessesUnknown(ex.Message); // streams that are open go on
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Review, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(Uri peer, CancellationToken stopping)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(peer, Path));
            request.Headers.Add(Tickets.ForwardHeader, tickets.ForForward(peers.Self, request.Method.Method, Path));
            using var response = await clients.CreateClient(Forwarder.ClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stopping);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync(stopping);
            var events = SseParser.Create(body, static (_, data) => data.IsEmpty ? null : JsonSerializer.Deserialize(data, ApiJson.Default.LiveEventDto));
            await foreach (var item in events.EnumerateAsync(stopping))
            {
                if (item.Data is { } change)
                {
                    Spread(change);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception ex) when (ex is HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            LogStreamEnded(peer, ex.Message); // opened again at the next review, while the process lives
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The live stream from {Peer} ended: {Reason}")]
    private partial void LogStreamEnded(Uri peer, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The processes to listen to are not known now: {Reason}")]
    private partial void LogProcessesUnknown(string reason);

    private sealed class Subscription(PeerLive owner, PendingChanges reader) : IDisposable
    {
        public void Dispose() => owner.Remove(reader);
    }
}
