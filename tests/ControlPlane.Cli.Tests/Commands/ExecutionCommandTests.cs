using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class ExecutionCommandTests
{
    private static readonly Guid Id = Guid.Parse("0199a3c0-5b1e-7c33-9f0a-1d2e3f405162");
    private static readonly string Path = $"/api/v1/clusters/prod/executions/{Id}";

    [Theory]
    [InlineData("done", StatusWord.Ok, 0)]
    [InlineData("cancelled", StatusWord.Warn, 1)]
    [InlineData("failed", StatusWord.Crit, 2)]
    public async Task Watching_tells_what_changes_and_ends_with_the_outcome(string outcome, StatusWord status, int expected)
    {
        var asked = 0;
        await using var api = await FakeApi.StartAsync(app => app.MapGet(Path, () =>
            Detail(++asked < 3 ? Execution("running", StatusWord.Ok) : Execution(outcome, status) with { FinishedAt = Some.Noon, BytesDone = 1_000 })));

        var run = await api.RunAsync("execution", "watch", "prod", Id.ToString());

        Assert.Equal(expected, run.ExitCode);
        Assert.Equal(3, asked);
        Assert.Equal(2, run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length); // the second look was like the first
        Assert.Contains("[##########..........]", run.Out, StringComparison.Ordinal);
        Assert.Contains(outcome, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steering_sends_what_was_asked_for()
    {
        await using var api = await FakeApi.StartAsync(app =>
        {
            app.MapPost(Path + "/{verb}", (string verb) => Execution(verb == "pause" ? "pausing" : "cancelling", StatusWord.Warn));
            app.MapPut(Path + "/limits", (ExecutionLimitsRequest wish) => Execution("running", StatusWord.Ok) with { MovesPerBroker = wish.MovesPerBroker ?? 5, ThrottleBytesPerSecond = wish.ThrottleBytesPerSecond });
        });

        Assert.Contains("pausing", (await api.RunAsync("execution", "pause", "prod", Id.ToString(), "--reason", "peak")).Out, StringComparison.Ordinal);
        var refused = await api.RunAsync("execution", "cancel", "prod", Id.ToString(), "--revert");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("--yes", refused.Error, StringComparison.Ordinal);
        Assert.Contains("cancelling", (await api.RunAsync("execution", "cancel", "prod", Id.ToString(), "--revert", "--yes")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await api.RunAsync("execution", "limits", "prod", Id.ToString(), "--throttle", "5000000")).ExitCode);
        Assert.Equal([Path + "/pause", Path + "/cancel", Path + "/limits"], api.Asked.Select(asked => asked.Path));
    }

    [Fact]
    public async Task Showing_names_what_is_left_and_exits_with_the_status()
    {
        await using var api = await FakeApi.StartAsync(app => app.MapGet(Path, () => Detail(Execution("failed", StatusWord.Crit) with { FinishedAt = Some.Noon, Residue = ["orders-1: its replicas are [1, 2]"] })));

        var run = await api.RunAsync("execution", "show", "prod", Id.ToString());

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("left: orders-1", run.Out, StringComparison.Ordinal);
        Assert.Contains("Submitted: orders-1.", run.Out, StringComparison.Ordinal);
        Assert.Contains("broker 4", run.Out, StringComparison.Ordinal);
    }

    private static ExecutionDetailDto Detail(ExecutionDto execution) => new(
        execution,
        [new JournalEntryDto(1, Some.Noon, 3, "moves-sent", StatusWord.Ok, "Submitted: orders-1.")],
        [new ThrottleDto("broker 4", "leader.replication.throttled.rate", "1000000", null, "owed")],
        null);

    private static ExecutionDto Execution(string state, StatusWord status) => new(
        Id, Guid.Empty, "prod", state, status, "1 of 2 moves are done.", "ada", "one", Some.Noon, null, 2, 1, 1, 0, 1_000, 500, null, null, 5, null, []);
}
