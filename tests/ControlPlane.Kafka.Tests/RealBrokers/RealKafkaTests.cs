using System.Net.Sockets;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.RealBrokers;

/// <summary>The fixture itself: what other tests take for granted.</summary>
public sealed class RealKafkaTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_can_be_killed_restarted_paused_and_stopped_and_nothing_is_left_behind()
    {
        await using var kafka = await RealCluster.StartAsync(new RealKafkaOptions { DedicatedController = false }, Cancel);
        var broker = kafka.Broker(1);
        var folder = Path.GetDirectoryName(broker.LogFile)!;

        await broker.KillAsync(Cancel);
        Assert.False(broker.IsRunning);
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(broker.Port));

        await broker.RestartAsync(Cancel);
        await ConnectAsync(broker.Port);

        broker.Pause();
        Assert.True(broker.IsRunning);
        broker.Continue();
        await broker.StopAsync(Cancel);

        await kafka.DisposeAsync();
        Assert.False(Directory.Exists(folder), $"{folder} is left over");
    }

    private static async Task ConnectAsync(int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, Cancel);
    }
}
