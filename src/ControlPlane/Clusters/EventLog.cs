using System.Threading.Channels;
using ControlPlane.Engine.Sampling;
using ControlPlane.Storage;

namespace ControlPlane.Clusters;

/// <summary>An event and the lease of the time it happened in.</summary>
internal readonly record struct NotedEvent(ClusterEvent Event, ClusterLease Lease);

/// <summary>
/// Takes notes of what happens to owned clusters, without ever making a cluster wait, and keeps them until <see cref="EventWriter"/>
/// has stored them. It outlives the ownership of a cluster: an outage of the database ends that, and what happened until then counts.
/// </summary>
internal sealed class EventLog
{
    /// <summary>Far more than a fleet tells in the minutes a database may be away; beyond it the oldest go, and are counted.</summary>
    public const int Capacity = 8192;

    private readonly Channel<NotedEvent> _noted;
    private readonly ProcessIdentity _process;
    private readonly TimeProvider _time;
    private long _forgotten;

    public EventLog(ProcessIdentity process, TimeProvider time)
    {
        (_process, _time) = (process, time);
        _noted = Channel.CreateBounded<NotedEvent>(
            new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref _forgotten));
    }

    /// <summary>What there was no room for, since the process started.</summary>
    public long Forgotten => Interlocked.Read(ref _forgotten);

    public ChannelReader<NotedEvent> Noted => _noted.Reader;

    public void NoteOwner(ClusterLease lease) => Note(lease, EventWords.Owner(_process.Name, lease.Epoch));

    public void Note(ClusterLease lease, ClusterEffect effect)
    {
        if (EventWords.Of(effect) is { } words)
        {
            Note(lease, words);
        }
    }

    private void Note(ClusterLease lease, EventWords words)
    {
        var at = _time.GetUtcNow();
        _noted.Writer.TryWrite(new NotedEvent(new ClusterEvent(Guid.CreateVersion7(at), lease.Cluster, at, words.Kind, words.Subject, words.Status, words.Sentence), lease));
    }
}
