namespace ControlPlane.Engine.Model;

/// <summary>One pass over the partitions of a table: what is wrong with how many.</summary>
public static class PartitionCounts
{
    /// <summary>Only the counts that follow from the table; the others are unknown in the result.</summary>
    public static ClusterCounts Of(PartitionTable table)
    {
        var (offline, underMin, underReplicated, notPreferred, minKnown) = (0, 0, 0, 0, 0);
        for (var p = 0; p < table.PartitionCount; p++)
        {
            var state = StateOf(table, p);
            offline += state.IsOffline ? 1 : 0;
            underReplicated += state.IsUnderReplicated ? 1 : 0;
            notPreferred += state.IsLeaderPreferred || state.IsOffline ? 0 : 1;
            underMin += state.IsUnderMinInSync == true ? 1 : 0;
            minKnown += state.IsUnderMinInSync is null ? 0 : 1;
        }

        // Zero of nothing known is not zero; zero of an empty cluster is.
        int? underMinInSync = minKnown > 0 || table.PartitionCount == 0 ? underMin : null;
        return ClusterCounts.Unknown with
        {
            OfflinePartitions = offline,
            UnderMinInSync = underMinInSync,
            UnderReplicated = underReplicated,
            NotPreferredLeader = notPreferred,
        };
    }

    /// <summary>What is true of one partition.</summary>
    public static PartitionState StateOf(PartitionTable table, int partition)
    {
        var inSync = 0;
        var added = 0;
        foreach (var flags in table.FlagsOf(partition))
        {
            inSync += flags.Has(ReplicaFlags.InSync) ? 1 : 0;
            added += (flags & (ReplicaFlags.Adding | ReplicaFlags.InSync)) == ReplicaFlags.Adding ? 1 : 0;
        }

        var replicas = table.ReplicasOf(partition);
        var leader = table.Leader[partition];
        var minInSync = table.TopicMinInSync[table.Topic[partition]];
        return new PartitionState(
            leader < 0,
            // A replica that a reassignment is still filling is not missing; Kafka counts the same way.
            inSync < replicas.Length - added,
            minInSync < 0 ? null : inSync < minInSync,
            !replicas.IsEmpty && replicas[0] == leader,
            inSync);
    }
}

/// <summary>What is true of one partition.</summary>
/// <param name="IsUnderMinInSync">Null while the topic's min.insync.replicas is unknown.</param>
public readonly record struct PartitionState(bool IsOffline, bool IsUnderReplicated, bool? IsUnderMinInSync, bool IsLeaderPreferred, int InSync);
