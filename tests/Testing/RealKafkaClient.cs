using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace ControlPlane.Testing;

/// <summary>What tests do to a cluster as its users would: topics, records, commits. By librdkafka, so that our own client is judged by another.</summary>
public sealed class RealKafkaClient : IDisposable
{
    private readonly IReadOnlyDictionary<string, string> _config;
    private readonly IAdminClient _admin;

    public RealKafkaClient(string bootstrapServers)
        : this(new Dictionary<string, string> { ["bootstrap.servers"] = bootstrapServers })
    {
    }

    public RealKafkaClient(IReadOnlyDictionary<string, string> config)
    {
        _config = config;
        _admin = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).Build();
    }

    public IAdminClient Admin => _admin;

    public Task CreateTopicAsync(string name, int partitions, short replicas, params (string Key, string Value)[] configs) =>
        _admin.CreateTopicsAsync(
        [
            new TopicSpecification { Name = name, NumPartitions = partitions, ReplicationFactor = replicas, Configs = configs.ToDictionary(pair => pair.Key, pair => pair.Value) },
        ]);

    /// <summary>With replicas chosen by the test: one list per partition, preferred leader first.</summary>
    public Task CreateTopicAsync(string name, params List<int>[] assignment) =>
        _admin.CreateTopicsAsync(
        [
            new TopicSpecification { Name = name, NumPartitions = assignment.Length, ReplicationFactor = -1, ReplicasAssignments = assignment.Select((replicas, index) => (replicas, index)).ToDictionary(pair => pair.index, pair => pair.replicas) },
        ]);

    /// <summary>Written to all in-sync replicas when this returns.</summary>
    public async Task ProduceAsync(string topic, int partition, int count, int bytesEach = 100)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(_config).SetLogHandler((_, _) => { }).Build();
        var value = new byte[bytesEach];
        await Task.WhenAll(Enumerable.Range(0, count).Select(_ =>
            producer.ProduceAsync(new TopicPartition(topic, partition), new Message<Null, byte[]> { Value = value })));
    }

    /// <summary>Has a group commit these offsets without being a member.</summary>
    public void Commit(string group, params (string Topic, int Partition, long Offset)[] offsets)
    {
        var config = new Dictionary<string, string>(_config) { ["group.id"] = group };
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(config).SetLogHandler((_, _) => { }).Build();
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                consumer.Commit(offsets.Select(one => new TopicPartitionOffset(one.Topic, one.Partition, one.Offset)));
                return;
            }
            catch (KafkaException ex) when (IsCoordinatorMoving(ex.Error.Code) && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(2))
            {
                // the first commit of a cluster creates the offsets topic, whose leaders are still being chosen
            }
        }
    }

    /// <summary>A consumer that has joined its group and been given partitions. Dispose it to leave.</summary>
    public IConsumer<Ignore, byte[]> Join(string group, string topic, string protocol, TimeSpan timeout, params (string Key, string Value)[] configs)
    {
        var config = new Dictionary<string, string>(_config) { ["group.id"] = group, ["group.protocol"] = protocol, ["auto.offset.reset"] = "earliest" };
        foreach (var (key, value) in configs)
        {
            config[key] = value;
        }

        var consumer = new ConsumerBuilder<Ignore, byte[]>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Subscribe(topic);
        var deadline = TimeProvider.System.GetTimestamp();
        while (consumer.Assignment.Count == 0)
        {
            consumer.Consume(TimeSpan.FromMilliseconds(100));
            if (TimeProvider.System.GetElapsedTime(deadline) > timeout)
            {
                consumer.Dispose();
                throw new TimeoutException($"{group} got no partition of {topic} within {timeout}");
            }
        }

        return consumer;
    }

    private static bool IsCoordinatorMoving(ErrorCode code) =>
        code is ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.GroupLoadInProgress or ErrorCode.Local_TimedOut or ErrorCode.Local_WaitCoord;

    public void Dispose() => _admin.Dispose();
}
