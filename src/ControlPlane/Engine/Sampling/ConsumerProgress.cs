using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>How far groups came between two rounds, added up by partition.</summary>
public static class ConsumerProgress
{
    /// <summary>Both lists are sorted by group id, and the offsets of a group by topic and partition.</summary>
    public static void AddTo(long[] total, ImmutableArray<Group> before, ImmutableArray<Group> after, PartitionTable table)
    {
        var old = 0;
        foreach (var group in after)
        {
            while (old < before.Length && string.CompareOrdinal(before[old].Id, group.Id) < 0)
            {
                old++;
            }

            if (old < before.Length
                && string.Equals(before[old].Id, group.Id, StringComparison.Ordinal)
                && before[old].Offsets is { } from
                && group.Offsets is { } to
                && from != to)
            {
                AddGroup(total, from, to, table);
            }
        }
    }

    /// <summary>Order of a group's offsets in a model.</summary>
    public static int Compare(CommittedOffset x, CommittedOffset y)
    {
        var byTopic = ReferenceEquals(x.Topic, y.Topic) ? 0 : string.CompareOrdinal(x.Topic, y.Topic);
        return byTopic != 0 ? byTopic : x.Partition.CompareTo(y.Partition);
    }

    /// <summary>Whether a group's offsets are in that order: those that were not read anew are.</summary>
    public static bool IsSorted(ImmutableArray<CommittedOffset> offsets)
    {
        for (var i = 1; i < offsets.Length; i++)
        {
            if (Compare(offsets[i - 1], offsets[i]) > 0)
            {
                return false;
            }
        }

        return true;
    }

    private static void AddGroup(long[] total, ImmutableArray<CommittedOffset> from, ImmutableArray<CommittedOffset> to, PartitionTable table)
    {
        var (old, topic, topicName) = (0, -1, "");
        foreach (var commit in to)
        {
            while (old < from.Length && Compare(from[old], commit) < 0)
            {
                old++;
            }

            if (old == from.Length || Compare(from[old], commit) != 0 || commit.Offset <= from[old].Offset)
            {
                continue; // first commit seen, or no progress, or rewound on purpose
            }

            if (!string.Equals(topicName, commit.Topic, StringComparison.Ordinal))
            {
                (topic, topicName) = (table.FindTopic(commit.Topic), commit.Topic);
            }

            if (topic >= 0 && commit.Partition >= 0 && commit.Partition < table.PartitionsOf(topic))
            {
                total[table.TopicStart[topic] + commit.Partition] += commit.Offset - from[old].Offset;
            }
        }
    }
}
