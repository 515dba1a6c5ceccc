using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using ControlPlane.Clusters;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Files;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

public sealed class OptimizerTests(PlanFixture api) : IClassFixture<PlanFixture>
{
    /// <summary>Long enough for an expression to explode on it.</summary>
    private const string Topic = "skewed.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private const string Rebalance = """{"mode":"rebalance","throttleBytesPerSecond":10000000}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ApiHost Host => api.Host;

    [Fact]
    public async Task A_run_makes_a_plan_that_is_shown_in_every_shape_and_approved_with_other_limits()
    {
        var cluster = await SkewAsync("even");
        var run = await EndAsync(cluster, (await PostAsync($"{cluster}/optimizer-runs", Rebalance)).Is(202));

        Assert.Equal("done", run.GetProperty("state").GetString());
        Assert.Equal("ok", run.GetProperty("outcome").GetString());
        Assert.NotEmpty(run.GetProperty("phases").EnumerateArray());
        Assert.Equal("rebalance", run.GetProperty("request").GetProperty("mode").GetString());
        var path = $"{cluster}/plans/{run.GetProperty("planId")}";
        var detail = (await GetAsync(path)).Is(200).Json;
        var (plan, findings) = (detail.GetProperty("plan"), detail.GetProperty("findings"));
        Assert.Equal("rebalance", plan.GetProperty("mode").GetString());
        Assert.True(plan.GetProperty("isSound").GetBoolean(), string.Join(' ', detail.GetProperty("problems").EnumerateArray()));
        Assert.Contains(findings.GetProperty("goals").EnumerateArray(), goal => goal.GetProperty("violatedBefore").GetInt32() > 0);
        Assert.All(findings.GetProperty("goals").EnumerateArray().Where(goal => goal.GetProperty("isHard").GetBoolean()), goal => Assert.Equal(0, goal.GetProperty("violatedAfter").GetInt32()));
        var lanes = findings.GetProperty("loads").GetProperty("lanes").EnumerateArray().ToDictionary(lane => lane.GetProperty("lane").GetString()!);
        Assert.Equal(8, lanes.Count);
        Assert.All(lanes["cpu"].GetProperty("before").EnumerateArray(), cpu => Assert.Equal(JsonValueKind.Null, cpu.ValueKind)); // unknown is not zero
        Assert.True(Spread(lanes["replicas"], "after") < Spread(lanes["replicas"], "before"));
        Assert.Contains(findings.GetProperty("notes").EnumerateArray(), note => note.GetString()!.Contains("CPU", StringComparison.Ordinal));

        var topics = (await GetAsync($"{path}/move-groups?by=topic&sort=name")).Is(200).Json;
        Assert.Equal(Topic, topics.GetProperty("items")[0].GetProperty("name").GetString());
        var brokers = (await GetAsync($"{path}/move-groups?by=broker")).Is(200).Json;
        var busiest = brokers.GetProperty("items")[0].GetProperty("name").GetString();
        var moves = (await GetAsync($"{path}/moves?topic={Topic}&broker={busiest}")).Is(200).Json;
        Assert.InRange(moves.GetProperty("total").GetInt32(), 1, plan.GetProperty("moves").GetInt32());
        Assert.Equal(0, (await GetAsync($"{path}/moves?topic=skew")).Is(200).Json.GetProperty("total").GetInt32());

        var kafka = (await GetAsync($"{path}/export?format=kafka")).Is(200).Json.GetProperty("partitions").EnumerateArray().ToArray();
        var back = (await GetAsync($"{path}/export?format=kafka-rollback")).Is(200).Json.GetProperty("partitions").EnumerateArray().ToArray();
        Assert.Equal(kafka.Length, back.Length);
        Assert.NotEqual(kafka[0].GetProperty("replicas").ToString(), back[0].GetProperty("replicas").ToString());
        Assert.Equal(plan.GetProperty("moves").GetInt32(), (await GetAsync($"{path}/export?format=own")).Is(200).Body.TrimEnd().Split('\n').Length);

        (await PostAsync($"{path}/approval", $$"""{"hash":"{{plan.GetProperty("hash").GetString()}}","throttleBytesPerSecond":5}""")).IsProblem(422);
        var approved = (await PostAsync($"{path}/approval", $$"""{"hash":"{{plan.GetProperty("hash").GetString()}}","movesPerBroker":3,"throttleBytesPerSecond":0}""")).Is(200).Json;
        Assert.Equal(3, approved.GetProperty("movesPerBroker").GetInt32());
        Assert.Equal(JsonValueKind.Null, approved.GetProperty("throttleBytesPerSecond").ValueKind);
        Assert.Equal(new ExecutionLimits(3, null), (await Host.Get<PlanStore>().FindApprovedAsync(new ClusterId("even"), Token))!.Limits);
        (await Host.SendAsync(HttpMethod.Delete, $"{cluster}/optimizer-runs/{run.GetProperty("id")}", api.Operator)).IsProblem(409);
    }

