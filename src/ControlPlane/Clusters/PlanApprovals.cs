using System.Collections.Concurrent;
using System.Threading.Channels;
using ControlPlane.Engine.Model;

namespace ControlPlane.Clusters;

/// <summary>
/// Wakes whoever executes plans when one was approved here. Only a hint: the approval itself is in PostgreSQL, so a process that takes the
/// cluster over looks there first and misses nothing.
/// </summary>
internal sealed class PlanApprovals
{
    private readonly ConcurrentDictionary<ClusterId, Channel<bool>> _signals = new();

    public void Tell(ClusterId cluster) => SignalOf(cluster).Writer.TryWrite(true);

    /// <summary>Returns at the next approval, or at once where there was one since the last wait. One waiter per cluster.</summary>
    public async Task WaitAsync(ClusterId cluster, CancellationToken cancellationToken) => await SignalOf(cluster).Reader.ReadAsync(cancellationToken);

    private Channel<bool> SignalOf(ClusterId cluster) => _signals.GetOrAdd(
        cluster, static _ => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }));
}
