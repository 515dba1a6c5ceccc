using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>
/// Four real brokers of which two carry nearly everything. Plans are computed from measured load and carried out by the product; what is
/// measured afterwards has to agree with what they promised.
/// </summary>
[Collection(Row.Others)]
public sealed class OptimizerTests(Stage stage)
{
    private const string Topic = "orders";
    private const int Brokers = 4;
    private const int Partitions = 16;

    /// <summary>By how much the share of a broker in all bytes may differ from the promised one. Producers go on meanwhile.</summary>
    private const double DiskTolerance = 0.10;

    /// <summary>The same of the rates, which are means over a window of traffic that is not perfectly even.</summary>
    private const double RateTolerance = 0.25;

    /// <summary>Records until which rates are taken over a few seconds only, in which chance makes partitions differ.</summary>
    private const int Steady = 1_200;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plans_from_measured_load_are_carried_out_and_keep_what_they_promise()
    {
        await using var yard = await OptimizerStage.StartAsync(stage, new RealKafkaOptions { Brokers = Brokers, Racks = Brokers }, async client =>
        {
            await client.CreateTopicAsync(Topic, [.. Enumerable.Range(0, Partitions).Select(partition => partition % 4 == 3 ? new List<int> { 1, 3 } : [1, 2])]);
            await Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition => client.ProduceAsync(Topic, partition, 200, 10_000)));
        });
        await using var traffic = AcknowledgedTraffic.Start(yard.Kafka.BootstrapServers, [Topic], perSecond: 100, bytesEach: 200);
        var before = await yard.Product.UntilAsync<HeatmapDto>(
            $"{OptimizerStage.Root}/heatmap?colour=bytesIn&topics={Topic}", map => map.BrokerTotals.Count == Brokers && map.BrokerTotals[0] > 0 && traffic.Acknowledged > Steady, OptimizerStage.Patience, Token);
        Assert.Null(before.BrokerTotals[3]); // broker 4 carries nothing of it
        await yard.UntilAsync(real => real.ListsOf("__consumer_offsets").Count > 0 ? null : "nobody has joined a group", "traffic"); // it would change the counts

        var plan = await yard.PlanAsync(new CreatePlanRequest("rebalance", ThrottleBytesPerSecond: 0));
        Assert.Equal("ok", plan.Findings!.Outcome);
        await yard.CarryOutAsync(plan);
        await AgreesAsync(yard, plan, "replicas", 0);
        await AgreesAsync(yard, plan, "leaders", 0);
        await AgreesAsync(yard, plan, "disk", DiskTolerance);
        await AgreesAsync(yard, plan, "bytes-in", RateTolerance);

        plan = await yard.PlanAsync(new CreatePlanRequest("demote-brokers", [2], ThrottleBytesPerSecond: 0));
        await yard.CarryOutAsync(plan);
        await AgreesAsync(yard, plan, "leaders", 0);
        Assert.Equal(0, After(plan, "leaders")[1]);

        plan = await yard.PlanAsync(new CreatePlanRequest("remove-brokers", [4], ThrottleBytesPerSecond: 0));
        var real = await yard.CarryOutAsync(plan);
        await AgreesAsync(yard, plan, "replicas", 0);
        Assert.Equal((0, 0), (After(plan, "replicas")[3], real.On(4)));

        plan = await yard.PlanAsync(new CreatePlanRequest("replication-factor", ThrottleBytesPerSecond: 0, Options: new PlanOptionsDto(Topics: Topic, ReplicationFactor: 3)));
        real = await yard.CarryOutAsync(plan);
        Assert.All(real.ListsOf(Topic), list => Assert.Equal(3, list.Length));
        Assert.Empty(await traffic.StopAndFindLostAsync(Token));
    }

    /// <summary>Waits until the sampled load is what the plan promised for each broker, within the tolerance.</summary>
    private static async Task AgreesAsync(OptimizerStage yard, PlanDetailDto plan, string lane, double tolerance)
    {
        var promised = After(plan, lane);
        var colour = lane switch { "bytes-in" => "bytesIn", "disk" => "size", _ => lane };
        var map = await yard.Product.UntilAsync<HeatmapDto>($"{OptimizerStage.Root}/heatmap?colour={colour}&limit=500", one => Enumerable.Range(0, Brokers).All(broker => IsNear(one, broker)), OptimizerStage.Patience, Token);
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
}
