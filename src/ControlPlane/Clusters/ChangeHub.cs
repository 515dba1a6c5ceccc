using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ControlPlane.Engine.Model;

namespace ControlPlane.Clusters;

/// <summary>Spreads changes to whoever watches. A watcher holds at most one pending change per cluster and kind, so none can grow.</summary>
internal sealed class ChangeHub
{
    private readonly Lock _lock = new();
    private readonly HashSet<Watcher> _watchers = [];

    public void Publish(ClusterChange change)
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers)
            {
                watcher.Offer(change);
            }
        }
    }

    public async IAsyncEnumerable<ClusterChange> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var watcher = new Watcher();
        lock (_lock)
        {
            _watchers.Add(watcher);
        }

        try
        {
            while (true)
            {
                foreach (var change in await watcher.TakeAsync(cancellationToken))
                {
                    yield return change;
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(watcher);
            }
        }
    }

    private sealed class Watcher
    {
        private readonly Lock _lock = new();
        private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        private Dictionary<(ClusterId, ChangeKind), ClusterChange> _pending = [];

        public void Offer(ClusterChange change)
        {
            lock (_lock)
            {
                _pending[(change.Cluster, change.Kind)] = change;
            }

            _signal.Writer.TryWrite(true);
        }

        public async Task<IReadOnlyCollection<ClusterChange>> TakeAsync(CancellationToken cancellationToken)
        {
            await _signal.Reader.ReadAsync(cancellationToken);
            lock (_lock)
            {
                var taken = _pending;
                _pending = [];
                return taken.Values;
            }
        }
    }
}
