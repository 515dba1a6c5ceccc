using System.Text.Json;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>What the read side answers of a picture.</summary>
public sealed class ReadingTests(ApiFixture api) : ApiTests(api), IAsyncLifetime
{
    private const string Prod = "/api/v1/clusters/prod";

    public async ValueTask InitializeAsync()
    {
        await Host.PublishAsync(A.Cluster().Brokers(4, racks: 2).Topic("__consumer_offsets", partitions: 2, replicas: 2).Topic("orders", partitions: 6, replicas: 3).Topic("single", partitions: 2, replicas: 1)
            .Down(3).Group("checkout", "orders", 90, 100, 40).Group("team/a", "gone", 5).Build());
        await Host.PublishAsync(A.Cluster("demo").Brokers(3).Topic("t").Build(), ClusterKind.Simulated);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Topics_are_sorted_filtered_and_paged_and_unknown_is_null()
    {
        var page = (await Host.GetAsync($"{Prod}/topics?sort=-bytesIn&limit=2", Viewer)).Is(200).Json;
        Assert.Equal(3, page.GetProperty("total").GetInt32());
        Assert.Equal(["orders", "single"], Names(page, "name"));
        Assert.Equal(JsonValueKind.Null, page.GetProperty("items")[1].GetProperty("bytesOut").ValueKind);

        Assert.Equal(["__consumer_offsets"], Names((await Host.GetAsync($"{Prod}/topics?internal=true", Viewer)).Json, "name"));
        Assert.Equal(["single"], Names((await Host.GetAsync($"{Prod}/topics?status=CRIT", Viewer)).Json, "name"));
        Assert.Equal(["orders"], Names((await Host.GetAsync($"{Prod}/topics?search=ORD&offset=0", Viewer)).Json, "name"));
        Assert.Empty(Names((await Host.GetAsync($"{Prod}/topics?offset=3", Viewer)).Json, "name"));
    }

    [Fact]
    public async Task A_topic_tells_its_readers_findings_partitions_and_configs()
    {
        var detail = (await Host.GetAsync($"{Prod}/topics/orders", Viewer)).Is(200).Json;
        Assert.Equal("checkout", detail.GetProperty("groups")[0].GetProperty("groupId").GetString());
        Assert.Equal(70, detail.GetProperty("groups")[0].GetProperty("lag").GetInt64());
        Assert.Contains("under-replicated", detail.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3, 4], detail.GetProperty("brokerIds").EnumerateArray().Select(id => id.GetInt32()));

        var partitions = (await Host.GetAsync($"{Prod}/topics/orders/partitions?sort=-partition&limit=1", Viewer)).Is(200).Json;
        Assert.Equal(5, partitions.GetProperty("items")[0].GetProperty("partition").GetInt32());
        Assert.Equal(3, partitions.GetProperty("items")[0].GetProperty("replicas").GetArrayLength());

        var configs = (await Host.GetAsync($"{Prod}/topics/orders/configs?only=overrides", Viewer)).Is(200).Json;
        Assert.Equal(["retention.ms"], Names(configs, "name"));
    }

