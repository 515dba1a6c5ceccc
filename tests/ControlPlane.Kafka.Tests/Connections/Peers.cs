using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;

namespace ControlPlane.Kafka.Tests.Connections;

/// <summary>Networks that talk to a scripted peer.</summary>
internal static class Peers
{
    public static KafkaNetwork Network(string bootstrap, TimeProvider? time = null, Func<KafkaConnectionSettings, KafkaConnectionSettings>? change = null, Func<HttpClient>? http = null)
    {
        var settings = new KafkaConnectionSettings { BootstrapServers = bootstrap.Split(',') };
        return new KafkaNetwork(
            change?.Invoke(settings) ?? settings,
            new KafkaNetworkOptions { Time = time ?? TimeProvider.System, Seed = 7, HttpClient = http });
    }

    public static Task<MetadataResponse> AskAsync(KafkaNetwork network, CancellationToken cancellationToken) =>
        network.SendToAnyAsync(new MetadataRequest([]), RequestLane.Look, cancellationToken);

    /// <summary>Metadata, so that the network knows the broker by its id.</summary>
    public static async Task LearnAsync(KafkaNetwork network, FakeBroker broker, CancellationToken cancellationToken)
    {
        await AskAsync(network, cancellationToken);
        network.Learn("fake-cluster", broker.NodeId, [new KafkaNode(broker.NodeId, new KafkaEndpoint("127.0.0.1", broker.Port))]);
    }
}
