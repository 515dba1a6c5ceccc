using System.Net;
using System.Net.Sockets;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Tests.RealBrokers;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.Connections;

/// <summary>Addresses with colons in them: in brackets where a user writes them, without where a broker does.</summary>
public sealed class Ipv6Tests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bootstrap_server_and_the_brokers_it_names_may_have_IPv6_addresses()
    {
        SkipWithoutIpv6();
        await using var broker = new FakeBroker(address: IPAddress.IPv6Loopback);
        broker.Answer(ApiKey.DescribeLogDirs, new DescribeLogDirsResponse(0, ErrorCode.None, []));
        await using var network = Peers.Network(broker.Endpoint);

        var dirs = await new KafkaAdmin(network).FetchLogDirsAsync(null, [], Cancel); // at the address that Metadata names

        Assert.StartsWith("[::1]:", broker.Endpoint, StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(dirs.Values).Key);
        Assert.Equal(new KafkaEndpoint("::1", broker.Port), network.Topology.Brokers[1].Endpoint);
    }

    [Fact]
    public async Task A_real_broker_on_IPv6_is_read_by_both_clients()
    {
        SkipWithoutIpv6();
        var port = LoopbackPorts.Free(1)[0];
        await using var kafka = await RealCluster.StartAsync(
            new RealKafkaOptions { BrokerConfig = new Dictionary<string, string> { ["listeners"] = $"PLAINTEXT://[::1]:{port}" } }, Cancel);
        await using var network = Peers.Network($"[::1]:{port}");
        using var librdkafka = new RealKafkaClient(network.Settings.ToLibrdkafka());

        var dirs = await new KafkaAdmin(network).FetchLogDirsAsync(null, [], Cancel);
        await librdkafka.CreateTopicAsync("six", 1, 1);

        Assert.True(dirs.IsComplete);
        Assert.Equal(1, Assert.Single(dirs.Values).Key);
    }

    private static void SkipWithoutIpv6()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        }
        catch (SocketException ex)
        {
            Assert.Skip($"This machine has no ::1: {ex.Message}");
        }
    }
}
