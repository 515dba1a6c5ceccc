using ControlPlane.Contracts;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using Xunit;
using Role = ControlPlane.Storage.Role;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Settings of clusters: added, tried, edited, removed, recorded, and never a secret shown.</summary>
public sealed class ClusterTests(ApiFixture api) : ApiTests(api)
{
    private const string Marker = "MARKER-7f3a";

    [Fact]
    public async Task A_cluster_is_added_once_and_a_second_name_for_it_is_refused()
    {
        var created = (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters", Operator, """{"id":"one","connection":{"bootstrapServers":"same-a:9092"}}""")).Is(201);
        Assert.Equal("/api/v1/clusters/one", created.Headers.Location?.ToString());
        Assert.True(created.Json.GetProperty("connection").GetProperty("verifyHostname").GetBoolean()); // what is left out keeps its default
        Assert.Equal("the-same-kafka", created.Json.GetProperty("kafkaClusterId").GetString());
        (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters", Operator, """{"id":"one","connection":{"bootstrapServers":"other:9092"}}""")).IsProblem(409);
        var duplicate = (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters", Operator, """{"id":"two","connection":{"bootstrapServers":"same-b:9092"}}""")).IsProblem(409);
        Assert.Contains("'one'", duplicate.Body, StringComparison.Ordinal);
        (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters", Operator, """{"id":"sim","kind":"simulated","simulation":{"brokers":3}}""")).Is(201);

        (await Host.SendAsync(HttpMethod.Delete, "/api/v1/clusters/one?reason=moved%20away", Operator)).Is(204);
        (await Host.GetAsync("/api/v1/clusters/one", Viewer)).IsProblem(404);
        var audit = await AuditTextAsync();
        Assert.Contains("moved away", audit, StringComparison.Ordinal);
        Assert.Contains("\"outcome\":\"refused\"", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_tells_what_it_found_or_what_to_do()
    {
        var good = (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters/test", Operator, """{"connection":{"bootstrapServers":"same:9092"}}""")).Is(200).Json;
        Assert.True(good.GetProperty("succeeded").GetBoolean());
        var bad = (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters/test", Operator, """{"connection":{"bootstrapServers":"nowhere:9092"}}""")).Is(200).Json;
        Assert.False(bad.GetProperty("succeeded").GetBoolean());
        Assert.Contains("Nothing listens", bad.GetProperty("sentence").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_kept_by_edits_and_never_come_back()
    {
        var connection = new ConnectionRequest { BootstrapServers = "nowhere:9092", SecurityProtocol = "SASL_SSL", SaslMechanism = "SCRAM-SHA-512", Username = "kcp", Password = $"{Marker}-password" };
        var all = new List<string>();
        var created = (await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters", Operator, new CreateClusterRequest { Id = "vault", Connection = connection })).Is(201);
        all.Add(created.Body);
        var edit = new UpdateClusterRequest { DisplayName = "Vault", Connection = connection with { Password = null, Username = "other" } };
        var edited = (await Host.SendAsync(HttpMethod.Put, "/api/v1/clusters/vault", Operator, edit, ("If-Match", created.Tag!))).Is(200);
        Assert.True(edited.Json.GetProperty("connection").GetProperty("hasPassword").GetBoolean());
        Assert.Equal($"{Marker}-password", (await Host.Get<ClusterStore>().LoadSecretsAsync(new("vault"), Token)).Values["password"]);
        all.Add(edited.Body);
        all.Add((await Host.SendAsync(HttpMethod.Put, "/api/v1/clusters/vault", Operator, new UpdateClusterRequest { DisplayName = "Vault", Connection = connection with { SaslMechanism = "nope", Password = $"{Marker}-2" } }, ("If-Match", edited.Tag!))).IsProblem(400).Body);
        all.Add((await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters/test", Operator, new ConnectionTestRequest { Connection = connection, ClusterId = "vault" })).Is(200).Body);
        all.Add((await Host.SendAsync(HttpMethod.Post, "/api/v1/clusters", Operator, $$"""{"id":"x","connection":{"bootstrapServers":"a:1","password":{"{{Marker}}":1} } }""")).IsProblem(400).Body);

        await Host.UserAsync("mia", Role.Operator);
        all.Add((await Host.SendAsync(HttpMethod.Post, "/api/v1/session", null, new LoginRequest("mia", $"{Marker}-login"))).IsProblem(401).Body);
        all.Add((await Host.SendAsync(HttpMethod.Post, "/api/v1/session", null, new LoginRequest($"{Marker}-as-name", "x"))).IsProblem(401).Body);
        all.Add((await Host.GetAsync("/api/v1/session", $"kcp_{Marker}")).IsProblem(401).Body);
        foreach (var path in new[] { "clusters", "clusters/vault", "users", "tokens", "audit?limit=500" })
        {
            all.Add((await Host.GetAsync($"/api/v1/{path}", Admin)).Is(200).Body);
        }

        all.Add((await Host.GetAsync("/metrics", Viewer)).Is(200).Body);
        all.Add(Host.Log.Text);
        var leaks = all.Where(text => text.Contains(Marker, StringComparison.Ordinal)).ToList();
        Assert.True(leaks.Count == 0, string.Join("\n\n", leaks.Select(leak => leak[Math.Max(0, leak.IndexOf(Marker, StringComparison.Ordinal) - 300)..])));
    }
}
