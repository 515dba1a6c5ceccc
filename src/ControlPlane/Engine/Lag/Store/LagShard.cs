using ControlPlane.Engine.Lag.Memory;

namespace ControlPlane.Engine.Lag.Store;

/// <summary>
/// The commits of some groups, packed: about 250 bytes for a partition of a group with ten commits. One thread writes, in the order of the
/// records; readers copy one group at a time and judge their copy.
/// </summary>
/// <remarks>A group lives in one partition of __consumer_offsets, so shards share nothing but the end offsets.</remarks>
public sealed class LagShard
{
    /// <summary>The end offset we know was polled about when the commit was made, if the commit was read within this time.</summary>
    private const long LateMs = 30_000;

    private readonly Lock _gate = new();
    private readonly LagStoreOptions _options;
    private readonly EndOffsetStore _ends;
    private readonly GroupRows _groups = new();
    private readonly Rows _rows;
    private readonly RowIndex _index;

    /// <summary>Tombstones by the order of their records: a transaction that ends later may still bring an older commit.</summary>
    private readonly Dictionary<(string Group, string Topic, int Partition), (long Order, long At)> _graves = [];

    public LagShard(LagStoreOptions options, EndOffsetStore ends)
    {
        (_options, _ends) = (options.Checked(), ends);
        _rows = new Rows(options.Slots);
        _index = new RowIndex(_rows.Chunks);
    }

    public LagStoreOptions Options => _options;

    public int Groups
    {
        get
        {
            lock (_gate)
            {
                return _groups.Count;
            }
        }
    }

    /// <summary>Partitions of groups.</summary>
    public long Partitions { get; private set; }

    /// <summary>Places to ask <see cref="TryRead(int, LagSnapshot)"/> for; those of removed groups included.</summary>
    public int Places
    {
        get
        {
            lock (_gate)
            {
                return _groups.Places;
            }
        }
    }

    public CommitOutcome Commit(ReadOnlySpan<char> group, ReadOnlySpan<char> topic, int partition, in CommitPoint commit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfNegative(commit.Offset);
        if (commit.CommittedAt < commit.ObservedAt - _options.ExpireAfterMs)
        {
            return CommitOutcome.TooOld;
        }

        var topicId = _ends.IdOf(topic);
        var end = _ends.Newest(topicId, partition);
        lock (_gate)
        {
            if (_graves.Count > 0 && _graves.TryGetValue((group.ToString(), topic.ToString(), partition), out var grave) && commit.Order <= grave.Order)
            {
                return CommitOutcome.Deleted;
            }

            var groupId = _groups.FindOrAdd(group);
            var row = _index.Find(groupId, topicId, partition);
            return Store(row >= 0 ? row : Add(groupId, topicId, partition), commit, end);
        }
    }

    /// <summary>The offset of a partition was deleted, by a tombstone of this order.</summary>
    public void Forget(string group, string topic, int partition, long order, long observedAt)
    {
        lock (_gate)
        {
            _graves[(group, topic, partition)] = (order, observedAt);
            var row = FindRow(group, topic, partition);
            if (row >= 0 && NewestOrder(row) < order)
            {
                Remove(row);
            }
        }
    }

    /// <summary>A group is gone with all it committed.</summary>
    public bool ForgetGroup(string group)
    {
        lock (_gate)
        {
            var id = _groups.Find(group);
            var row = id < 0 ? -1 : _groups.HeadOf(id);
            while (row >= 0)
            {
                var next = _rows.ChunkOf(row).Next[row & RowChunk.Mask];
                Remove(row);
                row = next;
            }

            return id >= 0;
        }
    }

    /// <summary>A topic is gone, or was made anew: commits from before that are void.</summary>
    /// <param name="madeAt">When the present topic was made, in ms; <see cref="long.MaxValue"/> where there is none any more.</param>
    /// <returns>Partitions of groups that were dropped.</returns>
    public int ForgetTopic(string topic, long madeAt = long.MaxValue)
    {
        var id = _ends.Find(topic);
        lock (_gate)
        {
            return id < 0 ? 0 : RemoveWhere(row => _rows.ChunkOf(row).Topic[row & RowChunk.Mask] == id && !KeepFrom(row, madeAt));
        }
    }

