using System.Threading.Channels;
using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Live;

/// <summary>
/// What one reader has not been told yet: per cluster and kind only the last change, so that a slow reader holds little and
/// still misses no kind.
/// </summary>
internal sealed class PendingChanges(ClusterId? only)
{
    private readonly Lock _gate = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Dictionary<(string Cluster, string Kind), LiveEventDto> _pending = [];

    public void Offer(LiveEventDto change)
    {
        if (only is { } cluster && !string.Equals(change.Cluster, cluster.Value, StringComparison.Ordinal))
        {
            return;
        }

        lock (_gate)
        {
            _pending[(change.Cluster, change.Kind)] = change;
        }

        _signal.Writer.TryWrite(true);
    }

    public void Complete() => _signal.Writer.TryComplete();

    /// <summary>False when no more will come.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _signal.Reader.WaitToReadAsync(cancellationToken);

    public IReadOnlyCollection<LiveEventDto> Take()
    {
        _signal.Reader.TryRead(out _);
        lock (_gate)
        {
            var taken = _pending;
            _pending = [];
            return taken.Values;
        }
    }
}
