using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>A topology sample as the next table of a model.</summary>
/// <param name="BrokerIds">Kafka node id of each broker index, sorted.</param>
/// <param name="OldPartitionOf">Partition index before, by partition index now; null where they are the same.</param>
/// <param name="OldSlotOf">Replica slot before, by replica slot now; null where they are the same.</param>
internal sealed record MergedTopology(PartitionTable Table, int[] BrokerIds, int[]? OldPartitionOf, int[]? OldSlotOf);

/// <summary>Maps a topology sample (node ids) onto a model (broker indexes), and shares every array that did not change.</summary>
internal static class TopologyMerge
{
    /// <summary>The next table, and where its partitions and slots were in the one before.</summary>
    /// <param name="keep">Node ids that must have an index although the sample may not name them.</param>
    public static MergedTopology Merge(PartitionTable before, ReadOnlySpan<int> idsBefore, TopologySample sample, IEnumerable<int> keep)
    {
        var observed = TopicOrder.Sort(sample.Partitions);
        var index = new BrokerIndex(observed, sample.Brokers.Select(broker => broker.Id).Concat(keep));
        var sameTopics = Same(before.TopicName, observed.TopicName) && Same(before.TopicStart, observed.TopicStart);
        var oldOf = sameTopics ? FindRecreated(before, observed) : FindPartitions(before, observed);
        var table = new PartitionTable
        {
            TopicName = sameTopics ? before.TopicName : observed.TopicName,
            TopicId = Keep(before.TopicId, observed.TopicId),
            TopicInternal = Keep(before.TopicInternal, observed.TopicInternal),
            TopicMinInSync = Keep(before.TopicMinInSync, MinInSync(before, observed, sameTopics)),
            TopicStart = sameTopics ? before.TopicStart : observed.TopicStart,
            Topic = Keep(before.Topic, observed.Topic),
            Leader = Keep(before.Leader, index.Map(observed.Leader)),
            LeaderEpoch = Keep(before.LeaderEpoch, observed.LeaderEpoch),
            ReplicaStart = Keep(before.ReplicaStart, observed.ReplicaStart),
            ReplicaBroker = Keep(before.ReplicaBroker, index.Map(observed.ReplicaBroker)),
            ReplicaFlags = observed.ReplicaFlags,
        };
        var sameSlots = oldOf is null
            && ReferenceEquals(table.ReplicaStart, before.ReplicaStart)
            && ReferenceEquals(table.ReplicaBroker, before.ReplicaBroker)
            && idsBefore.SequenceEqual(index.Ids);
        return new MergedTopology(table, index.Ids, oldOf, sameSlots ? null : FindSlots(before, idsBefore, table, index.Ids, oldOf));
    }

    /// <summary>The old array where the new one holds the same; so readers and the next round can compare references.</summary>
    public static T[] Keep<T>(T[] before, T[] now)
        where T : struct
        => Same(before, now) ? before : now;

    private static bool Same<T>(T[] before, T[] now) => before.AsSpan().SequenceEqual(now);

    /// <summary>min.insync.replicas comes from configs, not from metadata: carried over by topic.</summary>
    private static short[] MinInSync(PartitionTable before, PartitionTable observed, bool sameTopics)
    {
        var next = new short[observed.TopicCount];
        for (var topic = 0; topic < next.Length; topic++)
        {
            var old = sameTopics ? topic : before.FindTopic(observed.TopicName[topic]);
            next[topic] = observed.TopicMinInSync.Length > topic && observed.TopicMinInSync[topic] > 0
                ? observed.TopicMinInSync[topic]
                : old < 0 ? (short)-1 : before.TopicMinInSync[old];
        }

        return next;
    }

    /// <summary>Null where no topic was deleted and made anew under its name.</summary>
    private static int[]? FindRecreated(PartitionTable before, PartitionTable observed) =>
        before.TopicId.AsSpan().SequenceEqual(observed.TopicId) ? null : FindPartitions(before, observed);

