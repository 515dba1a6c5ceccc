using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>How far a trouble reaches: counts of everything, names of the worst.</summary>
public static class BlastRadiusOf
{
    public const int MostPartitions = 200;
    public const int MostTopics = 50;
    public const int MostGroups = 50;

    /// <summary>The reach of a trouble of partitions.</summary>
    /// <param name="touched">The partitions of the trouble, in the order of the table.</param>
    public static BlastRadius Partitions(Troubles troubles, IEnumerable<TroubledPartition> touched)
    {
        var table = troubles.Model.Partitions;
        var (offline, underMin, underReplicated) = (new Rank(table), new Rank(table), new Rank(table));
        int underMinCount = 0, underReplicatedCount = 0, topicCount = 0;
        var lastTopic = -1;
        var topics = new HashSet<string>(StringComparer.Ordinal);
        foreach (var partition in touched)
        {
            // An offline partition is also counted where it belongs besides: the three counts are those of the cluster's own.
            underMinCount += partition.State.IsUnderMinInSync == true ? 1 : 0;
            underReplicatedCount += partition.State.IsUnderReplicated ? 1 : 0;
            (partition.State switch { { IsOffline: true } => offline, { IsUnderMinInSync: true } => underMin, _ => underReplicated }).Add(partition);
            var topic = table.Topic[partition.Index];
            if (topic != lastTopic && topics.Add(table.TopicName[topic]))
            {
                topicCount++;
            }

            lastTopic = topic;
        }

        return new BlastRadius(
            offline.Count,
            troubles.IsMinKnown || table.PartitionCount == 0 ? underMinCount : null,
            underReplicatedCount,
            topicCount,
            [.. offline.Named.Concat(underMin.Named).Concat(underReplicated.Named).Take(MostPartitions)],
            [.. topics.Order(StringComparer.Ordinal).Take(MostTopics)],
            GroupsThatRead(troubles.Model, topics));
    }

    private static ImmutableArray<string>? GroupsThatRead(ClusterModel model, HashSet<string> topics)
    {
        if (model.Groups is not { } groups)
        {
            return null;
        }

        return topics.Count == 0 ? [] : [.. groups.Where(group => Reads(group, topics)).Select(group => group.Id).Take(MostGroups)];
    }

    private static bool Reads(Group group, HashSet<string> topics)
    {
        string? last = null;
        foreach (ref readonly var commit in (group.Offsets ?? []).AsSpan())
        {
            // Commits of one topic lie together: names are looked up once a topic, not once a partition.
            if (!string.Equals(last, commit.Topic, StringComparison.Ordinal) && topics.Contains(commit.Topic))
            {
                return true;
            }

            last = commit.Topic;
        }

        return (group.Members ?? []).Any(member => member.Assigned.Any(assigned => topics.Contains(assigned.Topic)));
    }

    /// <summary>The first of one rank by name, and how many there are.</summary>
    private sealed class Rank(PartitionTable table)
    {
        private readonly List<TroubledPartition> _first = [];

        public int Count { get; private set; }

        public IEnumerable<TouchedPartition> Named => _first.Select(partition =>
        {
            var topic = table.Topic[partition.Index];
            var min = table.TopicMinInSync[topic];
            return new TouchedPartition(
                table.TopicName[topic], table.NumberOf(partition.Index), partition.State.InSync, table.ReplicasOf(partition.Index).Length, min < 0 ? null : min);
        });

        public void Add(in TroubledPartition partition)
        {
            Count++;
            if (_first.Count < MostPartitions)
            {
                _first.Add(partition);
            }
        }
    }
}
