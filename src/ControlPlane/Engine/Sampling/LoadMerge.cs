using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>Takes offsets, log dirs and groups into a cluster's load, and keeps the load beside its table.</summary>
internal static class LoadMerge
{
    /// <summary>The load for another layout; the same where both layouts are the same.</summary>
    public static LoadTable Remap(LoadTable load, PartitionTable table, int[]? oldPartitionOf, int[]? oldSlotOf)
    {
        if (oldPartitionOf is not null)
        {
            load = load with
            {
                LogStartOffset = Remapping.Longs(load.LogStartOffset, oldPartitionOf),
                LogEndOffset = Remapping.Longs(load.LogEndOffset, oldPartitionOf),
                LogEndAt = Remapping.Longs(load.LogEndAt, oldPartitionOf),
                BytesIn = Remapping.Floats(load.BytesIn, oldPartitionOf),
                MessagesIn = Remapping.Floats(load.MessagesIn, oldPartitionOf),
                BytesOut = Remapping.Floats(load.BytesOut, oldPartitionOf),
            };
        }

        if (oldSlotOf is not null)
        {
            load = load with
            {
                ReplicaBytes = Remapping.Longs(load.ReplicaBytes, oldSlotOf),
                ReplicaLogDir = Remapping.Of(load.ReplicaLogDir, oldSlotOf, (short)-1),
            };
        }

        return load.LogEndOffset.Length == table.PartitionCount && load.ReplicaBytes.Length == table.ReplicaCount
            ? load
            : throw new InvalidOperationException("The load of a cluster does not fit its table: a remapping is missing.");
    }

    public static ClusterState Offsets(ClusterState state, OffsetsSample sample, DateTimeOffset at)
    {
        var table = state.Model.Partitions;
        var (start, end) = (sample.LogStart, sample.LogEnd);
        if (!ReferenceEquals(sample.Table.TopicName, table.TopicName) || !ReferenceEquals(sample.Table.TopicStart, table.TopicStart))
        {
            // Topics came or went while the round ran: what still exists is taken by name.
            var oldOf = FindByName(sample.Table, table);
            (start, end) = (Remapping.Longs(start, oldOf), Remapping.Longs(end, oldOf));
        }

        var (windows, before) = (state.Windows.ObserveOffsets(at, end), state.Model.Load);
        var messages = windows.MessagesIn(table.PartitionCount, before.MessagesIn);
        var load = before with
        {
            LogStartOffset = OffsetsSample.Over(start, before.LogStartOffset),
            LogEndOffset = OffsetsSample.Over(end, before.LogEndOffset),
            LogEndAt = Times(before.LogEndAt, end, at.ToUnixTimeMilliseconds()),
            MessagesIn = messages,
            BytesIn = windows.BytesIn(messages),
        };
        return state with { Windows = windows, Model = state.Model with { Load = load } };
    }

    public static ClusterState LogDirs(ClusterState state, LogDirsSample sample, DateTimeOffset at)
    {
        var (table, load) = (state.Model.Partitions, state.Model.Load);
        var (bytes, dirOf) = ((long[])load.ReplicaBytes.Clone(), (short[])load.ReplicaLogDir.Clone());
        var isSampled = new bool[state.Brokers.Length];
        foreach (var id in sample.ByBroker.Keys)
        {
            if (state.Model.FindBroker(id) is >= 0 and var index)
            {
                isSampled[index] = true;
            }
        }

        for (var slot = 0; slot < bytes.Length; slot++)
        {
            if (isSampled[table.ReplicaBroker[slot]])
            {
                (bytes[slot], dirOf[slot]) = (-1, -1);
            }
        }

        var brokers = state.Brokers.ToBuilder();
        foreach (var (id, dirs) in sample.ByBroker)
        {
            if (state.Model.FindBroker(id) is >= 0 and var index)
            {
                Place(table, index, dirs, bytes, dirOf);
                brokers[index] = brokers[index] with { LogDirs = [.. dirs.Select(Describe)], LogDirsAt = at };
            }
        }

        load = load with { ReplicaBytes = bytes, ReplicaLogDir = dirOf };
        var windows = state.Windows.ObserveSizes(table, load, state.BrokerIds(), at);
        load = load with { BytesIn = windows.BytesIn(load.MessagesIn), BytesOut = windows.BytesOut(table.PartitionCount) };
        return state with { Brokers = brokers.ToImmutable(), Windows = windows, Model = state.Model with { Load = load } };
    }

    public static ClusterState Groups(ClusterState state, GroupsSample sample, DateTimeOffset at)
    {
        var groups = sample.Groups
            .Select(group => group.Offsets is { } offsets && !ConsumerProgress.IsSorted(offsets) ? group with { Offsets = offsets.Sort(ConsumerProgress.Compare) } : group)
            .OrderBy(group => group.Id, StringComparer.Ordinal)
            .ToImmutableArray();
        var table = state.Model.Partitions;
        var windows = state.Windows.ObserveGroups(at, state.Model.Groups, groups, table);
        var load = state.Model.Load with { BytesOut = windows.BytesOut(table.PartitionCount) };
        return state with { Windows = windows, Model = state.Model with { Groups = groups, Load = load } };
    }

    private static void Place(PartitionTable table, int broker, ImmutableArray<ObservedLogDir> dirs, long[] bytes, short[] dirOf)
    {
        var (topic, name) = (-1, "");
        for (var dir = 0; dir < dirs.Length; dir++)
        {
            foreach (var replica in dirs[dir].Replicas)
            {
                if (!string.Equals(name, replica.Topic, StringComparison.Ordinal))
                {
                    (topic, name) = (table.FindTopic(replica.Topic), replica.Topic); // replicas of a topic come together
                }

                if (replica.IsFuture || topic < 0 || replica.Partition < 0 || replica.Partition >= table.PartitionsOf(topic))
                {
                    continue; // moving between dirs of its broker, or not in the topology (stray, or newer)
                }

                var partition = table.TopicStart[topic] + replica.Partition;
                var offset = table.ReplicasOf(partition).IndexOf(broker);
                if (offset >= 0)
                {
                    var slot = table.ReplicaStart[partition] + offset;
                    (bytes[slot], dirOf[slot]) = (replica.Bytes, (short)dir);
                }
            }
        }
    }

    private static long[] Times(long[] before, long[] ends, long now)
    {
        var times = new long[ends.Length];
        for (var p = 0; p < times.Length; p++)
        {
            times[p] = ends[p] >= 0 ? now : p < before.Length ? before[p] : -1;
        }

        return times;
    }

    private static LogDir Describe(ObservedLogDir dir) =>
        new(dir.Path, dir.Error, dir.TotalBytes, dir.UsableBytes, dir.Replicas.Sum(replica => replica.Bytes), dir.Replicas.Count);

    /// <summary>Where each partition of a table was in another; -1 where it is new, or of a topic made anew.</summary>
    internal static int[] FindByName(PartitionTable from, PartitionTable to)
    {
        var oldOf = Remapping.Filled(to.PartitionCount, -1);
        for (var topic = 0; topic < to.TopicCount; topic++)
        {
            var old = from.FindTopic(to.TopicName[topic]);
            var isSame = old >= 0 && (from.TopicId[old] == to.TopicId[topic] || to.TopicId[topic] == Guid.Empty);
            var count = isSame ? Math.Min(from.PartitionsOf(old), to.PartitionsOf(topic)) : 0;
            for (var i = 0; i < count; i++)
            {
                oldOf[to.TopicStart[topic] + i] = from.TopicStart[old] + i;
            }
        }

        return oldOf;
    }
}
