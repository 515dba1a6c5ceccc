using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class GroupChangeCommandTests : IDisposable
{
    private const string Path = "/api/v1/clusters/prod/groups/billing";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kcp-offsets-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_reset_is_shown_and_with_execute_just_what_was_shown_is_committed()
    {
        List<ResetOffsetsRequest> asked = [];
        await using var api = await FakeApi.StartAsync(app => app.MapPost(Path + "/offset-reset", (ResetOffsetsRequest wish) =>
        {
            asked.Add(wish);
            return Change(wish.DryRun);
        }));

        var shown = await api.RunAsync("groups", "reset", "prod", "billing", "--to", "earliest", "--topic", "orders:0,1");
        Assert.Equal(0, shown.ExitCode);
        Assert.Contains("Nothing was changed", shown.Out, StringComparison.Ordinal);
        var wish = Assert.Single(asked);
        Assert.Equal(("earliest", true, "orders:0,1"), (wish.To, wish.DryRun, wish.Topics![0]));

        var unsure = await api.RunAsync("groups", "reset", "prod", "billing", "--to", "earliest", "--execute");
        Assert.Contains("--yes", unsure.Error, StringComparison.Ordinal);
        Assert.All(asked, one => Assert.True(one.DryRun));

        var done = await api.RunAsync("groups", "reset", "prod", "billing", "--to", "earliest", "--execute", "--yes", "--reason", "replay");
        Assert.Equal(0, done.ExitCode);
        var sent = asked[^1];
        Assert.Equal(("offsets", false, "replay"), (sent.To, sent.DryRun, sent.Reason));
        Assert.Equal(new OffsetTargetDto("orders", 0, 5, 40), Assert.Single(sent.Offsets!)); // partition 1 is there already
    }

    [Fact]
    public async Task What_is_written_to_a_file_is_read_from_it_again()
    {
        List<ResetOffsetsRequest> asked = [];
        await using var api = await FakeApi.StartAsync(app => app.MapPost(Path + "/offset-reset", (ResetOffsetsRequest wish) =>
        {
            asked.Add(wish);
            return Change(wish.DryRun);
        }));
        var file = System.IO.Path.Combine(_folder.FullName, "offsets.csv");

        Assert.Equal(0, (await api.RunAsync("groups", "reset", "prod", "billing", "--shift", "-35", "--to-file", file)).ExitCode);
        Assert.Equal(["orders,0,5", "orders,1,7"], await File.ReadAllLinesAsync(file, Token));
        Assert.Equal(0, (await api.RunAsync("groups", "reset", "prod", "billing", "--from-file", file)).ExitCode);

        Assert.Equal(-35, asked[0].Shift);
        Assert.Equal([new OffsetTargetDto("orders", 0, 5), new OffsetTargetDto("orders", 1, 7)], asked[1].Offsets!);
    }

    [Theory]
    [InlineData("orders,0", "Line 1")]
    [InlineData("orders,0,1\n\norders,x,1", "Line 3")]
    [InlineData("orders,0,-1", "Line 1")]
    [InlineData("", "has no offsets")]
    public async Task A_file_of_something_else_is_refused_with_its_line(string content, string told)
    {
        await using var api = await FakeApi.StartAsync(_ => { });
        var file = System.IO.Path.Combine(_folder.FullName, "bad.csv");
        await File.WriteAllTextAsync(file, content, Token);

        var run = await api.RunAsync("groups", "reset", "prod", "billing", "--from-file", file);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains(told, run.Error, StringComparison.Ordinal);
        Assert.Empty(api.Asked);
    }

    [Theory]
    [InlineData("exactly one", "reset", "prod", "billing")]
    [InlineData("exactly one", "reset", "prod", "billing", "--to", "latest", "--shift", "1")]
    [InlineData("no place", "reset", "prod", "billing", "--to", "yesterdayish")]
    [InlineData("can't be read", "reset", "prod", "billing", "--from-file", "/no/such/file")]
    public async Task An_unclear_wish_is_refused_before_anybody_is_asked(string told, params string[] arguments)
    {
        await using var api = await FakeApi.StartAsync(_ => { });

        var run = await api.RunAsync(["groups", .. arguments]);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(told, run.Error, StringComparison.Ordinal);
        Assert.Empty(api.Asked);
    }

    [Fact]
    public async Task Nothing_is_sent_where_the_preview_names_an_obstacle_and_a_part_that_failed_shows_in_the_exit_code()
    {
        await using var api = await FakeApi.StartAsync(app =>
        {
            app.MapPost(Path + "/deletion", (DeleteGroupRequest wish) => Change(wish.DryRun) with { Obstacle = "Stop its 2 members." });
            app.MapPost(Path + "/offset-deletion", (ForgetOffsetsRequest wish) => Change(wish.DryRun) with { NotDone = wish.DryRun ? 0 : 1 });
        });

        var hindered = await api.RunAsync("groups", "delete", "prod", "billing", "--execute", "--yes");
        Assert.Equal(3, hindered.ExitCode);
        Assert.Contains("Stop its 2 members", hindered.Error, StringComparison.Ordinal);
        Assert.Single(api.Asked);
        Assert.Equal(0, (await api.RunAsync("groups", "forget", "prod", "billing", "--topic", "orders")).ExitCode);
        Assert.Equal(3, (await api.RunAsync("groups", "forget", "prod", "billing", "--topic", "orders", "--execute", "--yes")).ExitCode);
    }

    private static GroupChangeDto Change(bool dryRun) => new(
        "billing", "reset", "Empty", 0, dryRun, dryRun ? "Dry run: 1 partition of 2 gets another offset. Nothing was changed." : "Done.", null,
        [
            new OffsetChangeDto("orders", 0, 40, 5, 2, 37, null, dryRun ? null : "done", null),
            new OffsetChangeDto("orders", 1, 7, 7, 0, 0, null, dryRun ? null : "unchanged", null),
        ],
        0);
}
