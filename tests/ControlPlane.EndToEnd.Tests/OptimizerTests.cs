using System.Net.Http.Json;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>
/// Four real brokers of which two carry nearly everything. Plans are computed from measured load and carried out by the product; what is
/// measured afterwards has to agree with what they promised.
/// </summary>
public sealed class OptimizerTests(Stage stage)
{
    private const string Id = "skewed";
    private const string Root = $"/api/v1/clusters/{Id}";
    private const string Topic = "orders";
    private const int Partitions = 16;

    /// <summary>By how much the share of a broker in all bytes may differ from the promised one. Producers go on meanwhile.</summary>
    private const double DiskTolerance = 0.10;

    /// <summary>The same of the rates, which are means over a window of traffic that is not perfectly even.</summary>
    private const double RateTolerance = 0.25;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plans_from_measured_load_are_carried_out_and_keep_what_they_promise()
    {
        await using var kafka = await StartAsync();
        await using var traffic = AcknowledgedTraffic.Start(kafka.BootstrapServers, [Topic], perSecond: 100, bytesEach: 200);
        await using var product = await ProductProcess.StartAsync(await stage.NewDatabaseAsync(Token), settings: null, Token);
        await PostAsync<ClusterDto>(product, "/api/v1/clusters", new CreateClusterRequest { Id = Id, Connection = new ConnectionRequest { BootstrapServers = kafka.BootstrapServers } });
        var before = await product.UntilAsync<HeatmapDto>($"{Root}/heatmap?colour=bytesIn&topics={Topic}", map => map.BrokerTotals.Count == 4 && map.BrokerTotals[0] > 0, Patience, Token);
        Assert.Null(before.BrokerTotals[3]); // broker 4 carries nothing

        var plan = await PlanAsync(product, new CreatePlanRequest("rebalance", ThrottleBytesPerSecond: 0));
        Assert.Equal("ok", plan.Findings!.Outcome);
        await CarryOutAsync(product, plan);
        await AgreesAsync(product, plan, "replicas", 0);
        await AgreesAsync(product, plan, "leaders", 0);
        await AgreesAsync(product, plan, "disk", DiskTolerance);
        await AgreesAsync(product, plan, "bytes-in", RateTolerance);

        plan = await PlanAsync(product, new CreatePlanRequest("demote-brokers", [2], ThrottleBytesPerSecond: 0));
        await CarryOutAsync(product, plan);
        await AgreesAsync(product, plan, "leaders", 0);
        Assert.Equal(0, After(plan, "leaders")[1]);

        plan = await PlanAsync(product, new CreatePlanRequest("remove-brokers", [4], ThrottleBytesPerSecond: 0));
        await CarryOutAsync(product, plan);
        await AgreesAsync(product, plan, "replicas", 0);
        Assert.Equal(0, After(plan, "replicas")[3]);

        plan = await PlanAsync(product, new CreatePlanRequest("replication-factor", ThrottleBytesPerSecond: 0, Options: new PlanOptionsDto(Topics: Topic, ReplicationFactor: 3)));
        await CarryOutAsync(product, plan);
        await product.UntilAsync<HeatmapDto>($"{Root}/heatmap?colour=replicas&topics={Topic}", map => map.BrokerTotals.Sum() == Partitions * 3, Patience, Token);
        Assert.Empty(await traffic.StopAndFindLostAsync(Token));
    }

    private static async Task<RealKafka> StartAsync()
    {
        try
        {
            var kafka = await RealKafka.StartAsync(new RealKafkaOptions { Brokers = 4, Racks = 4 });
            using var client = new RealKafkaClient(kafka.BootstrapServers);
            await client.CreateTopicAsync(Topic, [.. Enumerable.Range(0, Partitions).Select(partition => partition % 4 == 3 ? new List<int> { 1, 3 } : [1, 2])]);
            await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => client.ProduceAsync(Topic, partition, 200, 10_000)));
            return kafka;
        }
        catch (KafkaUnavailableException ex)
        {
            throw Stage.Missing(ex.Message);
        }
    }

    /// <summary>The plan that a run makes. The picture may be a moment too old to plan on.</summary>
    private static async Task<PlanDetailDto> PlanAsync(ProductProcess product, CreatePlanRequest request)
    {
        var run = await PostAsync<OptimizerRunDto>(product, $"{Root}/optimizer-runs", request);
        run = await product.UntilAsync<OptimizerRunDto>($"{Root}/optimizer-runs/{run.Id}", one => one.State != "running", Patience, Token);
        Assert.True(run.PlanId is not null, $"{request.Mode}: {run.State} {run.Sentence}");
        var plan = await product.GetAsync<PlanDetailDto>($"{Root}/plans/{run.PlanId}", Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"{request.Mode}: {plan.Plan.Sentence} ({plan.Findings!.SearchSeconds:0.000} s)");
        Assert.True(plan.Plan.IsSound, string.Join('\n', plan.Problems));
        return plan;
    }

    private static async Task CarryOutAsync(ProductProcess product, PlanDetailDto plan)
    {
        await PostAsync<PlanDto>(product, $"{Root}/plans/{plan.Plan.Id}/approval", new ApprovePlanRequest(plan.Plan.Hash, "story"));
        var done = await product.UntilAsync<PlanDetailDto>($"{Root}/plans/{plan.Plan.Id}", one => one.Plan.State is "done" or "failed" or "cancelled", Patience, Token);
        Assert.True(done.Plan.State == "done", $"{done.Plan.Mode}: {done.Plan.State} {done.Plan.Problem}");

        // The next plan leaves alone what the picture still shows as being reassigned.
        await product.UntilAsync<ClusterOverviewDto>($"{Root}/overview", one => one.Reassigning == 0, Patience, Token);
    }

    /// <summary>Waits until the sampled load is what the plan promised for each broker, within the tolerance.</summary>
    private static async Task AgreesAsync(ProductProcess product, PlanDetailDto plan, string lane, double tolerance)
    {
        var promised = After(plan, lane);
        var colour = lane switch { "bytes-in" => "bytesIn", "disk" => "size", _ => lane };
        var map = await product.UntilAsync<HeatmapDto>($"{Root}/heatmap?colour={colour}&limit=500", one => Enumerable.Range(0, 4).All(broker => IsNear(one, broker)), Patience, Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"{lane}: promised {string.Join(" ", promised.Select(value => $"{value:0}"))}, measured {string.Join(" ", map.BrokerTotals.Select(value => $"{value:0}"))}");

        // Counts have to be the very numbers; what grows while it is measured is compared by shares of the whole.
        bool IsNear(HeatmapDto now, int broker)
        {
            var measured = now.BrokerTotals[broker] ?? 0;
            var expected = tolerance == 0 ? promised[broker] : promised[broker] / promised.Sum() * now.BrokerTotals.Sum()!.Value;
            return Math.Abs(measured - expected) <= tolerance * expected;
        }
    }

    private static double[] After(PlanDetailDto plan, string lane) =>
        [.. plan.Findings!.Loads.Lanes.Single(one => one.Lane == lane).After.Select(value => value ?? 0)];

    private static async Task<T> PostAsync<T>(ProductProcess product, string path, object body)
    {
        using var answer = await product.Http.PostAsJsonAsync(path, body, Json.Options, Token);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}");
        return (await answer.Content.ReadFromJsonAsync<T>(Json.Options, Token))!;
    }
}
