using ControlPlane.Contracts;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Edits of healing policies, and each mistake about them named.</summary>
public sealed class HealingTests(ApiFixture api) : ApiTests(api), IAsyncLifetime
{
    private const string Path = "/api/v1/clusters/heal/healing";

    public async ValueTask InitializeAsync() => await Host.PublishAsync(A.Cluster("heal").Brokers(3).Topic("orders").Build());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_policy_is_off_at_first_and_edited_by_version()
    {
        var first = (await Host.GetAsync(Path, Viewer)).Is(200);
        Assert.Equal("observe", first.Json.GetProperty("rules")[0].GetProperty("mode").GetString());
        Assert.Equal(1800, first.Json.GetProperty("rules")[0].GetProperty("graceSeconds").GetInt32());

        var edit = new HealingPolicyRequest([new HealingRuleRequest("broker-down", "propose", 60)], null, 2, "try it");
        (await Host.SendAsync(HttpMethod.Put, Path, Operator, edit)).IsProblem(428);
        (await Host.SendAsync(HttpMethod.Put, Path, Viewer, edit, ("If-Match", first.Tag!))).IsProblem(403);
        var second = (await Host.SendAsync(HttpMethod.Put, Path, Operator, edit, ("If-Match", first.Tag!))).Is(200);
        (await Host.SendAsync(HttpMethod.Put, Path, Operator, edit, ("If-Match", first.Tag!))).IsProblem(412);

        Assert.Equal(("propose", 2), (second.Json.GetProperty("rules")[0].GetProperty("mode").GetString(), second.Json.GetProperty("maxBrokersDown").GetInt32()));
        Assert.Equal(0.95, second.Json.GetProperty("minCompleteness").GetDouble());
        Assert.Contains("healing.edit", await AuditTextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"rules":[{"kind":"volcano","mode":"heal","graceSeconds":60}]}""", "rules[0].kind")]
    [InlineData("""{"rules":[{"kind":"broker-down","mode":"panic","graceSeconds":60}]}""", "rules[0].mode")]
    [InlineData("""{"rules":[{"kind":"under-replicated","mode":"heal","graceSeconds":60}]}""", "rules[0].mode")]
    [InlineData("""{"rules":[{"kind":"broker-down","mode":"heal","graceSeconds":-1}]}""", "rules[0].graceSeconds")]
    [InlineData("""{"rules":[{"kind":"broker-down","mode":"heal","graceSeconds":604801}]}""", "rules[0].graceSeconds")]
    [InlineData("""{"rules":[{"kind":"broker-down","mode":"heal","graceSeconds":1},{"kind":"broker-down","mode":"heal","graceSeconds":2}]}""", "rules[1].kind")]
    [InlineData("""{"minCompleteness":1.5}""", "minCompleteness")]
    [InlineData("""{"maxBrokersDown":0}""", "maxBrokersDown")]
    public async Task A_policy_that_makes_no_sense_is_refused_by_field(string body, string field)
    {
        var tag = (await Host.GetAsync(Path, Viewer)).Is(200).Tag!;
        var whole = System.Text.Json.Nodes.JsonNode.Parse(body)!.AsObject();
        foreach (var name in new[] { "rules", "minCompleteness", "maxBrokersDown", "reason" }.Where(name => !whole.ContainsKey(name)))
        {
            whole[name] = null;
        }

        (await Host.SendAsync(HttpMethod.Put, Path, Operator, whole.ToJsonString(), ("If-Match", tag))).IsProblem(400).HasError(field);
    }

    [Fact]
    public async Task A_pause_ends_within_seven_days_and_is_ended_once()
    {
        var now = TimeProvider.System.GetUtcNow();
        (await Host.SendAsync(HttpMethod.Post, $"{Path}/pause", Operator, new PauseHealingRequest(now.AddMinutes(-1), null))).IsProblem(400).HasError("until");
        (await Host.SendAsync(HttpMethod.Post, $"{Path}/pause", Operator, new PauseHealingRequest(now.AddDays(8), null))).IsProblem(400).HasError("until");

        var paused = (await Host.SendAsync(HttpMethod.Post, $"{Path}/pause", Operator, new PauseHealingRequest(now.AddHours(1), "maintenance"))).Is(200);
        Assert.Equal("maintenance", paused.Json.GetProperty("pauseReason").GetString());
        (await Host.SendAsync(HttpMethod.Post, $"{Path}/resume", Operator)).Is(200);
        (await Host.SendAsync(HttpMethod.Post, $"{Path}/resume", Operator)).IsProblem(409);
    }

    [Fact]
    public async Task What_is_said_about_an_anomaly_must_make_sense()
    {
        var (open, over) = (Guid.NewGuid(), Guid.NewGuid());
        await StoreAsync(open, "active", "broker-down", "broker 2");
        await StoreAsync(over, "resolved", "broker-down", "broker 1");
        var path = $"/api/v1/clusters/heal/anomalies/{open}/healing";

        (await Host.SendAsync(HttpMethod.Post, path, Operator, new HealingOverrideRequest("dance", null, null))).IsProblem(400).HasError("action");
        (await Host.SendAsync(HttpMethod.Post, path, Operator, new HealingOverrideRequest("extend", null, null))).IsProblem(400).HasError("seconds");
        (await Host.SendAsync(HttpMethod.Post, path, Operator, new HealingOverrideRequest("extend", 604_801, null))).IsProblem(400).HasError("seconds");
        (await Host.SendAsync(HttpMethod.Post, path, Operator, new HealingOverrideRequest("heal-now", 5, null))).IsProblem(400).HasError("seconds");
        (await Host.SendAsync(HttpMethod.Post, path, Viewer, new HealingOverrideRequest("heal-now", null, null))).IsProblem(403);
        (await Host.SendAsync(HttpMethod.Post, $"/api/v1/clusters/heal/anomalies/{Guid.NewGuid()}/healing", Operator, new HealingOverrideRequest("heal-now", null, null))).IsProblem(404);
        (await Host.SendAsync(HttpMethod.Post, $"/api/v1/clusters/heal/anomalies/{over}/healing", Operator, new HealingOverrideRequest("heal-now", null, null))).IsProblem(409);
        (await Host.GetAsync($"/api/v1/incidents/{Guid.NewGuid()}", Viewer)).IsProblem(404);
        (await Host.GetAsync("/api/v1/clusters/heal/incidents/17", Viewer)).IsProblem(404);
        (await Host.GetAsync($"{Path}/decisions?anomaly=17", Viewer)).IsProblem(400).HasError("anomaly");
    }

    private Task StoreAsync(Guid id, string state, string kind, string subject) => Storage.ExecuteAsync(
        $$"""
        BEGIN;
        UPDATE cluster_ownership SET owner = gen_random_uuid(), epoch = epoch + 1000, lease_until = clock_timestamp() + interval '1 hour' WHERE cluster = 'heal';
        SELECT set_config('kcp.cluster', 'heal', true), set_config('kcp.epoch', (SELECT epoch::text FROM cluster_ownership WHERE cluster = 'heal'), true);
        INSERT INTO anomalies (id, cluster, kind, subject, state, severity, first_seen, last_seen, active_at, resolved_at, detection, worst) VALUES
            ('{{id}}', 'heal', '{{kind}}', '{{subject}}', '{{state}}', 'error', now(), now(), now(), {{(state == "resolved" ? "now()" : "NULL")}},
             '{"key":{"kind":"{{kind}}","subject":"{{subject}}"},"severity":"Error","sentence":"It is down.","since":"2026-05-01T12:00:00Z","brokerId":2}', '{"topicCount":0}');
        UPDATE cluster_ownership SET owner = NULL, lease_until = NULL WHERE cluster = 'heal';
        COMMIT;
        """, Token);
}
