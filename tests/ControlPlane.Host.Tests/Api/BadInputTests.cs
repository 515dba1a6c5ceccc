using System.Net.Http.Headers;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using Xunit;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Each mistake gets one problem that names the field and what was expected.</summary>
public sealed class BadInputTests(ApiFixture api) : ApiTests(api), IAsyncLifetime
{
    public async ValueTask InitializeAsync() =>
        await Host.PublishAsync(A.Cluster().Brokers(3).Topic("orders").Group("g", "orders", 1).Build());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("clusters?offset=-1", "offset")]
    [InlineData("clusters?limit=0", "limit")]
    [InlineData("clusters?limit=501", "limit")]
    [InlineData("clusters?limit=ten", "limit")]
    [InlineData("clusters?sort=password", "sort")]
    [InlineData("clusters?serch=x", "serch")]
    [InlineData("clusters?limit=1&limit=2", "limit")]
    [InlineData("clusters/prod/brokers?sort=-nope", "sort")]
    [InlineData("clusters/prod/brokers/1/replicas?role=boss", "role")]
    [InlineData("clusters/prod/brokers/1/configs?only=all", "only")]
    [InlineData("clusters/prod/topics?status=BAD", "status")]
    [InlineData("clusters/prod/topics?internal=maybe", "internal")]
    [InlineData("clusters/prod/topics?offset=99999999999999999999", "offset")]
    [InlineData("clusters/prod/topics/orders/partitions?limit=-5", "limit")]
    [InlineData("clusters/prod/partitions?state=broken", "state")]
    [InlineData("clusters/prod/partitions?broker=one", "broker")]
    [InlineData("clusters/prod/log-dirs?sort=size", "sort")]
    [InlineData("clusters/prod/groups?withLag=2", "withLag")]
    [InlineData("clusters/prod/overview?x=1", "x")]
    [InlineData("clusters/prod/history", "metric")]
    [InlineData("clusters/prod/history?metric=nope", "metric")]
    [InlineData("clusters/prod/history?metric=lag&object=planet:1", "object")]
    [InlineData("clusters/prod/history?metric=lag&object=group-topic:orders", "object")]
    [InlineData("clusters/prod/history?metric=lag&object=group-topic:/g", "object")]
    [InlineData("clusters/prod/history?metric=lag&from=yesterday", "from")]
    [InlineData("clusters/prod/history?metric=lag&from=2026-01-01T00:00:00", "from")]
    [InlineData("clusters/prod/history?metric=lag&from=now-1h&to=now-2h", "from")]
    [InlineData("clusters/prod/history?metric=lag&points=1", "points")]
    [InlineData("clusters/prod/events?kind=planet", "kind")]
    [InlineData("clusters/prod/events?kind=,", "kind")]
    [InlineData("clusters/prod/events?from=yesterday", "from")]
    [InlineData("clusters/prod/events?to=2026-01-01T00:00:00", "to")]
    [InlineData("clusters/prod/events?from=now-1h&to=now-2h", "from")]
    [InlineData("clusters/prod/events?limit=501", "limit")]
    [InlineData("clusters/prod/events?offset=1", "offset")]
    [InlineData("audit?before=0", "before")]
    [InlineData("audit?cluster=NOT_AN_ID", "cluster")]
    [InlineData("audit?limit=1000", "limit")]
    [InlineData("deliveries?state=lost", "state")]
    [InlineData("deliveries?event=ack", "event")]
    [InlineData("deliveries?target=pager", "target")]
    [InlineData("deliveries?anomaly=7", "anomaly")]
    [InlineData("deliveries?cluster=NOT_AN_ID", "cluster")]
    [InlineData("deliveries?limit=501", "limit")]
    [InlineData("alert-targets?x=1", "x")]
    [InlineData("session?x=1", "x")]
    [InlineData("processes?x=1", "x")]
    public async Task A_query_that_makes_no_sense_is_refused_by_field(string path, string field) =>
        (await Host.GetAsync($"/api/v1/{path}", Viewer)).IsProblem(400).HasError(field);

    [Theory]
    [InlineData("clusters/none")]
    [InlineData("clusters/NOT_AN_ID")]
    [InlineData("clusters/none/overview")]
    [InlineData("clusters/none/topics")]
    [InlineData("clusters/none/live")]
    [InlineData("clusters/none/history?metric=lag")]
    [InlineData("clusters/none/events")]
    [InlineData("clusters/NOT_AN_ID/events")]
    [InlineData("clusters/prod/brokers/99")]
    [InlineData("clusters/prod/brokers/x")]
    [InlineData("clusters/prod/brokers/99/replicas")]
    [InlineData("clusters/prod/topics/none")]
    [InlineData("clusters/prod/topics/none/partitions")]
    [InlineData("clusters/prod/topics/none/configs")]
    [InlineData("clusters/prod/partitions?topic=none")]
    [InlineData("clusters/prod/partitions?broker=99")]
    [InlineData("clusters/prod/groups/none")]
    [InlineData("alert-targets/7")]
    [InlineData("alert-targets/018f4a3e-0000-7000-8000-000000000000")]
    [InlineData("deliveries/x")]
    [InlineData("deliveries/018f4a3e-0000-7000-8000-000000000000")]
    [InlineData("nothing/here")]
    public async Task What_does_not_exist_is_404(string path) => (await Host.GetAsync($"/api/v1/{path}", Viewer)).IsProblem(404);

    [Theory]
    [InlineData("{", "body")]
    [InlineData("", "body")]
    [InlineData("[]", "body")]
    [InlineData("null", "body")]
    [InlineData("""{"displayName":"x"}""", "id")]
    [InlineData("""{"id":"a","color":"red"}""", "color")]
    [InlineData("""{"id":7}""", "id")]
    [InlineData("""{"id":"Not An Id","connection":{"bootstrapServers":"a:1"}}""", "id")]
    [InlineData("""{"id":"a","kind":"mainframe"}""", "kind")]
    [InlineData("""{"id":"a","kind":7}""", "kind")]
    [InlineData("""{"id":"a"}""", "connection")]
    [InlineData("""{"id":"a","connection":{}}""", "connection.bootstrapServers")]
    [InlineData("""{"id":"a","connection":{"bootstrapServers":""}}""", "connection.bootstrapServers")]
    [InlineData("""{"id":"a","connection":{"bootstrapServers":"http://a:1"}}""", "connection.bootstrapServers")]
    [InlineData("""{"id":"a","connection":{"bootstrapServers":"a:99999"}}""", "connection.bootstrapServers")]
    [InlineData("""{"id":"a","connection":{"bootstrapServers":"a:1","securityProtocol":"TLS"}}""", "connection.securityProtocol")]
    [InlineData("""{"id":"a","connection":{"bootstrapServers":"a:1","securityProtocol":"SASL_SSL"}}""", "connection.saslMechanism")]
    [InlineData("""{"id":"a","connection":{"bootstrapServers":"a:1","securityProtocol":"SASL_SSL","saslMechanism":"PLAIN"}}""", "connection.password")]
    [InlineData("""{"id":"a","connection":{"bootstrapServers":"a:1","securityProtocol":"SSL","caCertificate":"no pem"}}""", "connection.caCertificate")]
    [InlineData("""{"id":"a","connection":{"bootstrapServers":"a:1","pasword":"x"}}""", "pasword")]
    [InlineData("""{"id":"a","kind":"simulated","simulation":{"brokers":0}}""", "simulation.brokers")]
    [InlineData("""{"id":"a","kind":"simulated","simulation":{"brokers":2,"replicationFactor":3}}""", "simulation.replicationFactor")]
    public async Task A_cluster_that_makes_no_sense_is_refused_by_field(string body, string field)
    {
        var reply = (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters", Operator, body)).IsProblem(400);
        Assert.True(reply.Json.GetProperty("errors").EnumerateObject().Any(error => error.Name.EndsWith(field, StringComparison.Ordinal)), reply.Body);
    }

    [Theory]
    [InlineData("POST", "users", """{"name":"","role":"viewer"}""", 400)]
    [InlineData("POST", "users", """{"name":"x","role":"boss"}""", 400)]
    [InlineData("POST", "users", """{"name":"x","role":9}""", 400)]
    [InlineData("POST", "users", """{"name":"x"}""", 400)]
    [InlineData("PUT", "users/nobody", """{"role":"viewer","isDisabled":false}""", 404)]
    [InlineData("DELETE", "users/nobody", null, 404)]
    [InlineData("POST", "users/nobody/password", null, 404)]
    [InlineData("POST", "tokens", """{"name":"","role":"viewer","expiresInDays":null}""", 400)]
    [InlineData("POST", "tokens", """{"name":"x","role":"viewer","expiresInDays":0}""", 400)]
    [InlineData("DELETE", "tokens/not-a-guid", null, 404)]
    [InlineData("DELETE", "tokens/00000000-0000-0000-0000-000000000001", null, 404)]
    [InlineData("POST", "session", """{"user":"","password":""}""", 400)]
    [InlineData("POST", "session", """{"user":null,"password":"x"}""", 400)]
    [InlineData("POST", "clusters/test", """{"connection":{"bootstrapServers":"nowhere"}}""", 400)]
    [InlineData("POST", "clusters/test", """{"connection":{"bootstrapServers":"a:1"},"clusterId":"none"}""", 404)]
    [InlineData("POST", "clusters/prod/demo", """{"action":"explode","brokerId":null,"group":null}""", 400)]
    [InlineData("POST", "clusters/none/refresh", null, 404)]
    [InlineData("DELETE", "clusters/none", null, 404)]
    [InlineData("PATCH", "clusters/prod", null, 405)]
    public async Task A_change_that_makes_no_sense_is_refused(string method, string path, string? body, int status) =>
        (await Host.SendAsync(new HttpMethod(method), $"/api/v1/{path}", Admin, body)).IsProblem(status);

    [Theory]
    [InlineData(1_100_000)]
    [InlineData(15_000_000)] // more than the buffers of a connection hold: it is heard out, else its sender would learn of a broken connection only
    public async Task A_body_that_is_too_large_is_refused_with_the_limit(int bytes)
    {
        var reply = (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters", Operator, "{\"id\":\"" + new string('a', bytes) + "\"}")).IsProblem(413);
        Assert.Contains("1048576", reply.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_no_JSON_is_refused()
    {
        using var text = new StringContent("id=a", MediaTypeHeaderValue.Parse("text/plain"));
        (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters", Operator, text)).IsProblem(415);
    }

    [Fact]
    public async Task Edits_need_the_version_they_were_made_from()
    {
        const string Edit = """{"displayName":"Prod","connection":{"bootstrapServers":"b1.example:9092"}}""";
        (await Host.SendAsync(HttpMethod.Put, "/api/v1/clusters/prod", Operator, Edit)).IsProblem(428);
        (await Host.SendAsync(HttpMethod.Put, "/api/v1/clusters/prod", Operator, Edit, ("If-Match", "\"999\""))).IsProblem(412);
        (await Host.SendAsync(HttpMethod.Put, "/api/v1/clusters/prod", Operator, Edit, ("If-Match", "nonsense"))).IsProblem(412);
        var tag = (await Host.GetAsync("/api/v1/clusters/prod", Viewer)).Is(200).Tag!;
        var edited = (await Host.SendAsync(HttpMethod.Put, "/api/v1/clusters/prod", Operator, Edit, ("If-Match", tag))).Is(200);
        Assert.NotEqual(tag, edited.Tag);
    }

    [Fact]
    public async Task A_database_that_is_gone_is_told_with_what_to_do()
    {
        await using var own = await StorageServer.StartOwnAsync(Token);
        await using var storage = new TestStorage(await own.CreateDatabaseAsync("kcp", null, Token));
        await using var host = await ApiHost.StartAsync(storage, new() { ["Api:AccessCache"] = "00:00:00" });
        var viewer = await host.TokenAsync(Role.Viewer);
        await storage.ExecuteAsync("CHECKPOINT", Token); // the test's server commits late: what a kill takes with it is not what this is about
        await own.KillAsync(Token);
        var reply = (await host.GetAsync("/api/v1/audit", viewer)).IsProblem(503);
        Assert.NotNull(reply.Headers.RetryAfter);

        // Somebody with a browser gets a page, which asks again by itself.
        var page = (await host.GetAsync("/", viewer)).Is(503);
        Assert.Equal(("text/html", "5"), (page.ContentHeaders.ContentType?.MediaType, page.Headers.GetValues("Refresh").Single()));
        Assert.Contains("<h1>The database is not available</h1>", page.Body, StringComparison.Ordinal);
        await own.StartAsync(Token);
        (await host.GetAsync("/api/v1/audit", viewer)).Is(200);
    }

    [Fact]
    public async Task Who_was_known_stays_known_while_the_database_is_gone()
    {
        await using var own = await StorageServer.StartOwnAsync(Token);
        await using var storage = new TestStorage(await own.CreateDatabaseAsync("kcp", null, Token));
        await using var host = await ApiHost.StartAsync(storage, new() { ["Api:AccessCache"] = "00:00:00.001" });
        var (viewer, stranger) = (await host.TokenAsync(Role.Viewer), await host.TokenAsync(Role.Viewer));
        (await host.GetAsync("/openapi/v1.json", viewer)).Is(200);
        await storage.ExecuteAsync("CHECKPOINT", Token);
        await own.KillAsync(Token);

        (await host.GetAsync("/openapi/v1.json", viewer)).Is(200); // asked in vain
        (await host.GetAsync("/openapi/v1.json", viewer)).Is(200); // not asked again at once
        (await host.GetAsync("/openapi/v1.json", stranger)).IsProblem(503);
        await own.StartAsync(Token);
        (await host.GetAsync("/openapi/v1.json", stranger)).Is(200);
    }
}