    /// <summary>What a group committed on one topic is not kept any more; the next commit is taken again.</summary>
    public int ForgetTopicOf(string group, string topic)
    {
        lock (_gate)
        {
            var (id, topicId, removed) = (_groups.Find(group), _ends.Find(topic), 0);
            var row = id < 0 ? -1 : _groups.HeadOf(id);
            while (row >= 0)
            {
                var (chunk, i) = (_rows.ChunkOf(row), row & RowChunk.Mask);
                var next = chunk.Next[i];
                if (chunk.Topic[i] == topicId)
                {
                    Remove(row);
                    removed++;
                }

                row = next;
            }

            return removed;
        }
    }

    /// <summary>Groups that have committed anywhere, or on one topic; sorted.</summary>
    public string[] Names(string? topic = null)
    {
        var topicId = topic is null ? -1 : _ends.Find(topic);
        lock (_gate)
        {
            IEnumerable<int> places = topic is null ? Enumerable.Range(0, _groups.Places) : PlacesOf(topicId);
            string[] names = [.. places.Select(_groups.NameOf).OfType<string>()];
            Array.Sort(names, StringComparer.Ordinal);
            return names;
        }
    }

    private HashSet<int> PlacesOf(int topic)
    {
        var places = new HashSet<int>();
        for (var row = 0; topic >= 0 && row < _rows.Chunks.Count * RowChunk.Rows; row++)
        {
            var (chunk, i) = (_rows.ChunkOf(row), row & RowChunk.Mask);
            if (chunk.Count[i] > 0 && chunk.Topic[i] == topic)
            {
                places.Add(chunk.Group[i]);
            }
        }

        return places;
    }

    /// <summary>Drops what nobody has committed to for too long; returns how many partitions of groups.</summary>
    public int Expire(long now)
    {
        lock (_gate)
        {
            var limit = now - _options.ExpireAfterMs;
            foreach (var grave in _graves.Where(grave => grave.Value.At < limit).Select(grave => grave.Key).ToArray())
            {
                _graves.Remove(grave);
            }

            return RemoveWhere(row => _rows.NewestTime(row) < limit);
        }
    }

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

    /// <summary>Copies what is known of a group; false where it is not known.</summary>
    public bool TryRead(string group, LagSnapshot into)
    {
        lock (_gate)
        {
            return _groups.Find(group) is >= 0 and var id && Fill(id, into);
        }
    }

    /// <summary>The same by place, to go through all of them.</summary>
    public bool TryRead(int place, LagSnapshot into)
    {
        lock (_gate)
        {
            return place < _groups.Places && _groups.NameOf(place) is not null && Fill(place, into);
        }
    }

    /// <summary>Takes over the windows of a shard on the same end offsets. Orders become times: those of the other are places in a log that is not read here.</summary>
    public void TakeOver(LagShard other)
    {
        var copy = new RowCopy(stackalloc long[RowCopy.SpaceFor(other._options.Slots)]);
        lock (other._gate)
        {
            for (var row = 0; row < other._rows.Chunks.Count * RowChunk.Rows; row++)
            {
                var (chunk, i) = (other._rows.ChunkOf(row), row & RowChunk.Mask);
                if (chunk.Count[i] > 0)
                {
                    var count = other._rows.Read(row, copy);
                    for (var at = 0; at < count; at++)
                    {
                        copy.Orders[at] = Math.Max(at == 0 ? 0 : copy.Orders[at - 1] + 1, copy.Times[at]);
                    }

                    Put(other._groups.NameOf(chunk.Group[i])!, _ends.NameOf(chunk.Topic[i]), chunk.Partition[i], copy, count, chunk.LongestWait[i]);
                }
            }
        }
    }

