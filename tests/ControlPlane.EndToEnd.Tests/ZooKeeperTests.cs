using System.Net.Http.Json;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>Clusters that still keep their metadata in ZooKeeper: shown, and healed, as any other.</summary>
[Collection(Row.Others)]
public sealed class ZooKeeperTests(Stage stage)
{
    private const string Root = "/api/v1/clusters/old";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("3.3.2")]
    [InlineData("3.9.2")]
    public async Task A_cluster_with_ZooKeeper_is_shown_and_its_dead_broker_is_replaced(string version)
    {
        await using var kafka = await StartAsync(version);
        using var client = new RealKafkaClient(kafka.BootstrapServers);
        await client.CreateTopicAsync("orders", partitions: 6, replicas: 3, ("min.insync.replicas", "2"));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(partition => client.ProduceAsync("orders", partition, 100, 10_000)));
        await using var product = await ProductProcess.StartAsync(await stage.NewDatabaseAsync(Token), settings: null, Token);
        await PostAsync<ClusterDto>(product, "/api/v1/clusters", new CreateClusterRequest { Id = "old", DisplayName = "Old", Connection = new ConnectionRequest { BootstrapServers = kafka.BootstrapServers } });
        var overview = await product.UntilAsync<ClusterOverviewDto>(
            $"{Root}/overview",
            one => one is { Summary.Status: StatusWord.Ok, Brokers.Count: 4, Controller: { Mode: not null, ActiveId: not null } } && one.Brokers.All(broker => broker.State == "Active"),
            Patience,
            Token);
        Assert.Equal("zookeeper", overview.Controller.Mode);
        var victim = kafka.Brokers.First(broker => broker.Id != overview.Controller.ActiveId);

        await victim.KillAsync(Token);
        await product.UntilAsync<Page<AnomalyDto>>($"{Root}/anomalies?kind=broker-down", page => page.Items.Any(one => one.BrokerId == victim.Id && one.State == "active"), Patience, Token);
        var plan = (await PostAsync<PlanDetailDto>(product, $"{Root}/plans", new CreatePlanRequest("fix-offline", [victim.Id]))).Plan;
        Assert.True(plan is { IsSound: true, Moves: > 0 }, plan.Sentence);
        await PostAsync<PlanDto>(product, $"{Root}/plans/{plan.Id}/approval", new ApprovePlanRequest(plan.Hash, "test"));
        var started = await product.UntilAsync<PlanDetailDto>($"{Root}/plans/{plan.Id}", one => one.Plan.ExecutionId is not null, Patience, Token);
        var execution = $"{Root}/executions/{started.Plan.ExecutionId}";
        var done = await product.UntilAsync<ExecutionDetailDto>(execution, one => one.Execution.FinishedAt is not null, Patience, Token);

        Assert.True(done.Execution.State == "done", $"{done.Execution.State}: {done.Execution.Sentence}");
        await product.UntilAsync<ExecutionDetailDto>(execution, one => one.Execution.Residue.Count == 0 && one.Throttles.All(throttle => throttle.State == "restored"), Patience, Token);
        var topic = await product.UntilAsync<ClusterOverviewDto>($"{Root}/overview", one => one.Summary.UnderReplicated == 0, Patience, Token);
        Assert.Equal("Down", topic.Brokers.Single(broker => broker.Id == victim.Id).State);
    }

    private static async Task<RealKafka> StartAsync(string version)
    {
        try
        {
            return await RealKafka.StartAsync(new RealKafkaOptions { Version = version, ZooKeeper = true, Brokers = 4, Racks = 4 }, Token);
        }
        catch (KafkaUnavailableException ex)
        {
            throw Stage.Missing(ex.Message);
        }
    }

    private static async Task<T> PostAsync<T>(ProductProcess product, string path, object body)
    {
        using var answer = await product.Http.PostAsJsonAsync(path, body, Json.Options, Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}");
        return (await answer.Content.ReadFromJsonAsync<T>(Json.Options, Token))!;
    }
}
