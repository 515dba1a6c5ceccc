using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;
using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>What the optimizer can be asked, by page, API and kcp, on one real cluster: planned, approved, carried out and looked for in Kafka.</summary>
[Collection(Row.Others)]
public sealed class OptimizerModeTests(Stage stage) : IAsyncLifetime
{
    private const string Growth = "growth";
    private const string Twins = "twins";
    private const string Payments = "payments";

    private const int Brokers = 6;
    private const int Racks = 3;

    private static readonly JsonSerializerOptions InAddress = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kcp-modes-");

    private OptimizerStage? _yard;

    private static EveryWay Repair { get; } = new(new("fix-offline"), ["fix-offline"]);

    private OptimizerStage Yard => _yard!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_mode_is_carried_out_as_planned()
    {
        await RackRepairAsync();
        await OnlyPlannedAsync();
        await WhatIfAsync();
        await ModelFileAsync();
        await AddBrokersAsync();
        await FewerReplicasAsync();
        await MinimalRepairAsync();
        await KafkaAssignerAsync();
        await LogDirsAsync();
        await DeadBrokerAsync();
        await DeadLogDirAsync();
        await PreferredLeadersAsync();
        Assert.Empty((await Yard.VisitorAsync()).Complaints);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Yard.Compared} wishes by page, API and kcp; {Yard.SameLoads} of them on the same loads, with the same moves; two ways more took {Yard.Beside.TotalSeconds:0} s");
        Assert.True(Yard.SameLoads * 2 > Yard.Compared, $"Only {Yard.SameLoads} of {Yard.Compared} wishes met the same loads by page, API and kcp");
    }

    private async Task RackRepairAsync()
    {
        var plan = await Yard.PlanEverywhereAsync(new(new("rack-repair"), ["rack-repair"]), Way.Kcp);
        var real = await Yard.CarryOutAsync(plan, Yard.ApproveByKcpAsync);
        Assert.All(real.ListsOf(Twins), list => Assert.Equal(2, list.Select(RackOf).Distinct().Count()));
    }

    /// <summary>What OptimizerTests carries out on a cluster of its own is asked for here in each way.</summary>
    private async Task OnlyPlannedAsync()
    {
        await Yard.PlanEverywhereAsync(new(new("rebalance"), ["rebalance"]), Way.Api);
        await Yard.PlanEverywhereAsync(new(new("remove-brokers", [4]), ["remove-brokers", "--brokers", "4"], ("brokers", "4")), Way.Api);
        await Yard.PlanEverywhereAsync(new(new("demote-brokers", [3]), ["demote", "--brokers", "3"], ("brokers", "3")), Way.Api);
        await Yard.PlanEverywhereAsync(
            new(new("replication-factor", Options: new(Topics: Twins, ReplicationFactor: 3)), ["replication-factor", "--topic", Twins, "--rf", "3"], ("topics", Twins), ("replicationFactor", "3")), Way.Api);
    }

    private async Task WhatIfAsync()
    {
        var page = (await Yard.OpenAsync("heatmap?by=partition&colour=replicas")).Page;
        await Assertions.Expect(page.GetByTestId("heat-map")).ToContainTextAsync(Growth);
        var (mine, map) = (await Kcp.JsonAsync<HeatmapDto>(Yard.Product, 0, Token, "heatmap", OptimizerStage.Id, "--by", "partition", "--colour", "replicas"), await Yard.Product.GetAsync<HeatmapDto>($"{OptimizerStage.Root}/heatmap?by=partition&colour=replicas&limit=50", Token));
        Assert.Equal(map.Rows.Select(row => (row.Topic, row.Partition, row.Leader)), mine.Rows.Select(row => (row.Topic, row.Partition, row.Leader)));
        page = (await Yard.OpenAsync("capacity")).Page;
        await page.GetByTestId("size-stats").WaitForAsync();
        await page.GetByTestId("wi-kind").SelectOptionAsync("lose-rack");
        await page.GetByTestId("wi-rack").FillAsync("rack-2");
        await page.GetByTestId("what-if-add").ClickAsync();
        await Assertions.Expect(page.GetByTestId("what-if-answer")).ToContainTextAsync("Offline partitions", new() { Timeout = 90_000 });

        var answer = await AskAsync([new("lose-brokers", Brokers: [4])], "--lose-brokers", "4");
        Assert.Equal((0, "dead"), (answer.OfflinePartitions, answer.Loads.Brokers.Single(broker => broker.BrokerId == 4).State));
        Assert.Equal(0, answer.Loads.Lanes.Single(lane => lane.Lane == "replicas").After[3]);
        answer = await AskAsync([new("lose-rack", Rack: "rack-2")], "--lose-rack", "rack-2"); // a topic has three replicas: two racks are too few
        Assert.Equal((0, "infeasible", 1.0), (answer.OfflinePartitions, answer.Outcome, Assert.Single(answer.Proofs, proof => proof.Constraint == "RackAwareGoal").Missing));
        answer = await AskAsync([new("add-brokers", Count: 3), new("scale-topics", Topics: Growth, Factor: 2)], "--add-brokers", "3", "--scale", $"{Growth}=2");
        Assert.Equal(("ok", 3), (answer.Outcome, answer.Loads.Brokers.Count(broker => broker.State == "new")));
        answer = await AskAsync([new("retention", Topics: Growth, Factor: 0.5), new("replication-factor", Topics: Twins, ReplicationFactor: 3)], "--retention", $"{Growth}=0.5", "--rf", $"{Twins}=3");
        Assert.Equal(("ok", 2), (answer.Outcome, answer.Changes.Count));
        Assert.InRange(answer.ReplicaMoves, 6, int.MaxValue); // one copy more of each twin at least
        answer = await Yard.PostAsync<WhatIfDto>($"{OptimizerStage.Root}/what-if", new WhatIfRequest([new WhatIfChangeDto("lose-rack", Rack: "rack-1"), new WhatIfChangeDto("add-brokers", Count: 2, Rack: "rack-1", LikeBroker: 2)]));
        Assert.Equal(("ok", 0), (answer.Outcome, answer.OfflinePartitions));
        var size = await Kcp.JsonAsync<RightsizingDto>(Yard.Product, null, Token, "capacity", "rightsizing", OptimizerStage.Id);
        Assert.True(size.Verdict is "right" or "over", size.Sentence);
        Assert.Equal(size.Verdict, (await Yard.Product.GetAsync<RightsizingDto>($"{OptimizerStage.Root}/rightsizing", Token)).Verdict);
        Assert.Equal((Brokers, size.DropBrokers.Count), (size.Racks.Sum(rack => rack.Brokers), size.CanDrop ?? 0));
        Assert.InRange(size.Resources.Single(resource => resource.Resource == "disk").Used ?? 0, 40 * 10_000 * 24 * 2, double.MaxValue);
    }

    private async Task ModelFileAsync()
    {
        var (open, masked, placement) = (Path.Combine(_folder.FullName, "open.ndjson"), Path.Combine(_folder.FullName, "masked.ndjson"), Path.Combine(_folder.FullName, "placement.ndjson"));
        await File.WriteAllTextAsync(open, await Kcp.RunAsync(Yard.Product, 0, Token, "model", "export", "--cluster", OptimizerStage.Id), Token);
        var text = await Kcp.RunAsync(Yard.Product, 0, Token, "model", "export", "--cluster", OptimizerStage.Id, "--anonymise");
        await File.WriteAllTextAsync(masked, text, Token);
        Assert.All([Growth, OptimizerStage.Id, "rack-", "broker-", "127.0.0.1"], name => Assert.DoesNotContain(name, text, StringComparison.Ordinal));

        var page = (await Yard.OpenAsync("rebalance")).Page;
        await page.GetByTestId("model-export").Locator("summary").ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("export-model-anonymised").ClickAsync());
        await download.SaveAsAsync(Path.Combine(_folder.FullName, "download.ndjson"));
        Assert.Equal(text.Split('\n').Count(line => line.Contains("\"partition\"", StringComparison.Ordinal)), (await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "download.ndjson"), Token)).Count(line => line.Contains("\"partition\"", StringComparison.Ordinal)));

        var found = await OptimizeAsync("--model", open, "--mode", "remove", "--brokers", "4", "--placement", placement);
        Assert.Equal(("ok", true), (found.GetProperty("outcome").GetString(), found.GetProperty("verdict").GetProperty("isSound").GetBoolean()));
        var partitions = (await File.ReadAllLinesAsync(placement, Token)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal((await Replicas.ReadAsync(Yard.Kafka)).Lists.Count(), partitions.Count);
        Assert.All(partitions, partition => Assert.DoesNotContain(4, partition.GetProperty("replicas").EnumerateArray().Select(broker => broker.GetInt32())));
        var other = await OptimizeAsync("--model", masked);
        Assert.Equal(("ok", partitions.Count), (other.GetProperty("outcome").GetString(), other.GetProperty("partitions").GetInt32()));
    }

    private async Task AddBrokersAsync()
    {
        await Yard.SettledAsync();
        var before = await Replicas.ReadAsync(Yard.Kafka);
        var real = await Yard.CarryOutAsync(await Yard.PlanEverywhereAsync(
            new(new("add-brokers", [6], Options: new(OnlyOntoNamed: true)), ["add-brokers", "--brokers", "6", "--only-onto-named"], ("brokers", "6"), ("onlyOntoNamed", OptimizerStage.Checked)), Way.Kcp), Yard.ApproveByKcpAsync);
        Assert.Equal([6], real.AddedSince(before).Distinct());

        before = real;
        real = await Yard.CarryOutAsync(await Yard.PlanEverywhereAsync(new(new("add-brokers", [5]), ["add-brokers", "--brokers", "5"], ("brokers", "5")), Way.Page), Yard.ApproveByPageAsync);
        Assert.Contains(5, real.AddedSince(before));
        Assert.True(real.On(5) > before.On(5), $"{before.On(5)} -> {real.On(5)} replicas on broker 5");
    }

    private async Task FewerReplicasAsync()
    {
        var wish = new EveryWay(
            new("replication-factor", Options: new(Topics: Payments, ReplicationFactor: 2, MandatoryOnly: true)), ["replication-factor", "--topic", Payments, "--rf", "2", "--mandatory-only"],
            ("topics", Payments), ("replicationFactor", "2"), ("mandatoryOnly", OptimizerStage.Checked));
        var real = await Yard.CarryOutAsync(await Yard.PlanEverywhereAsync(wish, Way.Api));
        Assert.All(real.ListsOf(Payments), list => Assert.Equal(2, list.Length));
    }

    private async Task MinimalRepairAsync()
    {
        await Yard.SettledAsync();
        var before = await Replicas.ReadAsync(Yard.Kafka);
        var wanted = before.On(2) - 3;
        var plan = await Yard.PlanEverywhereAsync(
            new(new("minimal-repair", Options: new(Limits: [new("replicas", wanted, [2])])), ["minimal", "--limit", $"replicas={wanted}@2"], ("lane", "replicas"), ("limit", $"{wanted}"), ("brokers", "2")), Way.Kcp);
        var real = await Yard.CarryOutAsync(plan, Yard.ApproveByKcpAsync);
        Assert.Equal((before.On(2) - 3, 3), (real.On(2), plan.Findings!.ReplicaMoves));

        await Yard.SettledAsync();
        var most = (await Replicas.ReadAsync(Yard.Kafka)).LedBy(3) - 2;
        real = await Yard.CarryOutAsync(await Yard.PlanByPageAsync("minimal-repair", ("lane", "leaders"), ("limit", $"{most}"), ("brokers", "3")), Yard.ApproveByPageAsync);
        await Yard.UntilAsync(now => now.LedBy(3) == most ? null : $"broker 3 leads {now.LedBy(3)}, not {most}", "minimal-repair");
    }

    private async Task KafkaAssignerAsync()
    {
        var real = await Yard.CarryOutAsync(await Yard.PlanEverywhereAsync(new(new("kafka-assigner"), ["kafka-assigner"]), Way.Api));
        foreach (var place in new[] { 0, 1 })
        {
            int[] counts = [.. Enumerable.Range(1, Brokers).Select(broker => real.Lists.Count(one => one.Value.Length > place && one.Value[place] == broker))];
            Assert.True(counts.Max() - counts.Min() <= 1, $"place {place}: {string.Join(' ', counts)}");
        }
    }

    private async Task LogDirsAsync()
    {
        var dir = Yard.Kafka.Broker(2).LogDirs[0];
        var plan = await Yard.PlanEverywhereAsync(new(new("remove-dirs", Options: new(Dirs: [new(2, dir)])), ["remove-dirs", "--dir", $"2:{dir}"], ("dirs", $"2:{dir}")), Way.Page);
        Assert.Contains(plan.Findings!.Notes, note => note.Contains("__cluster_metadata", StringComparison.Ordinal)); // it is there, and stays
        await Yard.CarryOutAsync(plan, Yard.ApproveByPageAsync);
        Assert.Empty(HeldIn(dir));
        // Loads of brokers tell nothing of their dirs: all three are asked when the product has seen what Kafka did.
        await Yard.Product.UntilAsync<BrokerDetailDto>($"{OptimizerStage.Root}/brokers/2", one => one.LogDirs?.Any(seen => seen.Path == dir && seen.Replicas == 0) == true, OptimizerStage.Patience, Token);

        await Yard.CarryOutAsync(await Yard.PlanEverywhereAsync(new(new("disk-balance", [2]), ["disk-balance", "--brokers", "2"], ("brokers", "2")), Way.Kcp), Yard.ApproveByKcpAsync);
        Assert.NotEmpty(HeldIn(dir));
    }

    private async Task DeadBrokerAsync()
    {
        await Yard.SettledAsync();
        var victim = Yard.Kafka.Broker(5);
        await victim.KillAsync(Token);
        await Yard.Product.UntilAsync<BrokerDetailDto>($"{OptimizerStage.Root}/brokers/5", one => one.Broker.State == "Down", OptimizerStage.Patience, Token);
        var real = await Yard.CarryOutAsync(await Yard.PlanEverywhereAsync(Repair, Way.Api));
        Assert.Equal(0, real.On(5));
        await victim.RestartAsync(Token);
        await Yard.Product.UntilAsync<BrokerDetailDto>($"{OptimizerStage.Root}/brokers/5", one => one.Broker.State == "Active", OptimizerStage.Patience, Token);
    }

    /// <summary>The directory of a running broker is taken away; a file stands there instead. Kafka notices when it next writes to it.</summary>
    private async Task DeadLogDirAsync()
    {
        await Yard.SettledAsync();
        var broker = Yard.Kafka.Broker(3);
        var dir = broker.LogDirs[1];
        var held = HeldIn(dir);
        Assert.NotEmpty(held);
        Directory.Move(dir, dir + ".gone");
        await File.WriteAllTextAsync(dir, "", Token);
        await Yard.Product.UntilAsync<BrokerDetailDto>($"{OptimizerStage.Root}/brokers/3", one => one.Broker.OfflineLogDirs == 1, OptimizerStage.Patience, Token);
        await Yard.Product.UntilAsync<Page<PartitionDto>>($"{OptimizerStage.Root}/partitions?broker=3&limit=500", page => page.Items.Count(one => one.Replicas.Any(replica => replica is { BrokerId: 3, IsOffline: true })) == held.Count, OptimizerStage.Patience, Token);

        var real = await Yard.CarryOutAsync(await Yard.PlanEverywhereAsync(Repair, Way.Page), Yard.ApproveByPageAsync);
        Assert.DoesNotContain(held, name => real.Of(name).Contains(3));
        File.Delete(dir);
        Directory.Move(dir + ".gone", dir);
        await broker.RestartAsync(Token);
        await Yard.Product.UntilAsync<BrokerDetailDto>($"{OptimizerStage.Root}/brokers/3", one => one.Broker is { State: "Active", OfflineLogDirs: 0 }, OptimizerStage.Patience, Token);
    }

    /// <summary>The restart left the leadership with others.</summary>
    private async Task PreferredLeadersAsync()
    {
        Assert.True((await Replicas.ReadAsync(Yard.Kafka)).NotPreferred > 0);
        await Yard.CarryOutAsync(await Yard.PlanEverywhereAsync(new(new("preferred-leaders"), ["preferred-leaders"]), Way.Page), Yard.ApproveByPageAsync);
        await Yard.UntilAsync(now => now.NotPreferred == 0 ? null : $"{now.NotPreferred} are not led by the first", "preferred-leaders");
    }

    private static List<int>[] Cycle(int partitions, params List<int>[] lists) => [.. Enumerable.Range(0, partitions).Select(partition => lists[partition % lists.Length])];

    private static int RackOf(int broker) => (broker - 1) % Racks;

    /// <summary>Topic and partition of each replica in a log dir, without what waits for its removal and the broker's own log of metadata.</summary>
    private static IReadOnlyList<string> HeldIn(string dir) =>
        [.. Directory.EnumerateDirectories(dir).Select(path => Path.GetFileName(path)).Where(name => !name.EndsWith("-delete", StringComparison.Ordinal) && !name.StartsWith("__cluster_metadata", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>The same changes by API, kcp and page; on the same loads the answers are the same.</summary>
    private async Task<WhatIfDto> AskAsync(WhatIfChangeDto[] changes, params string[] options)
    {
        var answer = await Yard.PostAsync<WhatIfDto>($"{OptimizerStage.Root}/what-if", new WhatIfRequest(changes));
        var other = await Kcp.JsonAsync<WhatIfDto>(Yard.Product, null, Token, ["capacity", "what-if", OptimizerStage.Id, .. options]);
        Assert.Equal((answer.Outcome, answer.OfflinePartitions), (other.Outcome, other.OfflinePartitions));
        var isSame = JsonSerializer.Serialize(answer.Loads) == JsonSerializer.Serialize(other.Loads);
        Assert.True(!isSame || (answer.ReplicaMoves, answer.LeaderMoves, answer.Bytes) == (other.ReplicaMoves, other.LeaderMoves, other.Bytes), $"{answer.Sentence} {other.Sentence}");

        var asked = JsonSerializer.Serialize(changes, InAddress);
        var shown = (await Yard.OpenAsync($"capacity?changes={Uri.EscapeDataString(asked)}")).Page.GetByTestId("what-if-answer");
        await Assertions.Expect(shown).ToContainTextAsync(answer.Outcome == "ok" ? "holds" : "breaks", new() { Timeout = 90_000 });
        await Assertions.Expect(shown).ToContainTextAsync("Offline partitions");
        return answer;
    }

    private async Task<JsonElement> OptimizeAsync(params string[] arguments) =>
        JsonDocument.Parse(await Kcp.RunAsync(Yard.Product, 0, Token, ["optimize", .. arguments, "--output", "json"])).RootElement;

    /// <summary>Brokers 5 and 6 get nearly nothing; two replicas of each twin stand in one rack.</summary>
    public async ValueTask InitializeAsync() => _yard = await OptimizerStage.StartAsync(stage, new RealKafkaOptions { Brokers = Brokers, Racks = Racks, LogDirsPerBroker = 2 }, async client =>
    {
        await client.CreateTopicAsync(Growth, Cycle(24, [1, 2], [2, 3], [3, 4], [4, 2], [3, 1], [2, 4]));
        await client.CreateTopicAsync(Twins, Cycle(6, [1, 4], [2, 5], [3, 6]));
        await client.CreateTopicAsync(Payments, Cycle(6, [1, 2, 3], [2, 3, 4]));
        await Task.WhenAll(Enumerable.Range(0, 24).Select(partition => client.ProduceAsync(Growth, partition, 40, 10_000)));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(partition => client.ProduceAsync(Payments, partition, 20, 10_000)));
    });

    public async ValueTask DisposeAsync()
    {
        if (_yard is not null)
        {
            await _yard.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }
}
