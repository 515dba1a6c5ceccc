using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Connectivity;

/// <summary>Reads log dirs and offsets into the shapes of the samples.</summary>
internal static class LoadReader
{
    public static ImmutableArray<ObservedLogDir> LogDirs(IReadOnlyList<LogDirDescription> dirs) =>
    [
        .. dirs.Select(dir => new ObservedLogDir(
            dir.Path, dir.Error == ErrorCode.None ? null : dir.Error.KafkaName(), dir.TotalBytes, dir.UsableBytes, Replicas(dir))),
    ];

    public static async Task<Part<OffsetsSample>> OffsetsAsync(KafkaAdmin admin, ClusterModel model, OffsetsRound? round, CancellationToken cancellationToken)
    {
        var table = model.Partitions;
        var (ofEnds, ofStarts) = (Queries(model, round?.Ends), Queries(model, round?.Starts));
        var ends = await admin.FetchOffsetsAsync(ofEnds, OffsetTimestamp.Latest, IsolationLevel.ReadUncommitted, cancellationToken);
        var starts = await admin.FetchOffsetsAsync(ofStarts, OffsetTimestamp.Earliest, IsolationLevel.ReadUncommitted, cancellationToken);
        var sample = new OffsetsSample(table, Place(table, round?.Starts, starts), Place(table, round?.Ends, ends));
        var failures = SampleFailures.Of("ListOffsets", ends.Failures.Concat(starts.Failures).DistinctBy(pair => pair.Key));
        return new Part<OffsetsSample>(ofEnds.Count > 0 && ends.Offsets.Count == 0 ? null : sample, failures);
    }

    private static List<OffsetQuery> Queries(ClusterModel model, bool[]? asked)
    {
        var table = model.Partitions;
        var queries = new List<OffsetQuery>(asked?.Count(one => one) ?? table.PartitionCount);
        for (var p = 0; p < table.PartitionCount; p++)
        {
            if (table.Leader[p] >= 0 && asked?[p] != false)
            {
                queries.Add(new OffsetQuery(table.TopicName[table.Topic[p]], table.NumberOf(p), model.Brokers[table.Leader[p]].Id));
            }
        }

        return queries;
    }

    private static long[] Place(PartitionTable table, bool[]? asked, PartitionOffsets answers)
    {
        var offsets = new long[table.PartitionCount];
        for (var p = 0; p < offsets.Length; p++)
        {
            offsets[p] = asked?[p] == false ? OffsetsSample.NotAsked : -1;
        }

        var (topic, name) = (-1, "");
        foreach (var answer in answers.Offsets)
        {
            if (!string.Equals(name, answer.Topic, StringComparison.Ordinal))
            {
                (topic, name) = (table.FindTopic(answer.Topic), answer.Topic);
            }

            if (topic >= 0 && answer.Partition < table.PartitionsOf(topic))
            {
                offsets[table.TopicStart[topic] + answer.Partition] = answer.Offset ?? -1;
            }
        }

        return offsets;
    }

    private static List<ObservedReplica> Replicas(LogDirDescription dir)
    {
        var replicas = new List<ObservedReplica>(dir.Topics.Sum(topic => topic.Partitions.Length));
        foreach (var topic in dir.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                replicas.Add(new ObservedReplica(topic.Name, partition.PartitionIndex, partition.PartitionSize, partition.OffsetLag, partition.IsFutureKey));
            }
        }

        return replicas;
    }
}
