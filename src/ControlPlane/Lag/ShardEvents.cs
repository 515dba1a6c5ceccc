using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Lag;

/// <summary>Writes what one partition of the offsets topic tells into the books.</summary>
/// <remarks>Called by one thread at a time.</remarks>
internal sealed class ShardEvents(LagShard shard, TimeProvider time, IEnumerable<string> remembered, Action restarted) : IGroupEvents
{
    private readonly HashSet<string> _groups = new(remembered, StringComparer.Ordinal);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Committed(in OffsetCommitted commit)
    {
        _groups.Add(commit.Group);
        shard.Commit(commit.Group, commit.Topic, commit.Partition, new CommitPoint(commit.Offset, commit.CommitTimestampMs, commit.RecordOffset, Now));
    }

    public void Deleted(in OffsetDeleted offset) => shard.Forget(offset.Group, offset.Topic, offset.Partition, offset.RecordOffset, Now);

    public void Changed(GroupState group)
    {
        // who is in a group is read from its coordinator, which also knows of groups that write nothing
    }

    public void GroupDeleted(string group)
    {
        _groups.Remove(group);
        shard.ForgetGroup(group);
    }

    /// <summary>Orders of records begin anew: what is kept could not be compared with what comes.</summary>
    public void Restarted()
    {
        restarted();
        foreach (var group in _groups)
        {
            shard.ForgetGroup(group);
        }

        _groups.Clear();
    }
}
