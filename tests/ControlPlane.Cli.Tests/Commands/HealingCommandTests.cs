using System.Text.Json;
using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class HealingCommandTests
{
    private const string Path = "/api/v1/clusters/prod/healing";

    private static readonly Guid Anomaly = Guid.Parse("0199a3c0-5b1e-7c33-9f0a-1d2e3f405162");

    [Fact]
    public async Task A_policy_is_shown_with_its_pause_and_which_kinds_have_no_repair()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet(Path, () => Policy("heal", 600) with { PausedUntil = Some.Noon, PausedBy = "ann", PauseReason = "maintenance" }));

        var run = await api.RunAsync("healing", "show", "prod");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("until 2026-01-31 12:00:00Z by ann (maintenance)", run.Out, StringComparison.Ordinal);
        Assert.Matches(@"broker-down +heal +10 m 0 s", run.Out);
        Assert.Contains("observe (has no repair)", run.Out, StringComparison.Ordinal);
        Assert.Contains("95 %", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_sends_only_what_was_given_with_the_version_it_read()
    {
        await using var api = await FakeApi.StartAsync(app =>
        {
            app.MapGet(Path, (HttpResponse response) =>
            {
                response.Headers.ETag = "\"v7\"";
                return Policy("observe", 1800);
            });
            app.MapPut(Path, () => Policy("heal", 600));
        });

        var run = await api.RunAsync("healing", "set", "prod", "--kind", "broker-down", "--mode", "heal", "--grace", "10", "--reason", "night shift");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var put = api.Asked.Single(request => request.Method == "PUT");
        var sent = JsonSerializer.Deserialize<HealingPolicyRequest>(put.Body, JsonSerializerOptions.Web)!;
        Assert.Equal("\"v7\"", put.IfMatch);
        Assert.Equal(new HealingRuleRequest("broker-down", "heal", 600), Assert.Single(sent.Rules!));
        Assert.Equal((null, null, "night shift"), (sent.MinCompleteness, sent.MaxBrokersDown, sent.Reason));
        Assert.Matches(@"broker-down +heal +10 m 0 s", run.Out);
    }

    [Theory]
    [InlineData("of which kind", "--mode", "heal")]
    [InlineData("of which kind", "--grace", "0")]
    [InlineData("says nothing by itself", "--kind", "broker-down")]
    [InlineData("Nothing to change")]
    [InlineData("panic", "--kind", "broker-down", "--mode", "panic")]
    public async Task A_set_that_says_too_little_is_refused_before_anything_is_asked(string expected, params string[] options)
    {
        await using var api = await FakeApi.StartAsync(_ => { });

        var run = await api.RunAsync(["healing", "set", "prod", .. options]);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Empty(api.Asked);
    }

    [Fact]
    public async Task Pause_and_resume_ask_for_just_that()
    {
        await using var api = await FakeApi.StartAsync(app =>
        {
            app.MapPost(Path + "/pause", () => Policy("heal", 600) with { PausedUntil = Some.Noon, PausedBy = "ann" });
            app.MapPost(Path + "/resume", () => Policy("heal", 600));
        });
        var before = TimeProvider.System.GetUtcNow();

        var paused = await api.RunAsync("healing", "pause", "prod", "--minutes", "90", "--reason", "maintenance");
        var resumed = await api.RunAsync("healing", "resume", "prod");

        Assert.Equal((0, 0), (paused.ExitCode, resumed.ExitCode));
        var sent = JsonSerializer.Deserialize<PauseHealingRequest>(api.Asked[0].Body, JsonSerializerOptions.Web)!;
        Assert.InRange(sent.Until, before.AddMinutes(90), TimeProvider.System.GetUtcNow().AddMinutes(90));
        Assert.Equal("maintenance", sent.Reason);
        Assert.Contains("until 2026-01-31 12:00:00Z by ann", paused.Out, StringComparison.Ordinal);
        Assert.Equal(Path + "/resume", api.Asked[1].Path);
    }

    [Fact]
    public async Task Decisions_name_what_held_healing_back()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet(Path + "/decisions", () => Some.Page(Blocked())));

        var run = await api.RunAsync("healing", "decisions", "prod", "--anomaly", Anomaly.ToString());

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal($"{Path}/decisions?anomaly={Anomaly}&offset=0&limit=50", Assert.Single(api.Asked).Path);
        Assert.Matches("broker 2 +blocked +brokers-down +Blocked: 2 brokers are down", run.Out);
    }

    [Theory]
    [InlineData(StatusWord.Crit, 2)]
    [InlineData(StatusWord.Ok, 0)]
    public async Task An_incident_is_shown_whole_and_its_status_is_the_exit_code(StatusWord status, int expected)
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet($"/api/v1/incidents/{Anomaly}", () => Incident(status)));

        var run = await api.RunAsync("incident", "show", Anomaly.ToString());
        var json = await api.RunAsync("incident", "show", Anomaly.ToString(), "--output", "json");

        Assert.Equal((expected, expected), (run.ExitCode, json.ExitCode));
        Assert.Contains("Broker 2 is down.", run.Out, StringComparison.Ordinal);
        Assert.Contains("Blocked: 2 brokers are down", run.Out, StringComparison.Ordinal);
        Assert.Matches("2026-01-31 12:00:00Z +.* +broker +It closed its connections", run.Out);
        Assert.Matches("Heal now +restores 12 replicas +two are down", run.Out);
        Assert.Equal("blocked", JsonDocument.Parse(json.Out).RootElement.GetProperty("healing").GetProperty("outcome").GetString());
    }

    private static HealingPolicyDto Policy(string mode, int grace) => new(
        "prod", [new HealingRuleDto("broker-down", mode, grace, true), new HealingRuleDto("under-replicated", "observe", 1800, false)], null, null, null, 0.95, 1, 7);

    private static HealingDecisionDto Blocked() => new(
        1, "prod", Some.Noon, Anomaly, "broker-down", "broker 2", "blocked", StatusWord.Warn, "Blocked: 2 brokers are down.", null,
        [new GuardDto("not-paused", true, "Not paused."), new GuardDto("brokers-down", false, "2 brokers are down."), new GuardDto("budget", null, "Unknown.")], null, null);

    private static IncidentDto Incident(StatusWord status)
    {
        var blast = new BlastRadiusDto(0, 0, 12, 2, [], ["orders"], null);
        var anomaly = new AnomalyDto(Anomaly, "prod", "broker-down", "broker 2", "active", "critical", status, "Broker 2 is down.", 2, Some.Noon, Some.Noon, Some.Noon, Some.Noon, null, blast);
        return new IncidentDto(
            anomaly, [], blast, [new TimelineEntryDto(Some.Noon, "broker", StatusWord.Crit, "It closed its connections.", null)], Blocked(), [], [], [],
            [new IncidentActionDto("heal-now", "Heal now", "restores 12 replicas", null, "two are down")]);
    }
}
