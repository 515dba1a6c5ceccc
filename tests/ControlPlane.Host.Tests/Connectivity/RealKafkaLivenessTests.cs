using System.Diagnostics;
using ControlPlane.Engine.Model;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Connectivity;

/// <summary>A real cluster, sampled as in production, hurt in the three ways a broker can go.</summary>
public sealed class RealKafkaLivenessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_killed_stopped_or_hung_is_shown_as_that()
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions { Brokers = 3 });
        await using var watched = new WatchedCluster(kafka.BootstrapServers);
        await watched.UntilAsync(model => model.Brokers.Length == 3 && model.Brokers.All(broker => broker.State is BrokerState.Active), TimeSpan.FromSeconds(120));
        Assert.Equal(kafka.ClusterId, watched.Model!.KafkaClusterId);

        var began = Stopwatch.GetTimestamp();
        await kafka.Broker(2).KillAsync(Token);
        await watched.UntilAsync(model => StateOf(model, 2) is BrokerState.Down, TimeSpan.FromSeconds(120));
        TestContext.Current.SendDiagnosticMessage($"kill -9 shown as down after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s");
        await kafka.Broker(2).RestartAsync(Token);
        await watched.UntilAsync(model => StateOf(model, 2) is BrokerState.Active, TimeSpan.FromSeconds(120));

        kafka.Broker(3).Pause();
        await watched.UntilAsync(model => StateOf(model, 3) is BrokerState.Unresponsive, TimeSpan.FromSeconds(120));
        kafka.Broker(3).Continue();
        await watched.UntilAsync(model => StateOf(model, 3) is BrokerState.Active, TimeSpan.FromSeconds(120));

        kafka.Broker(1).BeginStop();
        await watched.UntilAsync(model => StateOf(model, 1) is BrokerState.Restarting, TimeSpan.FromSeconds(120));
    }

    private static BrokerState? StateOf(ClusterModel model, int id) =>
        model.FindBroker(id) is >= 0 and var index ? model.Brokers[index].State : null;
}
