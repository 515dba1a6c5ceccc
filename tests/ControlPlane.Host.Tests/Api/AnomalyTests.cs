using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Anomalies;
using ControlPlane.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Anomalies of clusters that nobody owns here: the API reads what is stored.</summary>
public sealed class AnomalyTests(ApiFixture api) : ApiTests(api)
{
    [Fact]
    public async Task A_list_names_a_few_and_the_anomaly_all()
    {
        var anomaly = AnomalyStoreTests.Active(AnomalyStoreTests.Some(await ClusterAsync("listed"), 4, Severity.Critical));
        var names = Enumerable.Range(0, 20).Select(n => $"t-{n:00}").ToArray();
        anomaly = anomaly with { Last = anomaly.Last with { Blast = new BlastRadius(0, 1, 20, 20, [.. names.Select(name => new TouchedPartition(name, 0, 1, 3, 2))], [.. names], null) } };
        await SaveAsync(anomaly);

        var row = Assert.Single((await Host.GetAsync("/api/v1/clusters/listed/anomalies", Viewer)).Is(200).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(("active", "critical", "CRIT", 4), (row.GetProperty("state").GetString(), row.GetProperty("severity").GetString(), row.GetProperty("status").GetString(), row.GetProperty("brokerId").GetInt32()));
        Assert.Equal((5, 20), (row.GetProperty("blast").GetProperty("worst").GetArrayLength(), row.GetProperty("blast").GetProperty("topicCount").GetInt32()));

        foreach (var path in new[] { $"/api/v1/anomalies/{anomaly.Id}", $"/api/v1/clusters/listed/anomalies/{anomaly.Id}" })
        {
            var detail = (await Host.GetAsync(path, Viewer)).Is(200).Json;
            Assert.Equal(20, detail.GetProperty("anomaly").GetProperty("blast").GetProperty("worst").GetArrayLength());
            Assert.Equal(System.Text.Json.JsonValueKind.Null, detail.GetProperty("anomaly").GetProperty("blast").GetProperty("groups").ValueKind);
            Assert.Equal("connection refused", detail.GetProperty("evidence")[0].GetProperty("value").GetString());
            Assert.Equal("active", detail.GetProperty("transitions")[0].GetProperty("after").GetString());
        }
    }

    [Fact]
    public async Task Filters_choose_by_cluster_state_and_kind()
    {
        var (one, two) = (await ClusterAsync("filter-1"), await ClusterAsync("filter-2"));
        var pending = AnomalyStoreTests.Some(one, 1);
        var over = AnomalyStoreTests.Some(one, 2) with { State = AnomalyState.Resolved, ResolvedAt = TimeProvider.System.GetUtcNow() };
        var active = AnomalyStoreTests.Active(AnomalyStoreTests.Some(two, 1));
        foreach (var anomaly in new[] { pending, over, active })
        {
            await SaveAsync(anomaly);
        }

        Assert.Equal([pending.Id], await IdsAsync("anomalies?cluster=filter-1"));
        Assert.Equal([pending.Id], await IdsAsync("anomalies?cluster=filter-1&state=pending"));
        Assert.Equal([over.Id], await IdsAsync("clusters/filter-1/anomalies?state=resolved"));
        Assert.Equal([pending.Id, over.Id], await IdsAsync("clusters/filter-1/anomalies?state=all"));
        Assert.Equal([active.Id], await IdsAsync("clusters/filter-2/anomalies?kind=broker-down&state=active"));
        Assert.Empty(await IdsAsync("clusters/filter-2/anomalies?kind=under-replicated"));
        Assert.Equal([over.Id], await IdsAsync("clusters/filter-1/anomalies?state=all&offset=1&limit=1"));
        var all = await IdsAsync("anomalies");
        Assert.Contains(pending.Id, all);
        Assert.Contains(active.Id, all);
    }

    [Fact]
    public async Task A_list_that_did_not_change_is_not_sent_again()
    {
        await SaveAsync(AnomalyStoreTests.Some(await ClusterAsync("tagged"), 1));
        var first = (await Host.GetAsync("/api/v1/clusters/tagged/anomalies", Viewer)).Is(200);

        (await Host.GetAsync("/api/v1/clusters/tagged/anomalies", Viewer, ("If-None-Match", first.Tag!))).Is(304);
    }

    [Theory]
    [InlineData("anomalies?state=broken", "state")]
    [InlineData("anomalies?kind=gremlins", "kind")]
    [InlineData("anomalies?limit=0", "limit")]
    [InlineData("anomalies?offset=-1", "offset")]
    [InlineData("anomalies?serch=x", "serch")]
    [InlineData("clusters/known/anomalies?cluster=other", "cluster")]
    public async Task A_query_that_makes_no_sense_is_refused_by_field(string path, string field) =>
        (await Host.GetAsync($"/api/v1/{path}", Viewer)).IsProblem(400).HasError(field);

    [Theory]
    [InlineData("anomalies?cluster=none")]
    [InlineData("anomalies?cluster=NOT_AN_ID")]
    [InlineData("clusters/none/anomalies")]
    [InlineData("anomalies/17")]
    [InlineData("anomalies/00000000-0000-0000-0000-000000000001")]
    [InlineData("clusters/none/anomalies/00000000-0000-0000-0000-000000000001")]
    public async Task What_does_not_exist_is_404(string path) => (await Host.GetAsync($"/api/v1/{path}", Viewer)).IsProblem(404);

    [Fact]
    public async Task An_anomaly_of_another_cluster_is_not_found_under_this_one()
    {
        var anomaly = AnomalyStoreTests.Some(await ClusterAsync("mine"), 1);
        await SaveAsync(anomaly);
        await ClusterAsync("other");

        var refused = (await Host.GetAsync($"/api/v1/clusters/other/anomalies/{anomaly.Id}", Viewer)).IsProblem(404);
        Assert.Equal("urn:kcp:problem:unknown-anomaly", refused.Json.GetProperty("type").GetString());
    }

    private async Task<ClusterId> ClusterAsync(string id)
    {
        var definition = new ClusterDefinition { Id = new ClusterId(id), Name = id, Kind = ClusterKind.Kafka, BootstrapServers = "b:9092" };
        await Host.Get<ClusterStore>().AddAsync(definition, ClusterSecrets.None, TestContext.Current.CancellationToken);
        Host.Get<ControlPlane.Api.FleetDirectory>().Forget();
        return definition.Id;
    }

    private Task SaveAsync(Anomaly anomaly) =>
        AnomalyStoreTests.SaveAsync(Host.Get<OwnershipStore>(), Host.Get<EpochGuard>(), anomaly.Cluster, new AnomalyTransition(anomaly, null));

    private async Task<Guid[]> IdsAsync(string path) =>
        [.. (await Host.GetAsync($"/api/v1/{path}", Viewer)).Is(200).Json.GetProperty("items").EnumerateArray().Select(row => row.GetProperty("id").GetGuid())];
}
