using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class LagQueryTests
{
    private const string Groups = "/api/v1/clusters/prod/groups";

    [Theory]
    [InlineData("OK", StatusWord.Ok, 0)]
    [InlineData("WARN", StatusWord.Warn, 1)]
    [InlineData("ERR", StatusWord.Crit, 2)]
    [InlineData(null, StatusWord.Unknown, 3)]
    public async Task Listing_shows_verdicts_worst_first_and_exits_with_the_worst(string? word, StatusWord status, int expected)
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet(Groups, () => new Page<GroupDto>([Group(word, status)], 1, 0, 50, Some.Noon)));

        var run = await api.RunAsync("lag", "ls", "prod", "--status", "err", "--topic", "orders");

        Assert.Equal(expected, run.ExitCode);
        Assert.Contains(word ?? "?", run.Out, StringComparison.Ordinal);
        Assert.Contains("sort=-status", Assert.Single(api.Asked).Path, StringComparison.Ordinal);
        Assert.Contains("status=err&topic=orders", api.Asked[0].Path, StringComparison.Ordinal);
        if (word is not null)
        {
            Assert.Contains("at least 30m", run.Out.Replace(" ", "", StringComparison.Ordinal).Replace("atleast", "at least ", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Contains("stuck-member", run.Out, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("p%q 100%25", "p%25q%20100%2525")]
    [InlineData("tab\tline\n?#", "tab%09line%0A%3F%23")]
    [InlineData("größe 😀", "gr%C3%B6%C3%9Fe%20%F0%9F%98%80")]
    public async Task A_group_with_an_odd_name_is_asked_for_by_its_whole_name(string group, string expected)
    {
        var asked = "";
        await using var api = await FakeApi.StartAsync(app => app.MapGet(Groups + "/{group}", (HttpContext http) =>
        {
            asked = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
            return Detail();
        }));

        Assert.Equal(2, (await api.RunAsync("lag", "show", "prod", group)).ExitCode);
        Assert.Equal($"{Groups}/{expected}", asked);
    }

    [Fact]
    public async Task Showing_and_explaining_say_why_with_the_commits_that_were_judged()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet(Groups + "/billing", Detail));

        var shown = await api.RunAsync("lag", "show", "prod", "billing");
        Assert.Equal(2, shown.ExitCode);
        Assert.Contains("One member is stuck.", shown.Out, StringComparison.Ordinal);
        Assert.Contains("6 members would hold it.", shown.Out, StringComparison.Ordinal);
        Assert.True(shown.Out.IndexOf("orders-1", StringComparison.Ordinal) < shown.Out.IndexOf("orders-0", StringComparison.Ordinal), shown.Out); // the worst first

        var explained = await api.RunAsync("lag", "explain", "prod", "billing", "--topic", "orders");
        Assert.Contains("orders-1: STOP (silent, confidence 0.90)", explained.Out, StringComparison.Ordinal);
        Assert.Contains("offset 41, lag 7", explained.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("orders-1", (await api.RunAsync("lag", "explain", "prod", "billing", "--topic", "other")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watching_tells_each_change_of_a_verdict_once()
    {
        var asked = 0;
        await using var api = await FakeApi.StartAsync(app => app.MapGet(Groups, () => new Page<GroupDto>([++asked switch { 1 => Group("OK", StatusWord.Ok), 2 or 3 => Group("ERR", StatusWord.Crit), _ => Group("OK", StatusWord.Ok) }], 1, 0, 500, Some.Noon)));

        var run = await api.RunAsync("lag", "watch", "prod", "--changes", "2", "--every", "1");

        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains("ERR billing", lines[0], StringComparison.Ordinal);
        Assert.Contains("OK billing", lines[1], StringComparison.Ordinal);
        Assert.Equal(0, run.ExitCode);
    }

    private static GroupDetailDto Detail() => new(
        Group("ERR", StatusWord.Crit), "Stopped.", [],
        [
            new GroupPartitionDto("orders", 0, 10, 10, 0, 0, "m", "c", "/h", true, Judged("OK", "progressing", "It reads.")),
            new GroupPartitionDto("orders", 1, 41, 48, 0, 7, "m", "c", "/h", true, Judged("STOP", "silent", "No commit for 9 m.")),
        ],
        Some.Noon);

    private static PartitionJudgementDto Judged(string word, string reason, string sentence) =>
        new(word, reason, sentence, 0.9, 1, 12, false, "never", null, 0, 1, [new SeenCommitDto(41, Some.Noon, 7)]);

    private static GroupDto Group(string? word, StatusWord status) => new("billing", "classic", "Stable", "consumer", 1, 2, 1, 2, 7, 7, "orders-1", 0, null, word is null ? null : new GroupJudgementDto(
        status, word, "2 of 2 partitions.", 1_800, true, 1, 1, "never", null, null, null, 1, 2, "stuck-member", "One member is stuck.", 6, "6 members would hold it."));
}
