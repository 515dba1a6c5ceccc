using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Builds pictures that read as the sentence: A.Cluster().Brokers(6, racks: 3).Topic("orders", partitions: 12, replicas: 3).</summary>
internal static class A
{
    public static ClusterBuilder Cluster(string id = "prod") => new(id);
}

/// <summary>A picture in the making.</summary>
internal sealed class ClusterBuilder(string id)
{
    public static readonly DateTimeOffset At = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly List<Broker> _brokers = [];
    private readonly SortedDictionary<string, (int Partitions, int Replicas)> _topics = new(StringComparer.Ordinal);
    private readonly List<Group> _groups = [];
    private readonly HashSet<int> _down = [];
    private long _generation = 1;
    private bool _withGroups = true;

    public ClusterBuilder Brokers(int count, int racks = 1)
    {
        for (var i = 0; i < count; i++)
        {
            _brokers.Add(new Broker(i + 1, $"b{i + 1}.example", 9092, $"rack-{(i % racks) + 1}", BrokerState.Active, At, "answers", false)
            {
                LogDirs = [new LogDir("/data/1", null, 1000, 400, 500, 3)],
                LogDirsAt = At,
                Load = new BrokerLoad(10 * (i + 1), 5, 2, 7, 3, 1),
            });
        }

        return this;
    }

    public ClusterBuilder Topic(string name, int partitions = 3, int replicas = 2)
    {
        _topics[name] = (partitions, replicas);
        return this;
    }

    public ClusterBuilder Topics(int count, int partitions = 3, int replicas = 2)
    {
        for (var i = 0; i < count; i++)
        {
            _topics[$"topic-{i:000000}"] = (partitions, replicas);
        }

        return this;
    }

    public ClusterBuilder Down(int brokerId)
    {
        _down.Add(brokerId);
        return this;
    }

    public ClusterBuilder Group(string id, string topic, params long[] committed)
    {
        _groups.Add(new Group(id, "classic", "consumer", "Stable", 1, [new GroupMember("m-1", null, "client", "/10.0.0.1", [.. committed.Select((_, partition) => new AssignedPartition(topic, partition))])])
        {
            Offsets = [.. committed.Select((offset, partition) => new CommittedOffset(topic, partition, offset))],
            OffsetsAt = At,
        });
        return this;
    }

    public ClusterBuilder WithoutGroups()
    {
        _withGroups = false;
        return this;
    }

    public ClusterBuilder Generation(long generation)
    {
        _generation = generation;
        return this;
    }

    public ClusterModel Build()
    {
        var brokers = _brokers.Select(broker => _down.Contains(broker.Id) ? broker with { State = BrokerState.Down, Evidence = "connection refused" } : broker).ToImmutableArray();
        var table = Table(brokers);
        var model = new ClusterModel(new ClusterId(id), _generation, At.AddSeconds(_generation))
        {
            KafkaClusterId = $"kafka-{id}",
            Brokers = brokers,
            Partitions = table,
            Load = Load(table),
            Groups = _withGroups ? [.. _groups.OrderBy(group => group.Id, StringComparer.Ordinal)] : null,
            Completeness = new Completeness(1, 1, 1, 1, 1),
            Samples = [.. Enum.GetValues<SampleKind>().Select(kind => new SampleStatus(kind, TimeSpan.FromSeconds(10), At, At, TimeSpan.FromMilliseconds(5), []))],
            Counts = PartitionCounts.Of(table) with { BytesIn = 100, BytesOut = 50, MessagesIn = 10 },
            Configs = ConfigPicture.Empty with
            {
                BrokersAt = At,
                TopicsAt = At,
                Brokers = brokers.ToImmutableDictionary(broker => broker.Id, broker => ImmutableArray.Create(
                    new ConfigEntry("num.io.threads", broker.Id == 2 ? "16" : "8", ConfigSource.StaticBroker, true, false),
                    new ConfigEntry("node.id", $"{broker.Id}", ConfigSource.StaticBroker, true, false),
                    new ConfigEntry("ssl.keystore.password", "secret-in-kafka", ConfigSource.StaticBroker, true, true))),
            },
        };
        return model with { Health = HealthRules.Evaluate(model, At) };
    }

    private PartitionTable Table(ImmutableArray<Broker> brokers)
    {
        List<int> topicStart = [0], topic = [], leader = [], replicaStart = [0], replicaBroker = [];
        List<ReplicaFlags> flags = [];
        var index = 0;
        foreach (var (partitions, replicas) in _topics.Values)
        {
            for (var partition = 0; partition < partitions; partition++)
            {
                var placed = Enumerable.Range(0, replicas).Select(replica => (index + partition + replica) % brokers.Length).ToArray();
                var alive = placed.Where(broker => !_down.Contains(brokers[broker].Id)).ToArray();
                topic.Add(index);
                leader.Add(alive.Length > 0 ? alive[0] : -1);
                replicaBroker.AddRange(placed);
                flags.AddRange(placed.Select(broker => _down.Contains(brokers[broker].Id) ? ReplicaFlags.Offline : ReplicaFlags.InSync));
                replicaStart.Add(replicaBroker.Count);
            }

            topicStart.Add(topic.Count);
            index++;
        }

        return new PartitionTable
        {
            TopicName = [.. _topics.Keys],
            TopicId = [.. _topics.Keys.Select(_ => Guid.Empty)],
            TopicInternal = [.. _topics.Keys.Select(name => name.StartsWith("__", StringComparison.Ordinal))],
            TopicMinInSync = [.. _topics.Keys.Select(_ => (short)1)],
            TopicStart = [.. topicStart],
            Topic = [.. topic],
            Leader = [.. leader],
            LeaderEpoch = new int[topic.Count],
            ReplicaStart = [.. replicaStart],
            ReplicaBroker = [.. replicaBroker],
            ReplicaFlags = [.. flags],
        };
    }

    private static LoadTable Load(PartitionTable table)
    {
        var partitions = Enumerable.Range(0, table.PartitionCount).ToArray();
        return new LoadTable
        {
            LogStartOffset = [.. partitions.Select(_ => 0L)],
            LogEndOffset = [.. partitions.Select(_ => 100L)],
            ReplicaBytes = [.. Enumerable.Repeat(1000L, table.ReplicaCount)],
            ReplicaLogDir = new short[table.ReplicaCount],
            BytesIn = [.. partitions.Select(partition => (float)table.Topic[partition])],
            MessagesIn = [.. partitions.Select(_ => 1f)],
            BytesOut = [.. partitions.Select(_ => float.NaN)],
        };
    }
}
