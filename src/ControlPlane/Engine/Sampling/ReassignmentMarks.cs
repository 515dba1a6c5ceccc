using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>Marks the replicas that running reassignments add and remove.</summary>
internal static class ReassignmentMarks
{
    private const ReplicaFlags Marks = ReplicaFlags.Adding | ReplicaFlags.Removing;

    /// <summary>The table (the same one where no mark changed) and the partitions that are being reassigned, sorted.</summary>
    public static (PartitionTable Table, ImmutableArray<int> Reassigning) Apply(PartitionTable table, ReassignmentsSample? sample, int[] brokerIds)
    {
        if (sample is null)
        {
            return (table, []);
        }

        var flags = new ReplicaFlags[table.ReplicaCount];
        for (var slot = 0; slot < flags.Length; slot++)
        {
            flags[slot] = table.ReplicaFlags[slot] & ~Marks;
        }

        var partitions = new SortedSet<int>();
        foreach (var running in sample.Running)
        {
            var topic = table.FindTopic(running.Topic);
            if (topic < 0 || running.Partition < 0 || running.Partition >= table.PartitionsOf(topic))
            {
                continue; // gone since, or newer than the topology
            }

            var partition = table.TopicStart[topic] + running.Partition;
            partitions.Add(partition);
            for (var slot = table.ReplicaStart[partition]; slot < table.ReplicaStart[partition + 1]; slot++)
            {
                var id = brokerIds[table.ReplicaBroker[slot]];
                flags[slot] |= running.Adding.Contains(id) ? ReplicaFlags.Adding : ReplicaFlags.None;
                flags[slot] |= running.Removing.Contains(id) ? ReplicaFlags.Removing : ReplicaFlags.None;
            }
        }

        var isSame = flags.AsSpan().SequenceEqual(table.ReplicaFlags);
        return (isSame ? table : table with { ReplicaFlags = flags }, [.. partitions]);
    }
}
