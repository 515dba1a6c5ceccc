using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Tests.RealBrokers;
using ControlPlane.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedClusters))]

namespace ControlPlane.Kafka.Tests.RealBrokers;

/// <summary>Real clusters, each started when the first test asks for it and shared by the others: starting is what costs.</summary>
public sealed class SharedClusters : IAsyncDisposable
{
    private readonly Dictionary<string, Task<RealKafka>> _clusters = [];
    private readonly Lock _gate = new();

    /// <summary>Three 4.3.1 brokers on three racks with two log dirs each, and a controller apart.</summary>
    public Task<RealKafka> NewestAsync() => GetAsync("newest", new RealKafkaOptions
    {
        Version = "4.3.1",
        Brokers = 3,
        LogDirsPerBroker = 2,
        BrokerConfig = new Dictionary<string, string> { ["auto.leader.rebalance.enable"] = "false" },
    });

    /// <summary>One combined node of an older release.</summary>
    public Task<RealKafka> SingleAsync(string version) =>
        GetAsync(version, new RealKafkaOptions { Version = version, Brokers = 1, DedicatedController = false });

    /// <summary>One 4.3.1 node with TLS, SASL and ACLs.</summary>
    public Task<RealKafka> SecureAsync() => GetAsync("secure", new RealKafkaOptions { Version = "4.3.1", Brokers = 1, Secure = true });

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
    public TestClients(RealKafka kafka)
    {
        Network = new KafkaNetwork(new KafkaConnectionSettings { BootstrapServers = kafka.BootstrapServers.Split(',') });
        Admin = new KafkaAdmin(Network);
        Users = new RealKafkaClient(kafka.BootstrapServers);
    }

    public KafkaNetwork Network { get; }

    public KafkaAdmin Admin { get; }

    public RealKafkaClient Users { get; }

    public async ValueTask DisposeAsync()
    {
        Users.Dispose();
        await Network.DisposeAsync();
    }

    /// <summary>A name that no other test uses.</summary>
    public static string Unique(string prefix) => $"{prefix}-{Guid.NewGuid():N}"[..(prefix.Length + 9)];
}
