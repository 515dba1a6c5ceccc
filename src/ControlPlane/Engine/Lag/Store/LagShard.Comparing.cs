namespace ControlPlane.Engine.Lag.Store;

/// <summary>What a coordinator's word is held against, and put right by.</summary>
public sealed partial class LagShard
{
    /// <summary>Adds the latest commit of each partition of a group, if it is known.</summary>
    public void ReadLatest(string group, ICollection<LatestCommit> into)
    {
        lock (_gate)
        {
            var row = _groups.Find(group) is >= 0 and var id ? _groups.HeadOf(id) : -1;
            for (; row >= 0; row = _rows.ChunkOf(row).Next[row & RowChunk.Mask])
            {
                var (chunk, i) = (_rows.ChunkOf(row), row & RowChunk.Mask);
                var (offset, order) = _rows.Newest(row);
                into.Add(new LatestCommit(_ends.NameOf(chunk.Topic[i]), chunk.Partition[i], offset, order));
            }
        }
    }

    /// <summary>A commit of this partition was deleted, and none came after.</summary>
    public bool WasDeleted(string group, string topic, int partition)
    {
        lock (_gate)
        {
            return _graves.ContainsKey((group, topic, partition)) && FindRow(group, topic, partition) < 0;
        }
    }

    /// <summary>Puts right what the feed did not tell, unless it told something since.</summary>
    /// <param name="group">The group's id.</param>
    /// <param name="topic">The topic's name.</param>
    /// <param name="partition">Of the topic.</param>
    /// <param name="order">Of the latest commit that is known; null where none is.</param>
    /// <param name="offset">The offset that stands committed; null where none does.</param>
    /// <param name="now">When that was read, in ms: when it was committed nobody says.</param>
    /// <returns>Whether anything was put right.</returns>
    public bool Mend(string group, string topic, int partition, long? order, long? offset, long now)
    {
        lock (_gate)
        {
            var row = FindRow(group, topic, partition);
            if ((row < 0 ? null : (long?)_rows.Newest(row).Order) != order)
            {
                return false;
            }

            if (offset is null)
            {
                Remove(row);
                return true;
            }

            var grave = _graves.TryGetValue((group, topic, partition), out var dug) ? dug.Order : -1;
            var after = Math.Max(order ?? 0, grave) + 1; // below the order of whatever record comes next
            return Commit(group, topic, partition, new CommitPoint(offset.Value, now, after, now)) is CommitOutcome.Appended or CommitOutcome.Merged or CommitOutcome.Inserted;
        }
    }
}
