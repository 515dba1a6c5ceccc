using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Simulation;

/// <summary>What brokers tell of their disks and of the logs they lead.</summary>
internal static class LoadAnswers
{
    private const string StorageError = "KAFKA_STORAGE_ERROR";

    public static Sampled<LogDirsSample> LogDirs(SimulatedKafka kafka, IReadOnlyList<int> brokerIds)
    {
        var round = new AnswerRound(kafka);
        var byBroker = ImmutableDictionary.CreateBuilder<int, ImmutableArray<ObservedLogDir>>();
        foreach (var id in brokerIds)
        {
            var replicas = kafka.HasBroker(id) ? kafka.World.Partitions.SlotsOf(id).Length : 0;
            if (round.Ask(id, "DescribeLogDirs", WireCost.LogDirs(kafka.World.Spec.LogDirsPerBroker, replicas)))
            {
                byBroker[id] = Describe(kafka, id);
            }
        }

        return round.Result(byBroker.Count > 0 || brokerIds.Count == 0 ? new LogDirsSample(byBroker.ToImmutable()) : null);
    }

    public static Sampled<OffsetsSample> Offsets(SimulatedKafka kafka, PartitionTable asked, OffsetsRound? wanted = null)
    {
        var round = new AnswerRound(kafka);
        var partitions = kafka.World.Partitions;
        var indexes = SameTopics(asked, partitions.Layout) ? null : IndexesByName(asked, partitions);
        var answers = LeadersThatAnswer(partitions, asked.PartitionCount, indexes, wanted, round);
        var (starts, ends) = (new long[asked.PartitionCount], new long[asked.PartitionCount]);
        for (var i = 0; i < asked.PartitionCount; i++)
        {
            var index = indexes is null ? i : indexes[i];
            if (wanted?.Ends[i] == false)
            {
                (starts[i], ends[i]) = (OffsetsSample.NotAsked, OffsetsSample.NotAsked);
                continue;
            }

            if (index < 0 || partitions.Leader(index) is not (> 0 and var leader) || !answers[leader])
            {
                (starts[i], ends[i]) = (-1, -1);
                continue;
            }

            var end = kafka.World.EndOf(index);
            (starts[i], ends[i]) = (wanted?.Starts[i] == false ? OffsetsSample.NotAsked : kafka.World.Log.Start(index, end), (long)end);
        }

        return round.Result(new OffsetsSample(asked, starts, ends));
    }

    private static ImmutableArray<ObservedLogDir> Describe(SimulatedKafka kafka, int id)
    {
        var (world, dirs) = (kafka.World, kafka.Broker(id).LogDirs);
        var (counts, bytes) = (new int[dirs.Length], new long[dirs.Length]);
        var slots = world.Partitions.SlotsOf(id);
        foreach (var slot in slots)
        {
            counts[world.Partitions.LogDir(slot)]++;
        }

        var replicas = Array.ConvertAll(counts, count => new ObservedReplica[count]);
        foreach (var slot in slots)
        {
            var dir = world.Partitions.LogDir(slot);
            var replica = Describe(world, world.Partitions.PartitionOf(slot), slot);
            replicas[dir][^counts[dir]--] = replica;
            bytes[dir] += replica.Bytes;
        }

        var described = ImmutableArray.CreateBuilder<ObservedLogDir>(dirs.Length);
        for (var i = 0; i < dirs.Length; i++)
        {
            var used = bytes[i] + dirs[i].ForeignBytes(world.Now);
            described.Add(dirs[i].IsOffline
                ? new ObservedLogDir(dirs[i].Path, StorageError, null, null, [])
                : new ObservedLogDir(dirs[i].Path, null, dirs[i].TotalBytes, Math.Max(0, dirs[i].TotalBytes - used), replicas[i]));
        }

        return described.MoveToImmutable();
    }

    private static ObservedReplica Describe(WorldState world, int partition, int slot)
    {
        var layout = world.Partitions.Layout;
        var lagging = world.Lagging.Count > 0 ? world.Lagging.Find(partition, world.Partitions.Broker(slot)) : null;
        var lag = lagging is null ? 0 : (long)Math.Max(0, world.EndOf(partition) - lagging.Position);
        return new ObservedReplica(layout.TopicName[layout.Topic[partition]], layout.NumberOf(partition), world.BytesOf(partition, slot), lag, IsFuture: false);
    }

    /// <summary>By node id: whether that broker answered for the partitions it leads.</summary>
    private static bool[] LeadersThatAnswer(PartitionStore partitions, int count, int[]? indexes, OffsetsRound? wanted, AnswerRound round)
    {
        var (ends, starts) = (new int[partitions.Brokers + 1], new int[partitions.Brokers + 1]);
        var leaderless = 0;
        for (var i = 0; i < count; i++)
        {
            var index = indexes is null ? i : indexes[i];
            var leader = index < 0 ? 0 : partitions.Leader(index);
            leaderless += leader < 0 ? 1 : 0;
            ends[Math.Max(0, leader)] += wanted?.Ends[i] == false ? 0 : 1;
            starts[Math.Max(0, leader)] += wanted?.Starts[i] == false ? 0 : 1;
        }

        if (leaderless > 0)
        {
            round.Fail(null, "ListOffsets", FailureKind.Error, string.Create(CultureInfo.InvariantCulture, $"{leaderless} partitions have no leader, so their offsets can't be read until a replica of their ISR is back"));
        }

        var answers = new bool[ends.Length];
        for (var broker = 1; broker < ends.Length; broker++)
        {
            answers[broker] = ends[broker] > 0 && round.Ask(broker, "ListOffsets", WireCost.Offsets(ends[broker], starts[broker]));
        }

        return answers;
    }

    private static bool SameTopics(PartitionTable asked, PartitionTable known) =>
        (ReferenceEquals(asked.TopicName, known.TopicName) && ReferenceEquals(asked.TopicStart, known.TopicStart))
        || (asked.TopicStart.AsSpan().SequenceEqual(known.TopicStart) && asked.TopicName.AsSpan().SequenceEqual(known.TopicName));

    private static int[] IndexesByName(PartitionTable asked, PartitionStore known)
    {
        var indexes = new int[asked.PartitionCount];
        for (var partition = 0; partition < indexes.Length; partition++)
        {
            indexes[partition] = known.Find(asked.TopicName[asked.Topic[partition]], asked.NumberOf(partition));
        }

        return indexes;
    }
}
