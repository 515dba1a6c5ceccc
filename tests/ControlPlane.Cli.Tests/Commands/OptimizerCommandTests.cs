using System.Text.Json;
using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class OptimizerCommandTests
{
    private static readonly Guid Id = Guid.Parse("0199a3c0-5b1e-7c33-9f0a-1d2e3f405162");

    [Theory]
    [InlineData("rebalance", """{"mode":"rebalance"}""", "plan", "rebalance", "prod")]
    [InlineData("a removal", """{"mode":"remove-brokers","brokers":[4,5]}""", "plan", "remove-brokers", "prod", "--brokers", "4,5")]
    [InlineData("a demotion", """{"mode":"demote-brokers","brokers":[4]}""", "plan", "demote", "prod", "--brokers", "4")]
    [InlineData("new brokers", """{"mode":"add-brokers","brokers":[7],"options":{"onlyOntoNamed":true}}""", "plan", "add-brokers", "prod", "--brokers", "7", "--only-onto-named")]
    [InlineData("replicas", """{"mode":"replication-factor","options":{"topics":"orders.*","replicationFactor":3}}""", "plan", "replication-factor", "prod", "--topic", "orders.*", "--rf", "3")]
    [InlineData("log dirs", """{"mode":"remove-dirs","options":{"dirs":[{"broker":4,"path":"/data:1"}]}}""", "plan", "remove-dirs", "prod", "--dir", "4:/data:1")]
    [InlineData("a repair", """{"mode":"minimal-repair","options":{"limits":[{"lane":"disk","limit":0.75,"brokers":[4,5]},{"lane":"bytes-in","limit":0.5,"brokers":null}]}}""", "plan", "minimal", "prod", "--limit", "disk=0.75@4,5", "--limit", "bytes-in=0.5")]
    [InlineData("options", """{"mode":"rack-repair","throttleBytesPerSecond":50000000,"options":{"goals":["RackAwareGoal","DiskCapacityGoal"],"band":0.05,"excludedTopics":"a|b","destinations":[1,2],"mandatoryOnly":true,"byteBudget":9,"moveBudget":8,"deadlineSeconds":120,"seed":3}}""",
        "plan", "rack-repair", "prod", "--goals", "RackAwareGoal, DiskCapacityGoal", "--band", "0.05", "--exclude-topics", "a|b", "--destinations", "1,2", "--mandatory-only", "--byte-budget", "9", "--move-budget", "8", "--deadline", "2m", "--seed", "3", "--throttle", "50MB/s")]
    [InlineData("more options", """{"mode":"rebalance","options":{"diskLimit":0.7,"replicaLimit":900,"only":[{"topic":"orders","partitions":[0,3]},{"topic":"mail","partitions":null}],"immovable":[{"topic":"logs","partitions":null}],"minLeadersTopics":"o.*","minLeaders":2,"brokerSets":[{"name":"blue","brokers":[1,2]},{"name":"red","brokers":[3]}],"polish":false}}""",
        "plan", "rebalance", "prod", "--disk-limit", "0.7", "--replica-limit", "900", "--only", "orders:0,3", "--only", "mail", "--immovable", "logs", "--min-leaders-topics", "o.*", "--min-leaders", "2", "--broker-set", "blue=1,2", "--broker-set", "red=3", "--no-polish")]
    [InlineData("whoever is new", """{"mode":"add-brokers","brokers":null,"options":{"networkLimit":0.6,"byteBudget":500000000000}}""", "plan", "add-brokers", "prod", "--network-limit", "0.6", "--byte-budget", "500GB")]
    [InlineData("a repair that evens afterwards", """{"mode":"fix-offline","brokers":[4],"options":{"mandatoryOnly":false,"excludedTopics":"a"}}""", "plan", "fix-offline", "prod", "--broker", "4", "--balance-after", "--exclude-topics", "a")]
    [InlineData("log dirs of some brokers", """{"mode":"disk-balance","brokers":[2,3]}""", "plan", "disk-balance", "prod", "--brokers", "2,3")]
    public async Task Each_mode_asks_for_what_was_said_and_shows_the_plan(string what, string expected, params string[] args)
    {
        await using var api = await StartAsync();

        var run = await api.RunAsync(args);

        Assert.True(run.ExitCode == 0, $"{what}: {run.Error}");
        var asked = JsonDocument.Parse(Assert.Single(api.Asked, request => request.Method == "POST").Body).RootElement;
        AssertContains(JsonDocument.Parse(expected).RootElement, asked, what);
        Assert.Contains("balance", run.Error, StringComparison.Ordinal); // the phase that it went through
        foreach (var words in new[] { "7 replicas moved", "RackAwareGoal", "3 -> 0 partitions", "No plan can do it with less than", $"kcp plan approve prod {Id} --hash" })
        {
            Assert.Contains(words, run.Out, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--brokers '4,x' is no list", "plan", "remove-brokers", "prod", "--brokers", "4,x")]
    [InlineData("--brokers '' is no list", "plan", "demote", "prod", "--brokers", "")]
    [InlineData("--brokers", "plan", "remove-brokers", "prod")]
    [InlineData("--dir '4' is no log dir", "plan", "remove-dirs", "prod", "--dir", "4")]
    [InlineData("--dir 'x:/d' is no log dir", "plan", "remove-dirs", "prod", "--dir", "x:/d")]
    [InlineData("--limit 'disk' is no limit", "plan", "minimal", "prod", "--limit", "disk")]
    [InlineData("--limit 'disk=much' is no limit", "plan", "minimal", "prod", "--limit", "disk=much")]
    [InlineData("--limit 'a' is no list of brokers", "plan", "minimal", "prod", "--limit", "disk=0.5@a")]
    [InlineData("--deadline 'soon' is no time", "plan", "rebalance", "prod", "--deadline", "soon")]
    [InlineData("--throttle 'fast' is no rate", "plan", "rebalance", "prod", "--throttle", "fast")]
    [InlineData("--rf", "plan", "replication-factor", "prod", "--topic", "a")]
    [InlineData("--only 'orders:x' is no selection", "plan", "rebalance", "prod", "--only", "orders:x")]
    [InlineData("--immovable 'a:1:2' is no selection", "plan", "rebalance", "prod", "--immovable", "a:1:2")]
    [InlineData("--broker-set 'blue' is no set", "plan", "rebalance", "prod", "--broker-set", "blue")]
    [InlineData("--byte-budget: 'much'", "plan", "rebalance", "prod", "--byte-budget", "much")]
    [InlineData("--network-limit", "plan", "fix-offline", "prod", "--network-limit", "all")]
    [InlineData("--no-replicas-onto 'x' is no list", "plan", "fix-offline", "prod", "--no-replicas-onto", "x")]
    [InlineData("--colour 'red' is unknown", "heatmap", "prod", "--colour", "red")]
    [InlineData("--by 'broker' is unknown", "heatmap", "prod", "--by", "broker")]
    [InlineData("--limit 0 is out of range", "heatmap", "prod", "--limit", "0")]
    [InlineData("No broker is added", "capacity", "what-if", "prod", "--lose-rack", "r1", "--rack", "r2")]
    [InlineData("--format 'word' is unknown", "plan", "export", "prod", "x", "--format", "word")]
    [InlineData("Nothing would change", "capacity", "what-if", "prod")]
    [InlineData("--scale 'orders' is no change", "capacity", "what-if", "prod", "--scale", "orders")]
    [InlineData("--retention '=2' is no change", "capacity", "what-if", "prod", "--retention", "=2")]
    [InlineData("--rf 'a=x' is no change", "capacity", "what-if", "prod", "--rf", "a=x")]
    [InlineData("--network-in 'much' is no rate", "capacity", "set", "prod", "--network-in", "much")]
    [InlineData("Nothing would change", "capacity", "set", "prod")]
    [InlineData("--cluster", "model", "export")]
    public async Task What_makes_no_sense_is_refused_before_anything_is_changed(string words, params string[] args)
    {
        await using var api = await StartAsync();

        var run = await api.RunAsync(args);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(api.Asked, asked => asked.Method is "POST" or "PUT");
    }

    [Theory]
    [InlineData("failed", null, 3)]
    [InlineData("refused", null, 3)]
    [InlineData("done", "infeasible", 2)]
    [InlineData("done", "ok", 0)]
    public async Task A_run_without_a_plan_says_why(string state, string? outcome, int code)
    {
        await using var api = await StartAsync(state, outcome, hasPlan: false);

        var run = await api.RunAsync("plan", "rebalance", "prod");

        Assert.Equal(code, run.ExitCode);
        Assert.Contains("What it found.", run.Out, StringComparison.Ordinal);
        Assert.Equal(outcome == "infeasible", run.Out.Contains("Add 2 brokers.", StringComparison.Ordinal));
        Assert.Equal(state, JsonDocument.Parse((await api.RunAsync("plan", "rebalance", "prod", "--output", "json")).Out).RootElement.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Models_and_plans_are_written_as_they_come()
    {
        await using var api = await StartAsync();

        Assert.Equal("{\"type\":\"cluster\"}\n{\"type\":\"broker\"}\n", (await api.RunAsync("model", "export", "--cluster", "prod", "--anonymise")).Out);
        Assert.Equal("/api/v1/clusters/prod/model?anonymise=true", api.Asked[^1].Path);
        Assert.Equal("{\"order\":0}\n", (await api.RunAsync("plan", "export", "prod", Id.ToString(), "--format", "kcp")).Out);
        Assert.Equal($"/api/v1/clusters/prod/plans/{Id}/export?format=own", api.Asked[^1].Path);
    }

    [Fact]
    public async Task Capacities_are_asked_and_said()
    {
        await using var api = await StartAsync();

        var answer = await api.RunAsync("capacity", "what-if", "prod", "--lose-brokers", "4", "--lose-rack", "r1", "--add-brokers", "2", "--rack", "r2", "--like-broker", "7", "--scale", "a=b.*=2", "--retention", "x=0.5", "--rf", "y=3");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("It would do.", answer.Out, StringComparison.Ordinal);
        var changes = JsonDocument.Parse(api.Asked[^1].Body).RootElement.GetProperty("changes").EnumerateArray().ToArray();
        Assert.Equal(["lose-brokers", "lose-rack", "add-brokers", "scale-topics", "retention", "replication-factor"], changes.Select(change => change.GetProperty("kind").GetString()));
        Assert.Equal((2, "r2", 7), (changes[2].GetProperty("count").GetInt32(), changes[2].GetProperty("rack").GetString(), changes[2].GetProperty("likeBroker").GetInt32()));
        Assert.Equal(("a=b.*", 2), (changes[3].GetProperty("topics").GetString(), changes[3].GetProperty("factor").GetDouble()));

        Assert.Equal(0, (await api.RunAsync("capacity", "rightsizing", "prod")).ExitCode);
        Assert.Contains("125 MB/s", (await api.RunAsync("capacity", "show", "prod")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await api.RunAsync("capacity", "set", "prod", "--broker", "4", "--network-out", "10MB/s")).ExitCode);
        var set = JsonDocument.Parse(api.Asked[^1].Body).RootElement;
        Assert.Equal("\"3\"", api.Asked[^1].IfMatch);
        Assert.Equal(125e6, set.GetProperty("networkIn").GetDouble());
        Assert.Equal((4, 10e6), (set.GetProperty("brokers")[0].GetProperty("brokerId").GetInt32(), set.GetProperty("brokers")[0].GetProperty("networkOut").GetDouble()));
    }

    [Fact]
    public async Task A_repair_may_be_told_where_nothing_goes()
    {
        await using var api = await StartAsync();
        var run = await api.RunAsync("plan", "fix-offline", "prod", "--no-replicas-onto", "3");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("/api/v1/clusters/prod/plans", api.Asked[0].Path);
        AssertContains(JsonDocument.Parse("""{"mode":"fix-offline","options":{"noReplicasOnto":[3]}}""").RootElement, JsonDocument.Parse(api.Asked[0].Body).RootElement, "fix-offline");
    }

    [Fact]
    public async Task A_heatmap_has_a_row_each_and_a_column_for_each_broker()
    {
        await using var api = await StartAsync();

        var run = await api.RunAsync("heatmap", "prod", "--by", "partition", "--colour", "bytesIn", "--topics", "o.*");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("/api/v1/clusters/prod/heatmap?by=partition&colour=bytesIn&topics=o.%2A&offset=0&limit=50", api.Asked[^1].Path);
        foreach (var words in new[] { "orders-3", "MB/s*", "1 of 7 partitions", "* leads" })
        {
            Assert.Contains(words, run.Out, StringComparison.Ordinal);
        }
    }

    private static void AssertContains(JsonElement expected, JsonElement actual, string what)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in expected.EnumerateObject())
                {
                    AssertContains(property.Value, actual.GetProperty(property.Name), $"{what}.{property.Name}");
                }

                break;
            case JsonValueKind.Array:
                Assert.True(expected.GetArrayLength() == actual.GetArrayLength(), $"{what}: {actual}");
                foreach (var (one, other) in expected.EnumerateArray().Zip(actual.EnumerateArray()))
                {
                    AssertContains(one, other, what);
                }

                break;
            default:
                Assert.True(expected.ToString() == actual.ToString(), $"{what}: expected {expected}, was {actual}");
                break;
        }
    }

    private static Task<FakeApi> StartAsync(string state = "done", string? outcome = "ok", bool hasPlan = true) => FakeApi.StartAsync(app =>
    {
        var goals = new[] { new GoalOutcomeDto("RackAwareGoal", true, "partitions", 3, 0, 1.5, 0) };
        var request = new CreatePlanRequest("rebalance");
        var plan = new PlanDto(Id, "prod", "rebalance", "proposed", StatusWord.Ok, "abcdef0123456789", "7 replicas moved: 1 GiB to copy.", null, Some.Noon, "anna", null, [], 7, 0, 1024, 60, 10, null, true, null, null, null, null);
        var findings = new PlanFindingsDto("ok", false, 7, 2, 1024, 0, new LowerBoundDto(1000, 6), goals, new BrokerLoadsDto([], []), [], ["A note."], 0.2, request);
        var proof = new InfeasibilityProofDto("RackAwareGoal", 2, "Racks are missing.", new RemedyDto("brokers", 2, null, true, "Add 2 brokers."));
        OptimizerRunDto Run(string now) => new(
            Id, "prod", "rebalance", now, StatusWord.Ok, "What it found.", "balance", 1, 0, 0, 7, 1024, [new OptimizerPhaseDto("balance", 1, 0, 0, 7, 1024, 0.1)],
            Some.Noon, "anna", null, 60, now != "running" && hasPlan ? Id : null, now == "running" ? null : outcome, outcome == "infeasible" ? [proof] : [], request);
        app.MapPost("/api/v1/clusters/prod/optimizer-runs", () => TypedResults.Json(Run("running"), statusCode: 202));
        app.MapGet($"/api/v1/clusters/prod/optimizer-runs/{Id}", () => Run(state));
        app.MapGet($"/api/v1/clusters/prod/plans/{Id}", () => new PlanDetailDto(plan, [], [], [], [], findings));
        app.MapGet($"/api/v1/clusters/prod/plans/{Id}/moves", () => Some.Page(new PlannedMoveDto(0, "orders", 3, [4, 1], [1, 2], 1024, "balance", "It is even then.")));
        app.MapGet($"/api/v1/clusters/prod/plans/{Id}/export", () => "{\"order\":0}\n");
        app.MapGet("/api/v1/clusters/prod/model", () => "{\"type\":\"cluster\"}\n{\"type\":\"broker\"}\n");
        app.MapPost("/api/v1/clusters/prod/what-if", () => new WhatIfDto("prod", Some.Noon, StatusWord.Warn, "It would do.", ["rack r1 is lost"], true, 0, 0, "ok", false, 7, 2, 1024, goals, new BrokerLoadsDto([], []), [], [], []));
        app.MapGet("/api/v1/clusters/prod/rightsizing", () => new RightsizingDto("prod", Some.Noon, "right", StatusWord.Ok, "It fits.", 0, [], null, null, [new ResourceUseDto("disk", "bytes", 1024, 4096, 3072, 4, 0.5)], [], [], []));
        app.MapPost("/api/v1/clusters/prod/plans", () => new PlanDetailDto(plan, [], [], [], [], findings));
        app.MapGet("/api/v1/clusters/prod/heatmap", () => new HeatmapDto("prod", Some.Noon, "partition", "bytesIn", "bytes-per-second", [new(1, "r1", "alive"), new(2, "r2", "alive")], [new HeatRowDto("orders", 3, 1, 2e6, [0, 1], [2e6, null])], 7, 2e6, [2e6, null]));
        app.MapGet("/api/v1/clusters/prod/capacities", (HttpContext http) => Tagged(http));
        app.MapPut("/api/v1/clusters/prod/capacities", (HttpContext http) => Tagged(http));
    });

    private static ClusterCapacitiesDto Tagged(HttpContext http)
    {
        http.Response.Headers.ETag = "\"3\"";
        return new ClusterCapacitiesDto("prod", 125e6, 125e6, [], 3);
    }
}
