using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Tests.RealBrokers;
using ControlPlane.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedClusters))]

namespace ControlPlane.Kafka.Tests.RealBrokers;

/// <summary>
/// Real clusters, each started when the first test asks for it and shared by the others: starting is what costs. Nobody kills
/// these brokers, so their sessions are long: one that a busy machine holds up must not drop out of the metadata.
/// </summary>
public sealed class SharedClusters : IAsyncDisposable
{
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, Task<RealKafka>> _clusters = [];
    private readonly Lock _gate = new();

    /// <summary>Three 4.3.1 brokers on three racks with two log dirs each, and a controller apart.</summary>
    public Task<RealKafka> NewestAsync() => GetAsync("newest", new RealKafkaOptions
    {
        Version = "4.3.1",
        Brokers = 3,
        LogDirsPerBroker = 2,
        SessionTimeout = SessionTimeout,
        BrokerConfig = new Dictionary<string, string> { ["auto.leader.rebalance.enable"] = "false" },
    });

    /// <summary>One combined node of an older release.</summary>
    public Task<RealKafka> SingleAsync(string version) =>
        GetAsync(version, new RealKafkaOptions { Version = version, Brokers = 1, DedicatedController = false, SessionTimeout = SessionTimeout });

    /// <summary>One 4.3.1 node with TLS, SASL and ACLs.</summary>
    public Task<RealKafka> SecureAsync() => GetAsync("secure", new RealKafkaOptions { Version = "4.3.1", Brokers = 1, Secure = true, SessionTimeout = SessionTimeout });

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in _clusters.Values)
        {
            if (cluster.IsCompletedSuccessfully)
            {
                await (await cluster).DisposeAsync();
            }
        }
    }

    private Task<RealKafka> GetAsync(string name, RealKafkaOptions options)
    {
        lock (_gate)
        {
            return _clusters.TryGetValue(name, out var running) ? running : _clusters[name] = RealCluster.StartAsync(options, CancellationToken.None);
        }
    }
}

/// <summary>One test's own clients of a cluster.</summary>
internal sealed class TestClients : IAsyncDisposable
{
    private readonly RealKafka _kafka;

    public TestClients(RealKafka kafka)
    {
        _kafka = kafka;
        Network = new KafkaNetwork(new KafkaConnectionSettings { BootstrapServers = kafka.BootstrapServers.Split(',') });
        Admin = new KafkaAdmin(Network);
        Users = new RealKafkaClient(kafka.BootstrapServers);
    }

    public KafkaNetwork Network { get; }

    public KafkaAdmin Admin { get; }

    public RealKafkaClient Users { get; }

    /// <summary>
    /// Created and known everywhere: the controller answers a creation before the brokers have heard of it, and any of them may
    /// be asked next.
    /// </summary>
    public async Task CreateTopicAsync(string name, int partitions, short replicas, params (string Key, string Value)[] configs)
    {
        await Users.CreateTopicAsync(name, partitions, replicas, configs);
        await KnownEverywhereAsync(name, partitions);
    }

    /// <inheritdoc cref="CreateTopicAsync(string, int, short, ValueTuple{string, string}[])"/>
    public async Task CreateTopicAsync(string name, params List<int>[] assignment)
    {
        await Users.CreateTopicAsync(name, assignment);
        await KnownEverywhereAsync(name, assignment.Length);
    }

    private async Task KnownEverywhereAsync(string topic, int partitions)
    {
        var cancel = TestContext.Current.CancellationToken;
        await Admin.FetchMetadataAsync([], cancel); // the brokers' addresses
        foreach (var broker in _kafka.Brokers)
        {
            await Eventually.GetAsync(
                () => Admin.FetchMetadataFromAsync(broker.Id, [topic], cancel),
                answer => answer.Brokers.Length == _kafka.Brokers.Count && answer.Topics[0].Partitions is { } all
                    && all.Length == partitions && all.All(partition => partition.LeaderId >= 0),
                $"{topic} with {partitions} partitions at broker {broker.Id}",
                cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Users.Dispose();
        await Network.DisposeAsync();
    }

    /// <summary>A name that no other test uses.</summary>
    public static string Unique(string prefix) => $"{prefix}-{Guid.NewGuid():N}"[..(prefix.Length + 9)];
}
