using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>Brings the topics of an observed table into ordinal order; tables that are sorted already pass untouched.</summary>
internal static class TopicOrder
{
    public static PartitionTable Sort(PartitionTable table)
    {
        for (var i = 1; i < table.TopicCount; i++)
        {
            if (string.CompareOrdinal(table.TopicName[i - 1], table.TopicName[i]) >= 0)
            {
                return Reorder(table);
            }
        }

        return table;
    }

    private static PartitionTable Reorder(PartitionTable table)
    {
        var order = Enumerable.Range(0, table.TopicCount).ToArray();
        Array.Sort((string[])table.TopicName.Clone(), order, StringComparer.Ordinal);
        var partitions = new List<int>(table.PartitionCount);
        var start = new int[table.TopicCount + 1];
        for (var i = 0; i < order.Length; i++)
        {
            for (var p = table.TopicStart[order[i]]; p < table.TopicStart[order[i] + 1]; p++)
            {
                partitions.Add(p);
            }

            start[i + 1] = partitions.Count;
        }

        var replicaStart = new int[partitions.Count + 1];
        var slots = new List<int>(table.ReplicaCount);
        for (var i = 0; i < partitions.Count; i++)
        {
            for (var slot = table.ReplicaStart[partitions[i]]; slot < table.ReplicaStart[partitions[i] + 1]; slot++)
            {
                slots.Add(slot);
            }

            replicaStart[i + 1] = slots.Count;
        }

        var topicOf = new int[partitions.Count];
        for (var i = 0; i < order.Length; i++)
        {
            Array.Fill(topicOf, i, start[i], start[i + 1] - start[i]);
        }

        return new PartitionTable
        {
            TopicName = Pick(table.TopicName, order),
            TopicId = Pick(table.TopicId, order),
            TopicInternal = Pick(table.TopicInternal, order),
            TopicMinInSync = table.TopicMinInSync.Length == 0 ? [] : Pick(table.TopicMinInSync, order),
            TopicStart = start,
            Topic = topicOf,
            Leader = Pick(table.Leader, partitions),
            LeaderEpoch = Pick(table.LeaderEpoch, partitions),
            ReplicaStart = replicaStart,
            ReplicaBroker = Pick(table.ReplicaBroker, slots),
            ReplicaFlags = Pick(table.ReplicaFlags, slots),
        };
    }

    private static T[] Pick<T>(T[] from, IReadOnlyList<int> at)
    {
        var picked = new T[at.Count];
        for (var i = 0; i < picked.Length; i++)
        {
            picked[i] = from[at[i]];
        }

        return picked;
    }
}
