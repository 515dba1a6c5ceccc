using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Lag;

/// <summary>Writes what one partition of the offsets topic tells into the books.</summary>
/// <remarks>Called by one thread at a time.</remarks>
internal sealed class ShardEvents(LagBook book, int partition, TimeProvider time, IEnumerable<string> remembered, Action restarted) : IGroupEvents
{
    private readonly LagShard _shard = book.Followed;
    private readonly HashSet<string> _groups = new(remembered, StringComparer.Ordinal);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Committed(in OffsetCommitted commit)
    {
        _groups.Add(commit.Group);
        book.Commits?.Add(commit.Group);
        var now = Now;
        var skew = book.Clocks.Take(partition, commit.CommitTimestampMs, now, commit.IsTransactional);
        _shard.Commit(commit.Group, commit.Topic, commit.Partition, new CommitPoint(commit.Offset, commit.CommitTimestampMs, commit.RecordOffset, now) { SkewMs = skew });
    }

    public void Deleted(in OffsetDeleted offset) => _shard.Forget(offset.Group, offset.Topic, offset.Partition, offset.RecordOffset, Now);

    /// <summary>Who is in a group is read from its coordinator, which also knows of groups that write nothing; how often that changes is seen here.</summary>
    public void Changed(GroupState group)
    {
        if (book.Clocks.IsLive && group.Generation is { } generation) // what is read while catching up happened at other times
        {
            book.Rebalances.Saw(group.Group, generation, Now);
        }
    }

    public void GroupDeleted(string group)
    {
        _groups.Remove(group);
        book.Commits?.Forget(group);
        _shard.ForgetGroup(group);
        book.Rebalances.Forget(group);
    }

    /// <summary>Orders of records begin anew: what is kept could not be compared with what comes.</summary>
    public void Restarted()
    {
        restarted();
        foreach (var group in _groups)
        {
            _shard.ForgetGroup(group);
        }

        _groups.Clear();
    }
}
