using System.Text.Json;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Clusters;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Api.Live;

/// <summary>
/// Server-sent events: at most four batches a second, a comment where nothing was said for 15 s so that proxies keep the line, an end at
/// shutdown and for callers who lost their access.
/// </summary>
internal sealed class LiveStream(
    IClusterViews views, PeerLive peers, AccessCache access, LiveSeats seats, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    // With what AccessCache may be behind (5 s) a disabled user's stream ends within 10 s.
    private static readonly TimeSpan Review = TimeSpan.FromSeconds(5);

    public async Task ServeAsync(HttpContext http, ClusterId? only, bool withPeers)
    {
        var caller = Caller.Of(http.User)!;
        using var seat = seats.Take(caller);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var pending = new PendingChanges(only);
        using var fromPeers = withPeers ? peers.Add(pending) : null;
        var reading = ReadAsync(pending, ending.Token);
        try
        {
            await WriteAsync(http, caller, pending, ending.Token);
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            await ending.CancelAsync();
            await reading;
        }
    }

    private async Task ReadAsync(PendingChanges pending, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in views.WatchAsync(cancellationToken))
            {
                pending.Offer(new LiveEventDto(change.Cluster.Value ?? "", Word(change.Kind), change.Generation, time.GetUtcNow()));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            pending.Complete();
        }
    }

    private async Task WriteAsync(HttpContext http, Caller caller, PendingChanges pending, CancellationToken cancellationToken)
    {
        var response = http.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.WriteAsync("retry: 2000\n\n", cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        var (reviewed, said) = (time.GetTimestamp(), time.GetTimestamp());
        while (await WaitAsync(pending, cancellationToken))
        {
            if (time.GetElapsedTime(reviewed) >= Review)
            {
                if (!await MayGoOnAsync(http, caller, cancellationToken))
                {
                    return; // disabled, changed or revoked since: the reader has to log in again
                }

                reviewed = time.GetTimestamp();
            }

            var changes = pending.Take();
            foreach (var change in changes)
            {
                await response.WriteAsync($"data: {JsonSerializer.Serialize(change, ApiJson.Default.LiveEventDto)}\n\n", cancellationToken);
            }

            if (changes.Count == 0 && time.GetElapsedTime(said) >= Heartbeat)
            {
                await response.WriteAsync(": still here\n\n", cancellationToken);
            }
            else if (changes.Count == 0)
            {
                continue;
            }

            await response.Body.FlushAsync(cancellationToken);
            said = time.GetTimestamp();
            await Task.Delay(Pace, time, cancellationToken);
        }
    }

    /// <summary>True after a change, or when it is time to look after the caller; false when no change will come any more.</summary>
    private async ValueTask<bool> WaitAsync(PendingChanges pending, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), patience, Review, Timeout.InfiniteTimeSpan);
        try
        {
            return await pending.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    /// <summary>Other processes are believed; people and programs are served by the process they ask, never through another one.</summary>
    private async ValueTask<bool> MayGoOnAsync(HttpContext http, Caller caller, CancellationToken cancellationToken)
    {
        try
        {
            return caller switch
            {
                { Kind: ActorKind.User, Stamp: { } stamp } => await access.FindUserAsync(caller.Name, stamp, cancellationToken) is not null,
                { Kind: ActorKind.Token } => await access.FindTokenAsync(HeaderAuthentication.Secret(http.Request), cancellationToken) is not null,
                _ => true,
            };
        }
        catch (StorageUnavailableException)
        {
            return true; // as far as can be known; live state is needed most when something is down
        }
    }

    private static string Word(ChangeKind kind) => kind switch
    {
        ChangeKind.Fleet => "fleet",
        ChangeKind.State => "state",
        ChangeKind.Load => "load",
        ChangeKind.Anomalies => "anomalies",
        ChangeKind.Alerts => "alerts",
        ChangeKind.Plans => "plans",
        ChangeKind.Executions => "executions",
        ChangeKind.Healing => "healing",
        _ => throw new InvalidOperationException($"Unhandled change {kind}"),
    };
}