    [Theory]
    [InlineData("""{"mode":"shuffle"}""", "not a mode")]
    [InlineData("""{"mode":"rebalance","brokers":[1]}""", "whole cluster")]
    [InlineData("""{"mode":"remove-brokers"}""", "at least one broker")]
    [InlineData("""{"mode":"remove-brokers","brokers":[]}""", "empty")]
    [InlineData("""{"mode":"remove-brokers","brokers":[77]}""", "no broker 77")]
    [InlineData("""{"mode":"rebalance","options":{"onlyOntoNamed":true}}""", "only with add-brokers")]
    [InlineData("""{"mode":"rebalance","options":{"replicationFactor":2}}""", "only with replication-factor")]
    [InlineData("""{"mode":"replication-factor","options":{"topics":"skewed"}}""", "needs topics and replicationFactor")]
    [InlineData("""{"mode":"replication-factor","options":{"topics":"nothing.*","replicationFactor":2}}""", "No topic")]
    [InlineData("""{"mode":"replication-factor","options":{"topics":"(","replicationFactor":2}}""", "regular expression")]
    [InlineData("""{"mode":"rebalance","options":{"excludedTopics":".*(a|aa)+y"}}""", "too long to match")]
    [InlineData("""{"mode":"rebalance","options":{"goals":["NoSuchGoal"]}}""", "NoSuchGoal")]
    [InlineData("""{"mode":"rebalance","options":{"band":-1}}""", "not possible")]
    [InlineData("""{"mode":"rebalance","options":{"diskLimit":1.5}}""", "not possible")]
    [InlineData("""{"mode":"rebalance","options":{"networkLimit":0}}""", "not possible")]
    [InlineData("""{"mode":"fix-offline","brokers":[77]}""", "no broker 77")]
    [InlineData("""{"mode":"rebalance","options":{"networkLimit":2}}""", "not possible")]
    [InlineData("""{"mode":"rebalance","options":{"deadlineSeconds":0}}""", "1 to 600")]
    [InlineData("""{"mode":"rebalance","options":{"minLeaders":2}}""", "minLeadersTopics")]
    [InlineData("""{"mode":"minimal-repair"}""", "at least one limit")]
    [InlineData("""{"mode":"minimal-repair","options":{"limits":[{"lane":"heat","limit":1}]}}""", "not a load")]
    [InlineData("""{"mode":"remove-dirs","options":{"dirs":[{"broker":1,"path":"/none"}]}}""", "no log dir")]
    [InlineData("""{"mode":"rebalance","options":{"immovable":[{"topic":"gone"}]}}""", "no topic 'gone'")]
    [InlineData("""{"mode":"rebalance","options":{"only":[{"topic":"TOPIC","partitions":[99]}]}}""", "no partition 99")]
    [InlineData("""{"mode":"rebalance","options":{"brokerSets":[{"name":"a","brokers":[1]},{"name":"b","brokers":[1]}]}}""", "One set each|one set each")]
    [InlineData("""{"mode":"rebalance","throttleBytesPerSecond":12}""", "too slow")]
    [InlineData("""{"mode":"rebalance","movesPerBroker":0}""", "1 to 1000")]
    public async Task Wishes_that_make_no_sense_are_refused_with_the_option_named(string body, string words)
    {
        var cluster = await SkewAsync("bad");

        var refused = (await PostAsync($"{cluster}/optimizer-runs", body.Replace("TOPIC", Topic, StringComparison.Ordinal))).IsProblem(422).Body;

        Assert.Contains(words.Split('|'), word => refused.Contains(word.Replace("'", "\\u0027", StringComparison.Ordinal), StringComparison.Ordinal) || refused.Contains(word, StringComparison.Ordinal));
        Assert.Equal(0, (await GetAsync($"{cluster}/optimizer-runs")).Is(200).Json.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Brokers_that_hold_nothing_are_the_new_ones_where_none_is_named()
    {
        var cluster = await SkewAsync("grown");

        var run = await EndAsync(cluster, (await PostAsync($"{cluster}/optimizer-runs", """{"mode":"add-brokers","options":{"onlyOntoNamed":true}}""")).Is(202));

        Assert.Equal("done", run.GetProperty("state").GetString());
        var moves = (await GetAsync($"{cluster}/plans/{run.GetProperty("planId").GetString()}/moves?limit=500")).Is(200).Json.GetProperty("items").EnumerateArray().ToArray();
        Assert.NotEmpty(moves);
        Assert.All(moves, move => Assert.All(move.GetProperty("after").EnumerateArray().Select(id => id.GetInt32()).Except(move.GetProperty("before").EnumerateArray().Select(id => id.GetInt32())), id => Assert.InRange(id, 4, 6)));
    }

    [Fact]
    public async Task Log_dirs_are_evened_on_some_brokers_where_they_are_named()
    {
        var cluster = await SkewAsync("dirs");

        var run = await EndAsync(cluster, (await PostAsync($"{cluster}/optimizer-runs", """{"mode":"disk-balance","brokers":[1,2]}""")).Is(202));

        Assert.Equal("done", run.GetProperty("state").GetString());
        Assert.Equal(2, run.GetProperty("request").GetProperty("brokers").GetArrayLength());
        (await PostAsync($"{cluster}/optimizer-runs", """{"mode":"disk-balance","brokers":[77]}""")).IsProblem(422);
    }

    [Fact]
    public async Task Runs_need_the_role_an_owner_and_a_whole_picture()
    {
        var cluster = await SkewAsync("alone");
        (await Host.SendAsync(HttpMethod.Post, $"{cluster}/optimizer-runs", api.Viewer, Rebalance)).IsProblem(403);
        (await GetAsync($"{cluster}/optimizer-runs/nonsense")).IsProblem(404);
        (await GetAsync($"{cluster}/optimizer-runs/{Guid.NewGuid()}")).IsProblem(404);
        Host.Views.Publish(Skewed("alone") with { Reassigning = null });
        Assert.Contains("not-ready", (await PostAsync($"{cluster}/optimizer-runs", Rebalance)).IsProblem(409).Body, StringComparison.Ordinal);
        Host.Views.Publish(Skewed("alone"));
        Host.Views.Leases.TryRemove(new ClusterId("alone"), out _);
        (await PostAsync($"{cluster}/optimizer-runs", Rebalance)).IsProblem(503);
    }

    [Fact]
    public async Task A_question_about_a_cluster_that_might_be_changes_nothing()
    {
        var cluster = await SkewAsync("maybe");
        var lost = (await PostAsync($"{cluster}/what-if", """{"changes":[{"kind":"lose-brokers","brokers":[6]}]}""")).Is(200).Json;
        Assert.Contains("broker 6 is lost", lost.GetProperty("changes")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("dead", lost.GetProperty("loads").GetProperty("brokers")[5].GetProperty("state").GetString());
        Assert.Equal(0, lost.GetProperty("loads").GetProperty("lanes")[4].GetProperty("after")[5].GetDouble());
        var more = (await PostAsync($"{cluster}/what-if", """{"changes":[{"kind":"add-brokers","count":2},{"kind":"scale-topics","topics":"skew.*","factor":1.5}]}""")).Is(200).Json;
        Assert.Equal(8, more.GetProperty("loads").GetProperty("brokers").GetArrayLength());
        Assert.NotEmpty(more.GetProperty("bottlenecks").EnumerateArray());
        foreach (var (body, words) in new[]
        {
            ("""{"changes":[]}""", "1 to 50"), ("""{"changes":[{"kind":"melt"}]}""", "no such change"), ("""{"changes":[{"kind":"lose-rack"}]}""", "missing"),
            ("""{"changes":[{"kind":"lose-rack","rack":"mars"}]}""", "no rack"), ("""{"changes":[{"kind":"scale-topics","topics":".*(a|aa)+y","factor":2}]}""", "too long"),
            ("""{"changes":[{"kind":"lose-brokers","brokers":[1,2,3,4,5,6]}]}""", "No broker would live"), ("""{"changes":[{"kind":"add-brokers","count":5000}]}""", "not possible"),
        })
        {
            Assert.Contains(words, (await PostAsync($"{cluster}/what-if", body)).IsProblem(422).Body, StringComparison.Ordinal);
        }

        var size = (await GetAsync($"{cluster}/rightsizing")).Is(200).Json;
        Assert.Contains(size.GetProperty("verdict").GetString(), new[] { "under", "right", "over" });
        Assert.NotEmpty(size.GetProperty("resources").EnumerateArray());
        Assert.Equal(0, (await GetAsync($"{cluster}/plans")).Is(200).Json.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task The_model_is_exported_line_by_line_and_read_again()
    {
        var cluster = await SkewAsync("file");
        foreach (var anonymise in new[] { false, true })
        {
            var text = (await GetAsync($"{cluster}/model?anonymise={(anonymise ? "true" : "false")}")).Is(200).Body;
            var model = ModelFileReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), Token);

            Assert.Equal(6, model.Brokers);
            Assert.Equal(60, model.Partitions);
            Assert.Equal(!anonymise, text.Contains("skewed", StringComparison.Ordinal));
            Assert.Equal(!anonymise, text.Contains("rack-1", StringComparison.Ordinal));
        }

        (await GetAsync($"{cluster}/model?anonymise=perhaps")).IsProblem(400);
    }

    [Fact]
    public async Task The_heatmap_is_packed_and_filtered()
    {
        var cluster = await SkewAsync("heat");
        var map = (await GetAsync($"{cluster}/heatmap?by=topic&colour=replicas")).Is(200).Json;
        Assert.Equal(6, map.GetProperty("brokers").GetArrayLength());
        Assert.Equal(Topic, map.GetProperty("rows")[0].GetProperty("topic").GetString());
        Assert.Equal(120, map.GetProperty("brokerTotals").EnumerateArray().Sum(total => total.ValueKind == JsonValueKind.Null ? 0 : total.GetDouble()));
        var rows = (await GetAsync($"{cluster}/heatmap?by=partition&colour=leaders&topics=skew.*&limit=7")).Is(200).Json;
        Assert.Equal((60, 7), (rows.GetProperty("totalRows").GetInt32(), rows.GetProperty("rows").GetArrayLength()));
        var lag = (await GetAsync($"{cluster}/heatmap?colour=lag")).Is(200).Json;
        Assert.Equal(JsonValueKind.Null, lag.GetProperty("largest").ValueKind);
        Assert.Equal(0, (await GetAsync($"{cluster}/heatmap?topics=none")).Is(200).Json.GetProperty("totalRows").GetInt32());
        (await GetAsync($"{cluster}/heatmap?colour=smell")).IsProblem(400);
        (await GetAsync($"{cluster}/heatmap?topics=%28")).IsProblem(422);
    }

    [Fact]
    public async Task Capacities_are_edited_by_their_version_and_limit_plans()
    {
        var cluster = await SkewAsync("cap");
        var first = (await GetAsync($"{cluster}/capacities")).Is(200);
        Assert.Equal(JsonValueKind.Null, first.Json.GetProperty("networkIn").ValueKind);
        const string body = """{"networkIn":1000000,"brokers":[{"brokerId":2,"networkOut":500,"networkIn":null}]}""";
        (await Host.SendAsync(HttpMethod.Put, $"{cluster}/capacities", api.Operator, body)).IsProblem(428);
        (await Host.SendAsync(HttpMethod.Put, $"{cluster}/capacities", api.Viewer, body, ("If-Match", "\"0\""))).IsProblem(403);
        (await Host.SendAsync(HttpMethod.Put, $"{cluster}/capacities", api.Operator, """{"networkIn":-1}""", ("If-Match", "\"0\""))).IsProblem(400);
        (await Host.SendAsync(HttpMethod.Put, $"{cluster}/capacities", api.Operator, body, ("If-Match", "\"0\""))).Is(200);
        (await Host.SendAsync(HttpMethod.Put, $"{cluster}/capacities", api.Operator, body, ("If-Match", "\"0\""))).IsProblem(412);
        (await Host.SendAsync(HttpMethod.Put, $"{cluster}/capacities", api.Operator, body, ("If-Match", "\"1\""))).Is(200);

        var model = ModelFileReader.Read(new MemoryStream(Encoding.UTF8.GetBytes((await GetAsync($"{cluster}/model")).Is(200).Body)), Token);
        Assert.Equal(1_000_000, model.Capacity[(1 * 4) + 1]);
        Assert.Equal(500, model.Capacity[(1 * 4) + 2]);
        Assert.True(double.IsNaN(model.Capacity[2]));
    }

    private static double Spread(JsonElement lane, string when)
    {
        var values = lane.GetProperty(when).EnumerateArray().Select(value => value.GetDouble()).ToArray();
        return values.Max() - values.Min();
    }

    /// <summary>Sixty partitions of which brokers 1 to 3 hold nearly all.</summary>
    private static ClusterModel Skewed(string id)
    {
        var model = A.Cluster(id).Brokers(6, racks: 3).Topic(Topic, partitions: 60, replicas: 2).Build();
        var now = TimeProvider.System.GetUtcNow();
        int[] brokers = [.. Enumerable.Range(0, 60).SelectMany(partition => (int[])[partition % 3, partition % 10 == 0 ? 3 + ((partition / 10) % 3) : (partition + 1) % 3])];
        for (var partition = 0; partition < 60; partition++)
        {
            // Two replicas on one rack would be another violation.
            brokers[(partition * 2) + 1] = brokers[partition * 2] % 3 == brokers[(partition * 2) + 1] % 3 ? (brokers[partition * 2] + 1) % 3 : brokers[(partition * 2) + 1];
        }

        return model with
        {
            Reassigning = [],
            Brokers = [.. model.Brokers.Select(broker => broker with { LogDirs = [new LogDir("/data/1", null, 200_000, 150_000, 50_000, 20)] })],
            Partitions = model.Partitions with { ReplicaBroker = brokers, Leader = [.. Enumerable.Range(0, 60).Select(partition => brokers[partition * 2])] },
            Load = model.Load with { BytesIn = [.. Enumerable.Repeat(10f, 60)] },
            Samples = [.. model.Samples.Select(sample => sample with { LastSuccess = now, Interval = TimeSpan.FromHours(1) })],
        };
    }

    private async Task<string> SkewAsync(string id)
    {
        await Host.PublishAsync(Skewed(id));
        var cluster = new ClusterId(id);
        if (!Host.Views.Leases.ContainsKey(cluster))
        {
            Host.Views.Leases[cluster] = Assert.IsType<ClusterLease>(await Host.Get<OwnershipStore>().TryClaimAsync(cluster, Host.Get<ProcessIdentity>().Id, Token));
        }

        return $"/api/v1/clusters/{id}";
    }

    private async Task<JsonElement> EndAsync(string cluster, Reply started)
    {
        var path = $"{cluster}/optimizer-runs/{started.Json.GetProperty("id").GetString()}";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        await using var changes = Host.Views.WatchAsync(patience.Token).GetAsyncEnumerator(patience.Token);
        while (true)
        {
            var next = changes.MoveNextAsync(); // listens before it looks, so that the end can't fall between
            var run = (await GetAsync(path)).Is(200).Json;
            if (run.GetProperty("state").GetString() != "running")
            {
                await patience.CancelAsync();
                await SettleAsync(next);
                return run;
            }

            Assert.True(await next);
        }
    }

    /// <summary>A watch must have come to rest before it is disposed; whether a change came first or the end does not matter.</summary>
    private static async Task SettleAsync(ValueTask<bool> next)
    {
        try
        {
            await next;
        }
        catch (OperationCanceledException)
        {
            // Nothing had come.
        }
    }

    private Task<Reply> PostAsync(string path, string body) => Host.SendAsync(HttpMethod.Post, path, api.Operator, body);

    private Task<Reply> GetAsync(string path) => Host.GetAsync(path, api.Viewer);
}
