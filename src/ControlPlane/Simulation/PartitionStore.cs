using ControlPlane.Engine.Model;

namespace ControlPlane.Simulation;

/// <summary>One replica as the store keeps it.</summary>
internal readonly record struct ReplicaSlot(int Broker, ReplicaFlags Flags, short LogDir);

/// <summary>
/// Topics, partitions and replicas of the world in the flat arrays of a <see cref="PartitionTable"/>, brokers by node id. A published
/// table shares them; the first write after that copies the array it writes to, so an unchanged world costs a snapshot nothing.
/// </summary>
internal sealed class PartitionStore
{
    private PartitionTable _table;
    private readonly short[] _minInSync;
    private short[] _logDir;
    private int[] _leader;
    private int[] _leaderEpoch;
    private ReplicaFlags[] _flags;
    private bool _leadersShared;
    private bool _flagsShared;
    private bool _changed;
    private int[]? _slotsByBroker;
    private int[] _brokerStart = [];
    private int[] _slotPartition = [];

    /// <summary>Takes the arrays of the table; its own copies come with the first write.</summary>
    /// <param name="minInSync">By topic; not part of the published table, for Metadata doesn't tell it.</param>
    public PartitionStore(PartitionTable table, short[] minInSync, short[] replicaLogDir, int brokers)
    {
        _minInSync = minInSync;
        _table = table;
        _logDir = replicaLogDir;
        (_leader, _leaderEpoch, _flags) = (table.Leader, table.LeaderEpoch, table.ReplicaFlags);
        (_leadersShared, _flagsShared) = (true, true);
        Brokers = brokers;
    }

    public int Brokers { get; }

    public int Count => _table.PartitionCount;

    public int ReplicaCount => _table.ReplicaCount;

    /// <summary>Names and numbers of topics and partitions, which never change. Leaders and flags in it may be outdated.</summary>
    public PartitionTable Layout => _table;

    /// <summary>The picture of now, immutable. The same object as long as nothing changes.</summary>
    public PartitionTable Publish()
    {
        if (_changed)
        {
            _table = _table with { Leader = _leader, LeaderEpoch = _leaderEpoch, ReplicaFlags = _flags };
            (_leadersShared, _flagsShared, _changed) = (true, true, false);
        }

        return _table;
    }

    /// <summary>Node id of the leader, or -1.</summary>
    public int Leader(int partition) => _leader[partition];

    public int First(int partition) => _table.ReplicaStart[partition];

    public int End(int partition) => _table.ReplicaStart[partition + 1];

    public int Broker(int slot) => _table.ReplicaBroker[slot];

    public ReplicaFlags Flags(int slot) => _flags[slot];

    public short LogDir(int slot) => _logDir[slot];

    public int MinInSync(int partition) => _minInSync[_table.Topic[partition]];

    public short TopicMinInSync(int topic) => _minInSync[topic];

    public void SetTopicMinInSync(int topic, short value) => _minInSync[topic] = value;

    public bool IsInSync(int slot) => (_flags[slot] & ReplicaFlags.InSync) != ReplicaFlags.None;

    /// <summary>Slot of that broker's replica, or -1.</summary>
    public int FindSlot(int partition, int broker)
    {
        for (var slot = First(partition); slot < End(partition); slot++)
        {
            if (_table.ReplicaBroker[slot] == broker)
            {
                return slot;
            }
        }

        return -1;
    }

    public int CountInSync(int partition)
    {
        var count = 0;
        for (var slot = First(partition); slot < End(partition); slot++)
        {
            count += IsInSync(slot) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Index of a partition by name, or -1.</summary>
    public int Find(string topic, int partition)
    {
        var index = _table.FindTopic(topic);
        return index >= 0 && partition >= 0 && partition < _table.PartitionsOf(index) ? _table.TopicStart[index] + partition : -1;
    }

    public void SetLeader(int partition, int broker)
    {
        if (_leadersShared)
        {
            (_leader, _leaderEpoch, _leadersShared) = ((int[])_leader.Clone(), (int[])_leaderEpoch.Clone(), false);
        }

        _leader[partition] = broker;
        _leaderEpoch[partition]++;
        _changed = true;
    }

    public void SetFlags(int slot, ReplicaFlags flags)
    {
        if (_flags[slot] == flags)
        {
            return;
        }

        if (_flagsShared)
        {
            (_flags, _flagsShared) = ((ReplicaFlags[])_flags.Clone(), false);
        }

        _flags[slot] = flags;
        _changed = true;
    }

    public ReplicaSlot[] ReplicasOf(int partition)
    {
        var replicas = new ReplicaSlot[End(partition) - First(partition)];
        for (var i = 0; i < replicas.Length; i++)
        {
            var slot = First(partition) + i;
            replicas[i] = new ReplicaSlot(Broker(slot), Flags(slot), LogDir(slot));
        }

        return replicas;
    }

    /// <summary>Gives partitions other replica lists, all in one copy of the replica arrays.</summary>
    public void Replace(SortedDictionary<int, ReplicaSlot[]> changes)
    {
        if (changes.Count == 0)
        {
            return;
        }

        var length = ReplicaCount + changes.Sum(change => change.Value.Length - (End(change.Key) - First(change.Key)));
        var (start, broker, flags, dir) = (new int[Count + 1], new int[length], new ReplicaFlags[length], new short[length]);
        var (to, from) = (0, 0);
        foreach (var (partition, replicas) in changes.Append(new(Count, [])))
        {
            var unchanged = First(partition) - First(from);
            for (var p = from; p <= partition; p++)
            {
                start[p] = First(p) - First(from) + to;
            }

            Array.Copy(_table.ReplicaBroker, First(from), broker, to, unchanged);
            Array.Copy(_flags, First(from), flags, to, unchanged);
            Array.Copy(_logDir, First(from), dir, to, unchanged);
            to += unchanged;
            foreach (var replica in replicas)
            {
                (broker[to], flags[to], dir[to]) = (replica.Broker, replica.Flags, replica.LogDir);
                to++;
            }

            from = partition + 1;
        }

        _table = _table with { ReplicaStart = start, ReplicaBroker = broker, ReplicaFlags = flags };
        (_flags, _logDir, _flagsShared, _changed, _slotsByBroker) = (flags, dir, false, true, null);
    }

    /// <summary>Slots of the replicas on a broker, in order; valid until the next <see cref="Replace"/>.</summary>
    public ReadOnlySpan<int> SlotsOf(int broker)
    {
        var slots = _slotsByBroker ?? IndexSlots();
        return slots.AsSpan(_brokerStart[broker - 1].._brokerStart[broker]);
    }

    /// <summary>Partition of a slot; valid after <see cref="SlotsOf"/>, until the next <see cref="Replace"/>.</summary>
    public int PartitionOf(int slot) => _slotPartition[slot];

    private int[] IndexSlots()
    {
        var start = new int[Brokers + 1];
        foreach (var broker in _table.ReplicaBroker)
        {
            start[broker]++;
        }

        for (var i = 1; i < start.Length; i++)
        {
            start[i] += start[i - 1];
        }

        var (next, slots, partitions) = ((int[])start.Clone(), new int[ReplicaCount], new int[ReplicaCount]);
        for (var partition = 0; partition < Count; partition++)
        {
            for (var slot = First(partition); slot < End(partition); slot++)
            {
                slots[next[Broker(slot) - 1]++] = slot;
                partitions[slot] = partition;
            }
        }

        (_slotsByBroker, _brokerStart, _slotPartition) = (slots, start, partitions);
        return slots;
    }
}
