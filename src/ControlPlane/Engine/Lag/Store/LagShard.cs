namespace ControlPlane.Engine.Lag.Store;

/// <summary>
/// The commits of some groups, packed: about 250 bytes for a partition of a group with ten commits. One thread writes, in the order of the
/// records; readers copy one group at a time and judge their copy.
/// </summary>
/// <remarks>A group lives in one partition of __consumer_offsets, so shards share nothing but the end offsets.</remarks>
public sealed partial class LagShard
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
        Waiting.Learn(_rows, row, commit, lag, end, _ends, _options);
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
