using System.Text.Json;
using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class StatusCommandTests
{
    [Theory]
    [InlineData(StatusWord.Ok, StatusWord.Ok, 0)]
    [InlineData(StatusWord.Ok, StatusWord.Maint, 0)]
    [InlineData(StatusWord.Warn, StatusWord.Ok, 1)]
    [InlineData(StatusWord.Warn, StatusWord.Crit, 2)]
    [InlineData(StatusWord.Unknown, StatusWord.Warn, 3)]
    [InlineData(StatusWord.Unknown, StatusWord.Crit, 2)]
    public async Task The_exit_code_is_the_worst_cluster(StatusWord first, StatusWord second, int expected)
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters", () => Some.Page(Some.Cluster("one", first), Some.Cluster("two", second))));

        var run = await api.RunAsync("status");

        Assert.Equal(expected, run.ExitCode);
        Assert.Contains("two", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_cluster_is_no_alarm()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters", () => Some.Page<ClusterSummaryDto>()));

        var run = await api.RunAsync("status");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("kcp clusters add", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_cluster_is_shown_with_what_is_wrong()
    {
        var finding = new FindingDto(StatusWord.Crit, "broker-down", "broker 2", "Broker 2 is down.", Some.Noon);
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters/prod/overview", () =>
            Some.Overview(Some.Cluster("prod", StatusWord.Crit, "1 of 3 brokers is down."), finding)));

        var run = await api.RunAsync("status", "prod");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("CRIT  1 of 3 brokers is down.", run.Out, StringComparison.Ordinal);
        Assert.Contains("Broker 2 is down.", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_pages_are_fetched()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters", (int offset, int limit) =>
            new Page<ClusterSummaryDto>([.. Enumerable.Range(offset, Math.Min(limit, 230 - offset)).Select(n => Some.Cluster($"c{n}"))], 230, offset, limit, null)));

        var run = await api.RunAsync("status", "--output", "json");

        Assert.Equal(230, JsonDocument.Parse(run.Out).RootElement.GetArrayLength());
        Assert.Equal(3, api.Asked.Count);
    }

    [Fact]
    public async Task What_is_unknown_is_said_so()
    {
        var dark = Some.Cluster("dark", StatusWord.Unknown) with { BrokersUp = null, Topics = null, BytesIn = null, DataAgeSeconds = null };
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters", () => Some.Page(dark)));

        var run = await api.RunAsync("fleet");

        var row = Assert.Single(run.Out.Split('\n'), line => line.Contains("dark", StringComparison.Ordinal));
        Assert.Equal(4, row.Split("unknown").Length - 1);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Names_are_not_cut_in_a_pipe()
    {
        var name = new string('x', 249);
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters", () => Some.Page(Some.Cluster("c", sentence: name))));

        var run = await api.RunAsync("fleet");

        Assert.Contains(name, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_looks_like_markup_is_text()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet("/api/v1/clusters", () => Some.Page(Some.Cluster("c", sentence: "[red]not[/] [markup"))));

        var run = await api.RunAsync("status");

        Assert.Contains("[red]not[/] [markup", run.Out, StringComparison.Ordinal);
    }
}
