using System.Runtime.InteropServices;
using System.Text;

namespace ControlPlane.Engine.Lag.Feed;

/// <summary>One commit as its record has it, before it is known whether it counts.</summary>
/// <param name="Offset">The committed offset.</param>
/// <param name="LeaderEpoch">-1: not said.</param>
/// <param name="TimestampMs">When it was committed.</param>
/// <param name="TopicId">Zero: not said.</param>
/// <param name="RecordOffset">Where the record stands.</param>
public readonly record struct CommitRecord(long Offset, int LeaderEpoch, long TimestampMs, Guid TopicId, long RecordOffset);

/// <summary>
/// What the records of one partition of the offsets topic mean, taken in the order of the log: which commits count, what is
/// deleted, who is in a group. Pure bookkeeping of one thread; its events go to <see cref="IGroupEvents"/>.
/// A group exists as long as it has an offset or a record of any type: a record deleted in an upgrade between protocols is
/// followed by others before <see cref="Flush"/>, which is where groups are judged.
/// </summary>
public sealed class GroupFeed(IGroupEvents events, GroupFeedLimits limits)
{
    private const long Unproven = -1;

    private readonly NameTable _groupNames = new();
    private readonly NameTable _topicNames = new();
    private readonly Dictionary<OffsetKey, long> _offsets = []; // to the offset of the record that counts
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly HashSet<Group> _dirty = [];
    private readonly OpenTransactions _open = new();
    private HashSet<(string Group, GroupRecordKey Key)>? _unprovenFacts;

    public GroupFeed(IGroupEvents events)
        : this(events, GroupFeedLimits.Default)
    {
    }

    public GroupFeedCounters Counters { get; } = new();

    /// <summary>Offsets that count now.</summary>
    public int OffsetCount => _offsets.Count;

    public int GroupCount => _groups.Count;

    /// <summary>Group and topic names kept.</summary>
    public (int Groups, int Topics) NameCounts => (_groupNames.Count, _topicNames.Count);

    /// <summary><paramref name="producerId"/> is null where the commit counts at once.</summary>
    public void Commit(ReadOnlySpan<byte> group, ReadOnlySpan<byte> topic, int partition, in CommitRecord commit, long? producerId)
    {
        var key = new OffsetKey(_groupNames.Place(group), _topicNames.Place(topic), partition);
        if (producerId is { } producer)
        {
            if (_open.Count >= limits.MaxOpenCommits)
            {
                Counters.OpenCommitsRefused++;
            }
            else if (_open.Add(producer, key, commit))
            {
                Reference(key);
            }
        }
        else
        {
            Apply(key, commit, isTransactional: false);
        }

        _topicNames.ForgetUnused(key.Topic);
        _groupNames.ForgetUnused(key.Group);
    }

    /// <summary>Takes also what open transactions had committed there, as the coordinator does.</summary>
    public void Delete(ReadOnlySpan<byte> group, ReadOnlySpan<byte> topic, int partition, long recordOffset)
    {
        if (_groupNames.TryFind(group, out var groupPlace) && _topicNames.TryFind(topic, out var topicPlace))
        {
            var key = new OffsetKey(groupPlace, topicPlace, partition);
            Remove(key, recordOffset);
            for (var dropped = _open.Drop(key, recordOffset); dropped > 0; dropped--)
            {
                Release(key);
            }
        }
    }

    public void EndTransaction(long producerId, bool isCommit)
    {
        foreach (var (key, commit) in _open.End(producerId))
        {
            if (isCommit)
            {
                Apply(key, commit, isTransactional: true);
            }
            else
            {
                Counters.Aborted++;
            }

            Release(key);
        }
    }

    /// <summary>A record about a group; null is its tombstone.</summary>
    public void Tell(string groupId, GroupRecordKey key, GroupFact? fact)
    {
        if (fact is not null)
        {
            var group = GroupOf(groupId);
            group.Facts[key] = fact;
            group.Latest = fact.Kind;
            _unprovenFacts?.Remove((groupId, key));
            _dirty.Add(group);
        }
        else if (_groups.TryGetValue(groupId, out var known) && known.Facts.Remove(key))
        {
            _dirty.Add(known);
        }
    }

    /// <summary>Tells of groups that changed since the last time. To be called between batches: the records of one decision are in one batch.</summary>
    public void Flush()
    {
        foreach (var group in _dirty)
        {
            if (group.Facts.Count > 0)
            {
                group.WasDescribed = true;
                events.Changed(group.Describe());
            }
            else if (group.OffsetCount == 0)
            {
                _groups.Remove(group.Id);
                events.GroupDeleted(group.Id);
            }
            else if (group.WasDescribed)
            {
                group.WasDescribed = false;
                events.Changed(group.Describe());
            }
        }

        _dirty.Clear();
    }