    [Fact]
    public async Task Brokers_tell_what_they_host_and_how_they_differ()
    {
        var brokers = (await Host.GetAsync($"{Prod}/brokers?sort=status", Viewer)).Is(200).Json;
        Assert.Equal(3, brokers.GetProperty("items")[0].GetProperty("id").GetInt32());
        Assert.Equal("CRIT", brokers.GetProperty("items")[0].GetProperty("status").GetString());

        var detail = (await Host.GetAsync($"{Prod}/brokers/3", Viewer)).Is(200).Json;
        Assert.Contains(detail.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("kind").GetString() == "broker-down");
        var replicas = (await Host.GetAsync($"{Prod}/brokers/3/replicas?role=out-of-sync&sort=-partition", Viewer)).Is(200).Json;
        Assert.Equal(replicas.GetProperty("total").GetInt32(), detail.GetProperty("broker").GetProperty("outOfSyncReplicas").GetInt32());

        var differences = (await Host.GetAsync($"{Prod}/brokers/2/configs?only=differences", Viewer)).Is(200);
        Assert.Equal(["num.io.threads"], Names(differences.Json, "name"));
        Assert.Equal(3, differences.Json.GetProperty("items")[0].GetProperty("differsFrom").GetArrayLength());
        Assert.DoesNotContain("secret-in-kafka", (await Host.GetAsync($"{Prod}/brokers/2/configs", Viewer)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_are_found_by_what_is_wrong_with_them()
    {
        var offline = (await Host.GetAsync($"{Prod}/partitions?state=offline", Viewer)).Is(200).Json;
        Assert.All(offline.GetProperty("items").EnumerateArray(), row => Assert.Equal(JsonValueKind.Null, row.GetProperty("leader").ValueKind));
        Assert.Equal(["single"], Names(offline, "topic").Distinct());
        var onBroker = (await Host.GetAsync($"{Prod}/partitions?broker=3&topic=orders&sort=-bytes", Viewer)).Is(200).Json;
        Assert.All(onBroker.GetProperty("items").EnumerateArray(), row => Assert.Contains(row.GetProperty("replicas").EnumerateArray(), replica => replica.GetProperty("brokerId").GetInt32() == 3));
        (await Host.GetAsync($"{Prod}/partitions?state=reassigning", Viewer)).IsProblem(503);
        (await Host.GetAsync($"{Prod}/log-dirs?sort=-totalBytes", Viewer)).Is(200);
    }

    [Fact]
    public async Task Groups_tell_lag_and_what_of_it_is_unknown()
    {
        var groups = (await Host.GetAsync($"{Prod}/groups", Viewer)).Is(200).Json;
        Assert.Equal(["checkout", "team/a"], Names(groups, "id"));
        Assert.Equal(JsonValueKind.Null, groups.GetProperty("items")[1].GetProperty("lag").ValueKind);
        Assert.Equal(["checkout"], Names((await Host.GetAsync($"{Prod}/groups?withLag=true", Viewer)).Json, "id"));
        var detail = (await Host.GetAsync($"{Prod}/groups/team%2Fa", Viewer)).Is(200).Json;
        Assert.False(detail.GetProperty("partitions")[0].GetProperty("topicExists").GetBoolean());

        await Host.PublishAsync(A.Cluster("prod").Brokers(1).Topic("t", 1, 1).WithoutGroups().Generation(9).Build());
        (await Host.GetAsync($"{Prod}/groups", Viewer)).IsProblem(503);
    }

    [Fact]
    public async Task A_reader_that_has_the_picture_gets_304_until_the_next_one()
    {
        foreach (var path in new[] { $"{Prod}/topics?limit=1", $"{Prod}/brokers", $"{Prod}/groups", "/api/v1/processes" })
        {
            var first = (await Host.GetAsync(path, Viewer)).Is(200);
            (await Host.GetAsync(path, Viewer, ("If-None-Match", first.Tag!))).Is(304);
        }

        var tag = (await Host.GetAsync($"{Prod}/topics?limit=1", Viewer)).Tag!;
        await Host.PublishAsync(A.Cluster("prod").Brokers(1).Topic("t", 1, 1).Generation(2).Build());
        (await Host.GetAsync($"{Prod}/topics?limit=1", Viewer, ("If-None-Match", tag))).Is(200);
    }

    [Fact]
    public async Task The_fleet_shows_the_worst_first_and_the_overview_shows_all()
    {
        var fleet = (await Host.GetAsync("/api/v1/clusters", Viewer)).Is(200).Json;
        Assert.Equal(["prod", "demo"], Names(fleet, "id").Where(id => id is "prod" or "demo")); // other tests have clusters of their own here
        Assert.Equal(3, fleet.GetProperty("items").EnumerateArray().Single(row => row.GetProperty("id").GetString() == "prod").GetProperty("brokersUp").GetInt32());
        var overview = (await Host.GetAsync($"{Prod}/overview", Viewer)).Is(200).Json;
        Assert.Equal("CRIT", overview.GetProperty("summary").GetProperty("status").GetString());
        Assert.Equal(4, overview.GetProperty("brokers").GetArrayLength());
        Assert.Equal("checkout", overview.GetProperty("summary").GetProperty("worstGroup").GetString());
    }

    [Fact]
    public async Task Trouble_is_made_on_simulated_clusters_only_and_recorded()
    {
        (await Host.SendAsync(HttpMethod.Post, $"{Prod}/demo", Operator, """{"action":"kill-broker","brokerId":1,"group":null}""")).IsProblem(409);
        (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters/demo/demo", Operator, """{"action":"kill-broker","brokerId":1,"group":null}""")).Is(200);
        (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters/demo/demo", Operator, """{"action":"kill-broker","brokerId":99,"group":null}""")).IsProblem(400).HasError("brokerId");
        (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters/demo/refresh", Viewer)).Is(202);
        Assert.Contains(Host.Views.Refreshed, id => id.Value == "demo");
        Assert.Contains("demo.kill-broker", await AuditTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_without_picture_or_owner_says_so()
    {
        await Host.Get<ClusterStore>().AddAsync(new ClusterDefinition { Id = new ClusterId("orphan"), Name = "orphan", Kind = ClusterKind.Kafka }, ClusterSecrets.None, Token);
        var reply = (await Host.GetAsync("/api/v1/clusters/orphan/topics", Viewer)).IsProblem(503);
        Assert.NotNull(reply.Headers.RetryAfter);
        var row = (await Host.GetAsync("/api/v1/clusters?search=orphan", Viewer)).Is(200).Json.GetProperty("items")[0];
        Assert.Equal("UNKNOWN", row.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("brokers").ValueKind);
        (await Host.SendAsync(HttpMethod.Delete, "/api/v1/clusters/orphan", Operator)).Is(204);
    }

    [Fact]
    public async Task History_without_data_is_gaps_not_zeros()
    {
        var history = (await Host.GetAsync($"{Prod}/history?metric=bytes_in,lag&object=&object=broker:1&from=now-1h&points=10", Viewer)).Is(200).Json;
        Assert.Equal(4, history.GetProperty("series").GetArrayLength());
        Assert.All(history.GetProperty("series")[0].GetProperty("values").EnumerateArray(), value => Assert.Equal(JsonValueKind.Null, value.ValueKind));
    }

    [Fact]
    public async Task Events_of_a_cluster_are_told_newest_first_by_any_process()
    {
        await Host.PublishAsync(A.Cluster("eventful").Brokers(3).Topic("t").Build());
        var lease = (await Host.Get<OwnershipStore>().TryClaimAsync(new ClusterId("eventful"), Guid.NewGuid(), TestContext.Current.CancellationToken))!;
        var at = TimeProvider.System.GetUtcNow();
        await Host.Get<EventStore>().AppendAsync(lease, [
            new(Guid.NewGuid(), lease.Cluster, at.AddMinutes(-3), "broker", "broker 3", Status.Crit, "Broker 3 is down, was up: refused."),
            new(Guid.NewGuid(), lease.Cluster, at.AddMinutes(-2), "controller", "cluster", Status.Ok, "Controller 1 is active, was 3."),
            new(Guid.NewGuid(), lease.Cluster, at.AddHours(-30), "health", "cluster", Status.Ok, "too old for the default range")], TestContext.Current.CancellationToken);
        Host.Views.Lose(lease.Cluster); // no picture here: another process owns it

        var all = (await Host.GetAsync("/api/v1/clusters/eventful/events", Viewer)).Is(200).Json;
        var first = (await Host.GetAsync("/api/v1/clusters/eventful/events?limit=1", Viewer)).Is(200).Json;
        var brokers = (await Host.GetAsync("/api/v1/clusters/eventful/events?kind=broker,health&from=now-2d", Viewer)).Is(200).Json;

        Assert.Equal(["controller", "broker"], all.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("kind").GetString()));
        Assert.Equal("CRIT", all.GetProperty("items")[1].GetProperty("status").GetString());
        Assert.True(all.GetProperty("isComplete").GetBoolean());
        Assert.Equal(1, first.GetProperty("items").GetArrayLength());
        Assert.False(first.GetProperty("isComplete").GetBoolean());
        Assert.Equal(["broker", "health"], brokers.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("kind").GetString()));
        (await Host.GetAsync("/api/v1/clusters/eventful/events", null)).IsProblem(401);
    }

    private static IReadOnlyList<string> Names(JsonElement page, string field) => [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty(field).GetString()!)];
}
