using System.Diagnostics;
using System.Net.Http.Json;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;
using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>
/// Takes the screenshots of the README: a real cluster under load beside simulated ones. Not part of a test run; by hand:
/// KCP_SCREENSHOTS=docs/images dotnet ControlPlane.EndToEnd.Tests.dll -class ControlPlane.EndToEnd.Tests.ReadmePictures -explicit only
/// </summary>
[Collection(Row.Others)]
public sealed class ReadmePictures(Stage stage)
{
    private static readonly TimeSpan History = TimeSpan.FromSeconds(100); // the charts show what was measured, so it has to be measured

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Pictures_of_a_real_cluster_under_load()
    {
        Assert.SkipWhen(Stage.Pictures is null, "Name the folder for the pictures with KCP_SCREENSHOTS.");
        await using var cluster = new RealCluster(stage); // no fixture: it would be started by every run, which leaves this test out
        await cluster.InitializeAsync();
        var visitor = await cluster.OverviewAsync(Token);
        var watch = Stopwatch.StartNew();
        using var load = StartLoad(cluster.Kafka.BootstrapServers);
        try
        {
            await AddSimulatedAsync(cluster);
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            while (watch.Elapsed < History && await timer.WaitForNextTickAsync(Token))
            {
                Assert.False(load.HasExited, "kcp load ended");
            }

            await visitor.GoAsync($"/c/{RealCluster.Id}/topics/orders-1?tab=map&from=now-5m&to=now");
            await visitor.PictureAsync("topic");
            await visitor.GoAsync($"/c/{RealCluster.Id}/brokers/1?from=now-5m&to=now");
            await visitor.PictureAsync("broker");
            await visitor.GoAsync($"/c/{RealCluster.Id}?from=now-5m&to=now");
            await cluster.Kafka.Broker(2).KillAsync(Token);
            await visitor.UntilChipAsync(2, "Down", TimeSpan.FromSeconds(20));
            await Assertions.Expect(visitor.Page.GetByTestId("now")).ToContainTextAsync("under-replicated", new() { IgnoreCase = true, Timeout = 30_000 });
            await using var phone = await stage.VisitAsync(cluster.Product, isDark: false, width: 390, height: 844);
            await phone.LogInAsync();
            await phone.InteractiveAsync();
            await phone.GoAsync($"/c/{RealCluster.Id}?from=now-5m&to=now");
            await phone.PictureAsync("overview-390");
            await using var night = await stage.VisitAsync(cluster.Product, isDark: true);
            await night.LogInAsync();
            await night.InteractiveAsync();
            await night.GoAsync("/");
            await night.PictureAsync("fleet-dark");
        }
        finally
        {
            load.Kill(entireProcessTree: true);
        }
    }

    private static Process StartLoad(string bootstrap)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "kcp.dll"), "load", "--bootstrap-server", bootstrap, "--topic-prefix", "orders",
            "--topics", "6", "--partitions", "12", "--rf", "3", "--rate", "400", "--size", "2000", "--groups", "3", "--duration", "600",
        ])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var load = Process.Start(start)!;
        load.BeginOutputReadLine(); // read, or it would block on a full pipe
        load.BeginErrorReadLine();
        return load;
    }

    private static async Task AddSimulatedAsync(RealCluster cluster)
    {
        foreach (var (id, name, shape) in new[]
        {
            ("prod-eu", "Production EU", new SimulationRequest { Brokers = 12, Topics = 120, Groups = 24, Seed = 101 }),
            ("prod-us", "Production US", new SimulationRequest { Brokers = 9, Topics = 90, Groups = 18, Seed = 202 }),
            ("analytics", "Analytics", new SimulationRequest { Brokers = 6, Topics = 40, PartitionsPerTopic = 24, Groups = 10, Seed = 303 }),
            ("staging", "Staging", new SimulationRequest { Brokers = 3, Topics = 30, PartitionsPerTopic = 6, Seed = 505, Troubled = true }),
        })
        {
            var request = new CreateClusterRequest { Id = id, DisplayName = name, Kind = ClusterKind.Simulated, Simulation = shape };
            using var answer = await cluster.Product.Http.PostAsJsonAsync("/api/v1/clusters", request, Json.Options, Token);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        }
    }
}