    /// <summary>The log is read again from its beginning, because what stood at our place is gone: all that we know is to be proven by it.</summary>
    public void BeginReplay()
    {
        foreach (var key in _offsets.Keys)
        {
            CollectionsMarshal.GetValueRefOrNullRef(_offsets, key) = Unproven;
        }

        _unprovenFacts = [.. from @group in _groups.Values from key in @group.Facts.Keys select (@group.Id, key)];
        foreach (var (key, _) in _open.EndAll())
        {
            Release(key);
        }

        events.Restarted();
    }

    /// <summary>The end was reached: what the log did not say again is deleted.</summary>
    public void EndReplay()
    {
        foreach (var key in _offsets.Where(pair => pair.Value == Unproven).Select(pair => pair.Key).ToList())
        {
            Remove(key, long.MaxValue);
        }

        var facts = _unprovenFacts ?? [];
        _unprovenFacts = null;
        foreach (var (groupId, key) in facts)
        {
            Tell(groupId, key, null);
        }

        Flush();
    }

    /// <summary>All that is needed to go on later from the position that belongs to it.</summary>
    public GroupFeedSnapshot Export() => new(
        [.. _offsets.Select(pair => new OffsetPlace(_groupNames[pair.Key.Group], _topicNames[pair.Key.Topic], pair.Key.Partition, pair.Value))],
        [.. from @group in _groups.Values from fact in @group.Facts select new GroupFactPlace(@group.Id, fact.Key, fact.Value)])
    {
        Open = [.. _open.All.Select(one => new OpenCommitPlace(one.ProducerId, _groupNames[one.Key.Group], _topicNames[one.Key.Topic], one.Key.Partition, one.Commit)).OrderBy(one => one.Commit.RecordOffset)],
    };

    /// <summary>Takes over what an earlier feed knew, without events: into a new feed only.</summary>
    public void Import(GroupFeedSnapshot snapshot)
    {
        if (_groups.Count > 0 || _offsets.Count > 0)
        {
            throw new InvalidOperationException("This feed already knows groups; a snapshot goes into a new one.");
        }

        foreach (var (groupId, topic, partition, recordOffset) in snapshot.Offsets)
        {
            var key = new OffsetKey(_groupNames.Place(Encoding.UTF8.GetBytes(groupId)), _topicNames.Place(Encoding.UTF8.GetBytes(topic)), partition);
            if (_offsets.TryAdd(key, recordOffset))
            {
                Reference(key);
                GroupOf(_groupNames[key.Group]).OffsetCount++;
            }
        }

        foreach (var (groupId, key, fact) in snapshot.Facts)
        {
            var group = GroupOf(groupId);
            group.Facts[key] = fact;
            (group.Latest, group.WasDescribed) = (fact.Kind, true);
        }

        foreach (var (producer, groupId, topic, partition, commit) in snapshot.Open)
        {
            Commit(Encoding.UTF8.GetBytes(groupId), Encoding.UTF8.GetBytes(topic), partition, commit, producer);
        }
    }

    private void Apply(OffsetKey key, in CommitRecord commit, bool isTransactional)
    {
        if (commit.Offset < 0)
        {
            Counters.Negative++;
            Remove(key, commit.RecordOffset); // the coordinator answers it as "no offset"
            return;
        }

        ref var counts = ref CollectionsMarshal.GetValueRefOrAddDefault(_offsets, key, out var exists);
        if (exists && commit.RecordOffset <= counts)
        {
            Counters.Older++;
            return;
        }

        counts = commit.RecordOffset;
        if (!exists)
        {
            Reference(key);
            GroupOf(_groupNames[key.Group]).OffsetCount++;
        }

        Counters.Committed++;
        events.Committed(new OffsetCommitted(
            _groupNames[key.Group], _topicNames[key.Topic], key.Partition, commit.TopicId == Guid.Empty ? null : commit.TopicId,
            commit.Offset, commit.LeaderEpoch < 0 ? null : commit.LeaderEpoch, commit.TimestampMs, commit.RecordOffset, isTransactional));
    }

    private void Remove(OffsetKey key, long recordOffset)
    {
        if (!_offsets.TryGetValue(key, out var counts) || recordOffset <= counts)
        {
            return; // not there, or the tombstone is older than what counts now
        }

        _offsets.Remove(key);
        var (groupId, topic) = (_groupNames[key.Group], _topicNames[key.Topic]);
        if (_groups.TryGetValue(groupId, out var group) && --group.OffsetCount == 0)
        {
            _dirty.Add(group);
        }

        Counters.Deleted++;
        events.Deleted(new OffsetDeleted(groupId, topic, key.Partition, recordOffset));
        Release(key);
    }

    private Group GroupOf(string id)
    {
        ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groups, id, out _);
        return group ??= new Group(id);
    }

    private void Reference(OffsetKey key)
    {
        _groupNames.AddReference(key.Group);
        _topicNames.AddReference(key.Topic);
    }

    private void Release(OffsetKey key)
    {
        _groupNames.Release(key.Group);
        _topicNames.Release(key.Topic);
    }
}