    /// <summary>Writes one window, to be put into another shard later; an empty one where nothing is known.</summary>
    /// <param name="place">Position in the offsets topic, which orders are near to.</param>
    internal void Remember(MemoryWriter to, string group, string topic, int partition, long place)
    {
        var copy = new RowCopy(stackalloc long[RowCopy.SpaceFor(_options.Slots)]);
        lock (_gate)
        {
            var row = FindRow(group, topic, partition);
            WindowCodec.Write(to, copy, row < 0 ? 0 : _rows.Read(row, copy), row < 0 ? 0 : _rows.ChunkOf(row).LongestWait[row & RowChunk.Mask], place);
        }
    }

    /// <summary>Reads one window that <see cref="Remember"/> wrote, and keeps it unless there is one already.</summary>
    internal void Recall(ref MemoryReader from, string group, string topic, int partition, long place)
    {
        var copy = new RowCopy(stackalloc long[WindowCodec.Space]);
        var count = WindowCodec.Read(ref from, copy, out var longestWait, place);
        if (count > 0)
        {
            Put(group, topic, partition, copy, count, longestWait);
        }
    }

    private void Put(string group, string topic, int partition, in RowCopy copy, int count, uint longestWait)
    {
        var topicId = _ends.IdOf(topic);
        lock (_gate)
        {
            var groupId = _groups.FindOrAdd(group);
            if (_index.Find(groupId, topicId, partition) < 0)
            {
                var row = Add(groupId, topicId, partition);
                _rows.Write(row, copy, count);
                _rows.ChunkOf(row).LongestWait[row & RowChunk.Mask] = longestWait;
            }
        }
    }

    private bool Fill(int group, LagSnapshot into)
    {
        into.Begin(_groups.NameOf(group)!, _groups.RowsOf(group), _options.Slots, _ends);
        for (var row = _groups.HeadOf(group); row >= 0; row = _rows.ChunkOf(row).Next[row & RowChunk.Mask])
        {
            into.Add(_rows, row);
        }

        return true;
    }

    private CommitOutcome Store(int row, in CommitPoint commit, long end)
    {
        // A commit that is read long after it was made, as on catching up, says nothing of how far behind it was then.
        var lag = end < 0 || commit.ObservedAt - commit.CommittedAt > LateMs ? CommitWindow.Unknown : Math.Max(0, end - commit.Offset);
        Waiting.Learn(_rows, row, commit, end, _ends, _options);
        return _rows.TryAppend(row, commit, lag, _options.MinDistanceMs, out var isMerged)
            ? isMerged ? CommitOutcome.Merged : CommitOutcome.Appended
            : Insertion.Into(_rows, row, commit, lag, _options.MinDistanceMs);
    }

    private int Add(int group, int topic, int partition)
    {
        var row = _rows.Take(group, topic, partition, _groups.HeadOf(group));
        _groups.Added(group, row);
        _index.Add(row);
        Partitions++;
        return row;
    }

    private void Remove(int row)
    {
        _index.Remove(row);
        _groups.Removed(_rows.ChunkOf(row).Group[row & RowChunk.Mask], row, _rows);
        _rows.Release(row);
        Partitions--;
    }

    private int RemoveWhere(Func<int, bool> isGone)
    {
        var removed = 0;
        for (var row = 0; row < _rows.Chunks.Count * RowChunk.Rows; row++)
        {
            if (_rows.ChunkOf(row).Count[row & RowChunk.Mask] > 0 && isGone(row))
            {
                Remove(row);
                removed++;
            }
        }

        return removed;
    }

    /// <summary>Cuts off what is older; false where nothing is left.</summary>
    private bool KeepFrom(int row, long time)
    {
        var copy = new RowCopy(stackalloc long[RowCopy.SpaceFor(_options.Slots)]);
        var count = _rows.Read(row, copy);
        var first = 0;
        while (first < count && copy.Times[first] < time)
        {
            first++;
        }

        if (first > 0 && first < count)
        {
            _rows.Write(row, copy.From(first), count - first);
        }

        return first < count;
    }

    private int FindRow(string group, string topic, int partition) =>
        _groups.Find(group) is >= 0 and var groupId && _ends.Find(topic) is >= 0 and var topicId ? _index.Find(groupId, topicId, partition) : -1;

    private long NewestOrder(int row) => _rows.Newest(row).Order;
}
