using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>A cluster made by seed, of which some brokers are dead: replicas on distinct racks as far as they go, sizes and rates at random.</summary>
internal sealed class LosingCluster(int seed)
{
    public static readonly DateTimeOffset At = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    public int Brokers { get; init; } = 9;

    public int Racks { get; init; } = 3;

    public int Topics { get; init; } = 12;

    public int Partitions { get; init; } = 8;

    public int Replicas { get; init; } = 3;

    public int[] Down { get; init; } = [];

    public long DiskBytes { get; init; } = 1_000_000_000_000;

    public bool SizesKnown { get; init; } = true;

    public ImmutableArray<int>? Reassigning { get; init; } = [];

    public short MinInSync { get; init; } = 2;

    public ClusterModel Build()
    {
        var random = new Random(seed);
        var brokers = Enumerable.Range(1, Brokers).Select(id => new Broker(
            id, $"b{id}", 9092, $"r{id % Racks}", Down.Contains(id) ? BrokerState.Down : BrokerState.Active, At, Down.Contains(id) ? "connection refused" : "answers", Down.Contains(id))
        {
            LogDirs = [new LogDir("/data", null, DiskBytes, DiskBytes, 0, 0)],
        }).ToImmutableArray();
        List<int> topic = [], start = [0], slots = [], leaders = [];
        List<ReplicaFlags> flags = [];
        List<long> sizes = [];
        for (var p = 0; p < Topics * Partitions; p++)
        {
            var placed = brokers.Select((_, index) => index).OrderBy(_ => random.Next())
                .GroupBy(index => brokers[index].Rack).SelectMany(rack => rack.Select((index, order) => (index, order))).OrderBy(pair => pair.order)
                .Take(Replicas).Select(pair => pair.index).OrderBy(_ => random.Next()).ToArray();
            var alive = placed.Where(index => !Down.Contains(brokers[index].Id)).ToArray();
            var size = (long)(1_000_000 * Math.Exp(random.NextDouble() * 5));
            topic.Add(p / Partitions);
            leaders.Add(alive.Length > 0 ? alive[0] : -1);
            slots.AddRange(placed);
            flags.AddRange(placed.Select(index => alive.Contains(index) ? ReplicaFlags.InSync : ReplicaFlags.Offline));
            sizes.AddRange(placed.Select(_ => SizesKnown ? size : -1));
            start.Add(slots.Count);
        }

        var table = new PartitionTable
        {
            TopicName = [.. Enumerable.Range(0, Topics).Select(t => $"topic-{t:0000}")],
            TopicId = [.. Enumerable.Range(0, Topics).Select(t => new Guid(t + 1, 0, 0, new byte[8]))],
            TopicInternal = new bool[Topics],
            TopicMinInSync = [.. Enumerable.Repeat(MinInSync, Topics)],
            TopicStart = [.. Enumerable.Range(0, Topics + 1).Select(t => t * Partitions)],
            Topic = [.. topic],
            Leader = [.. leaders],
            LeaderEpoch = new int[topic.Count],
            ReplicaStart = [.. start],
            ReplicaBroker = [.. slots],
            ReplicaFlags = [.. flags],
        };
        return new ClusterModel(new ClusterId("prod"), 7, At)
        {
            KafkaClusterId = "kafka-prod",
            Brokers = brokers,
            Partitions = table,
            Load = new LoadTable
            {
                LogStartOffset = new long[topic.Count],
                LogEndOffset = new long[topic.Count],
                ReplicaBytes = [.. sizes],
                ReplicaLogDir = new short[slots.Count],
                BytesIn = [.. topic.Select(_ => random.NextSingle() * 1000)],
                MessagesIn = [.. topic.Select(_ => 1f)],
                BytesOut = [.. topic.Select(_ => float.NaN)],
            },
            Reassigning = Reassigning,
        };
    }
}
