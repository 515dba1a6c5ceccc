using System.Text.Json;
using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class AnomalyCommandTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0, StatusWord.Ok)]
    [InlineData(1, StatusWord.Warn, StatusWord.Ok)]
    [InlineData(2, StatusWord.Warn, StatusWord.Crit)]
    public async Task The_exit_code_is_the_worst_anomaly(int expected, params StatusWord[] statuses)
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/anomalies", () => Some.Page([.. statuses.Select(Anomaly)])));

        var run = await api.RunAsync("anomalies", "--cluster", "prod", "--kind", "broker-down");

        Assert.Equal(expected, run.ExitCode);
        Assert.Equal("/api/v1/anomalies?cluster=prod&state=open&kind=broker-down&offset=0&limit=50", Assert.Single(api.Asked).Path);
        Assert.Equal(statuses.Length, run.Out.Split("Broker 2 is down.").Length - 1);
    }

    [Fact]
    public async Task One_is_shown_with_evidence_reach_and_history()
    {
        var anomaly = Anomaly(StatusWord.Crit);
        var worst = anomaly.Blast with { Offline = 7 };
        await using var api = await FakeApi.StartAsync(app => app.MapGet($"/api/v1/anomalies/{anomaly.Id}", () => new AnomalyDetailDto(
            anomaly, [new EvidenceDto("connection", "connection refused", Some.Noon)], worst,
            [new TransitionDto(Some.Noon, null, "pending", "error", "Broker 2 is down."), new TransitionDto(Some.Noon, "pending", "active", "critical", "Broker 2 is down.")])));

        var run = await api.RunAsync("anomalies", "show", anomaly.Id.ToString());

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("CRIT  Broker 2 is down.", run.Out, StringComparison.Ordinal);
        Assert.Contains("connection refused", run.Out, StringComparison.Ordinal);
        Assert.Contains("offline 7, under min ISR unknown", run.Out, StringComparison.Ordinal);
        Assert.Contains("orders and 1 more", run.Out, StringComparison.Ordinal);
        Assert.Contains("not yet", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_what_the_api_gave()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/anomalies", () => Some.Page(Anomaly(StatusWord.Warn))));

        var run = await api.RunAsync("anomalies", "--state", "all", "--output", "json");

        Assert.Equal("broker-down", JsonDocument.Parse(run.Out).RootElement.GetProperty("items")[0].GetProperty("kind").GetString());
        Assert.Equal(1, run.ExitCode);
    }

    private static AnomalyDto Anomaly(StatusWord status) => new(
        Guid.Parse("0199a3c0-5b1e-7c33-9f0a-1d2e3f405162"), "prod", "broker-down", "broker 2", "active", "critical", status, "Broker 2 is down.", 2,
        Some.Noon, Some.Noon, Some.Noon, Some.Noon, null, new BlastRadiusDto(0, null, 3, 2, [], ["orders"], null));
}
