using ControlPlane.Contracts;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Ui.Api;

/// <summary>
/// Tells the parts of one circuit that a cluster changed. One stream a circuit, opened with the first subscription; each subscriber hears at most
/// four times a second, and always of the last change.
/// </summary>
public sealed partial class LiveUpdates(IControlPlaneApi api, TimeProvider time, ILogger<LiveUpdates> logger) : IDisposable
{
    public static readonly TimeSpan Throttle = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<Subscription> _subscriptions = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task? _listening;

    /// <summary>Whether changes arrive as they happen; false while the stream is down and only the refresh interval renews pages.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Events of clusters for the charts of this circuit.</summary>
    public EventFeed Events { get; } = new(api, time);

    /// <summary>Calls back when the cluster changed; null listens to all.</summary>
    public IDisposable On(string? cluster, Func<Task> changed) => On(cluster, _ => changed());

    /// <summary>As above, with what kinds of change there were.</summary>
    public IDisposable On(string? cluster, Func<LiveKinds, Task> changed)
    {
        var subscription = new Subscription(this, cluster, changed);
        lock (_gate)
        {
            _subscriptions.Add(subscription);
            _listening ??= ListenAsync(_stopping.Token);
        }

        return subscription;
    }

    public void Dispose()
    {
        _stopping.Cancel(); // not disposed: a delayed notice may still ask for its token
        lock (_gate)
        {
            _subscriptions.Clear();
        }
    }

    private async Task ListenAsync(CancellationToken stopping)
    {
        await Task.Yield(); // the subscriber is rendering; it does not wait for the network
        var pause = TimeSpan.FromSeconds(1);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in api.ListenAsync(stopping))
                {
                    (IsConnected, pause) = (true, TimeSpan.FromSeconds(1));
                    Announce(change);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogStreamLost(pause.TotalSeconds, exception); // any loss is answered the same way: try again, later and later
            }

            IsConnected = false;
            await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
        }
    }

    private void Announce(LiveEventDto change)
    {
        Subscription[] interested;
        lock (_gate)
        {
            interested = [.. _subscriptions.Where(one => one.Cluster is null || string.Equals(one.Cluster, change.Cluster, StringComparison.Ordinal))];
        }

        foreach (var one in interested)
        {
            _ = one.NotifyAsync(change.Kind == "load" ? LiveKinds.Load : LiveKinds.State, _stopping.Token);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The live stream ended; next attempt in {Seconds} s")]
    private partial void LogStreamLost(double seconds, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "A page failed to take a live update")]
    private partial void LogUpdateFailed(Exception exception);

    private sealed class Subscription(LiveUpdates owner, string? cluster, Func<LiveKinds, Task> changed) : IDisposable
    {
        private int _kinds;
        private volatile bool _gone;

        public string? Cluster => cluster;

        public async Task NotifyAsync(LiveKinds kind, CancellationToken stopping)
        {
            if (Interlocked.Or(ref _kinds, (int)kind) != 0)
            {
                return; // one is on its way and will see this change too
            }

            await Task.Delay(Throttle, owner.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var kinds = (LiveKinds)Interlocked.Exchange(ref _kinds, 0);
            try
            {
                if (!_gone && !stopping.IsCancellationRequested)
                {
                    await changed(kinds);
                }
            }
            catch (ObjectDisposedException)
            {
                _gone = true; // its page went away between the change and now
            }
            catch (Exception exception)
            {
                owner.LogUpdateFailed(exception);
            }
        }

        public void Dispose()
        {
            _gone = true;
            lock (owner._gate)
            {
                owner._subscriptions.Remove(this);
            }
        }
    }

    private TimeProvider Time => time;
}