    private static int[] FindPartitions(PartitionTable before, PartitionTable observed)
    {
        var oldOf = Remapping.Filled(observed.PartitionCount, -1);
        var old = 0;
        for (var topic = 0; topic < observed.TopicCount; topic++)
        {
            while (old < before.TopicCount && string.CompareOrdinal(before.TopicName[old], observed.TopicName[topic]) < 0)
            {
                old++;
            }

            if (old < before.TopicCount
                && string.Equals(before.TopicName[old], observed.TopicName[topic], StringComparison.Ordinal)
                && IsSameTopic(before.TopicId[old], observed.TopicId[topic]))
            {
                var count = Math.Min(before.PartitionsOf(old), observed.PartitionsOf(topic));
                for (var i = 0; i < count; i++)
                {
                    oldOf[observed.TopicStart[topic] + i] = before.TopicStart[old] + i;
                }
            }
        }

        return oldOf;
    }

    private static bool IsSameTopic(Guid before, Guid now) => before == now || before == Guid.Empty || now == Guid.Empty;

    private static int[] FindSlots(PartitionTable before, ReadOnlySpan<int> idsBefore, PartitionTable table, int[] ids, int[]? oldOf)
    {
        var slots = new int[table.ReplicaCount];
        for (var p = 0; p < table.PartitionCount; p++)
        {
            var old = oldOf is null ? p : oldOf[p];
            for (var slot = table.ReplicaStart[p]; slot < table.ReplicaStart[p + 1]; slot++)
            {
                slots[slot] = old < 0 ? -1 : FindSlot(before, idsBefore, old, ids[table.ReplicaBroker[slot]]);
            }
        }

        return slots;
    }

    private static int FindSlot(PartitionTable before, ReadOnlySpan<int> idsBefore, int partition, int brokerId)
    {
        for (var slot = before.ReplicaStart[partition]; slot < before.ReplicaStart[partition + 1]; slot++)
        {
            if (idsBefore[before.ReplicaBroker[slot]] == brokerId)
            {
                return slot;
            }
        }

        return -1;
    }
}

/// <summary>Node ids to broker indexes, by table where ids are small (they nearly always are).</summary>
internal sealed class BrokerIndex
{
    private const int MaxDense = 1 << 16;

    private readonly int[] _dense;
    private readonly Dictionary<int, int> _sparse = [];

    public BrokerIndex(PartitionTable observed, IEnumerable<int> known)
    {
        var listed = known.ToArray();
        var largest = Math.Max(Largest(listed), Math.Max(Largest(observed.ReplicaBroker), Largest(observed.Leader)));
        _dense = new int[Math.Min(largest, MaxDense - 1) + 1];
        Array.Fill(_dense, -1);
        foreach (var id in listed)
        {
            Mark(id);
        }

        MarkAll(observed.ReplicaBroker);
        MarkAll(observed.Leader);
        var ids = new List<int>(_sparse.Keys);
        for (var id = 0; id < _dense.Length; id++)
        {
            if (_dense[id] >= 0)
            {
                ids.Add(id);
            }
        }

        Ids = [.. ids.Order()];
        for (var i = 0; i < Ids.Length; i++)
        {
            if (Ids[i] < _dense.Length)
            {
                _dense[Ids[i]] = i;
            }
            else
            {
                _sparse[Ids[i]] = i;
            }
        }
    }

    /// <summary>Sorted; the place of an id is its broker index.</summary>
    public int[] Ids { get; }

    public int Find(int id) =>
        (uint)id < (uint)_dense.Length ? _dense[id] : _sparse.TryGetValue(id, out var index) ? index : -1;

    public int[] Map(int[] ids)
    {
        var mapped = new int[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            mapped[i] = Find(ids[i]);
        }

        return mapped;
    }

    private static int Largest(int[] ids) => ids.Length == 0 ? -1 : ids.Max();

    private void MarkAll(int[] ids)
    {
        foreach (var id in ids)
        {
            if (id >= _dense.Length || (id >= 0 && _dense[id] < 0))
            {
                Mark(id);
            }
        }
    }

    private void Mark(int id)
    {
        if (id >= _dense.Length)
        {
            _sparse[id] = 0;
        }
        else if (id >= 0)
        {
            _dense[id] = 0;
        }
    }
}
