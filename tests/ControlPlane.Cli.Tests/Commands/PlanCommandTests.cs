using System.Text.Json;
using ControlPlane.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Cli.Tests.Commands;

public sealed class PlanCommandTests
{
    private static readonly Guid Id = Guid.Parse("0199a3c0-5b1e-7c33-9f0a-1d2e3f405162");

    [Theory]
    [InlineData("50MB/s", 50_000_000)]
    [InlineData("50 mb", 50_000_000)]
    [InlineData("1.5GB/s", 1_500_000_000)]
    [InlineData("2000kB/s", 2_000_000)]
    [InlineData("1000000", 1_000_000)]
    [InlineData("0", 0)]
    public async Task A_throttle_is_a_rate_in_any_usual_form(string text, long expected)
    {
        await using var api = await StartAsync();

        var run = await api.RunAsync("plan", "fix-offline", "prod", "--broker", "4", "--broker", "5", "--moves-per-broker", "3", "--throttle", text);

        Assert.True(run.ExitCode == 0, run.Error);
        var asked = JsonDocument.Parse(api.Asked[0].Body).RootElement;
        Assert.Equal(expected, asked.GetProperty("throttleBytesPerSecond").GetInt64());
        Assert.Equal([4, 5], asked.GetProperty("brokers").EnumerateArray().Select(broker => broker.GetInt32()));
        Assert.Equal(3, asked.GetProperty("movesPerBroker").GetInt32());
    }

    [Theory]
    [InlineData("fast")]
    [InlineData("MB/s")]
    [InlineData("-5MB/s")]
    [InlineData("50MiB/s")]
    [InlineData("0.4")] // not none, which is what it would be cut to
    [InlineData("1e9")]
    [InlineData("99999999999GB/s")]
    public async Task What_is_no_rate_is_refused_before_anything_is_asked(string text)
    {
        await using var api = await StartAsync();

        var run = await api.RunAsync("plan", "fix-offline", "prod", "--throttle=" + text);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains($"--throttle '{text}' is no rate", run.Error, StringComparison.Ordinal);
        Assert.Contains("--throttle 50MB/s", run.Error, StringComparison.Ordinal);
        Assert.Empty(api.Asked);
    }

    [Fact]
    public async Task A_plan_is_printed_with_what_it_changes_and_how_to_go_on()
    {
        await using var api = await StartAsync();

        var run = await api.RunAsync("plan", "show", "prod", Id.ToString());

        Assert.Equal(0, run.ExitCode);
        foreach (var words in new[] { "OK  Restores the lost replicas", "abcdef0123456789", "10 -> 15", "orders-3", "4,1,2 -> 1,2,5", "WARN  A risk.", "Lost for now: lonely-0 on broker 4: it is alone.", $"kcp plan approve prod {Id} --hash abcdef0123456789", $"kcp plan moves prod {Id}" })
        {
            Assert.Contains(words, run.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_decided_plan_offers_no_approval()
    {
        await using var api = await StartAsync("stale");

        var run = await api.RunAsync("plan", "show", "prod", Id.ToString());

        Assert.Contains("stale: It changed.", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("kcp plan approve", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData("YES", true)]
    [InlineData("n", false)]
    [InlineData("", false)]
    [InlineData(null, false)] // the terminal was closed
    public async Task Approval_asks_and_goes_on_only_with_a_yes(string? answer, bool goesOn)
    {
        await using var api = await StartAsync();

        var run = await KcpRun.AtTerminalAsync(answer, api.Environment, "plan", "approve", "prod", Id.ToString());

        Assert.Contains("Restores the lost replicas of 5 partitions.", run.Error, StringComparison.Ordinal);
        Assert.Contains("with hash abcdef012345? [y/N]", run.Error, StringComparison.Ordinal);
        Assert.Equal(goesOn, run.ExitCode == 0);
        Assert.Equal(goesOn, api.Asked.Any(asked => asked.Method == "POST"));
    }

    [Theory]
    [InlineData("stale", true, 5, "it no longer fits the cluster: It changed.")]
    [InlineData("approved", true, 5, "it is approved, decided by bert at 2026-")]
    [InlineData("discarded", true, 5, "it is discarded, decided by bert at 2026-")]
    [InlineData("done", true, 5, "it is done, decided by bert at 2026-")]
    [InlineData("proposed", false, 5, "it did not pass its independent check")]
    [InlineData("proposed", true, 0, "it moves nothing")]
    public async Task What_can_not_be_approved_is_said_at_once_and_nobody_is_asked(string state, bool isSound, int moves, string why)
    {
        var plan = Plan(state) with { IsSound = isSound, Moves = moves, DecidedBy = state is "proposed" or "stale" ? null : "bert", DecidedAt = state is "proposed" or "stale" ? null : Some.Noon };
        await using var api = await FakeApi.StartAsync(app => app.MapGet($"/api/v1/clusters/prod/plans/{Id}", () => new PlanDetailDto(plan, [], [], [], [])));

        foreach (var run in new[]
        {
            await KcpRun.AtTerminalAsync("y", api.Environment, "plan", "approve", "prod", Id.ToString()),
            await api.RunAsync("plan", "approve", "prod", Id.ToString(), "--yes"),
        })
        {
            Assert.Equal(3, run.ExitCode);
            Assert.Contains($"Plan {Id} of prod can't be approved: {why}", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("[y/N]", run.Error, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(api.Asked, asked => asked.Method == "POST");
    }

    [Fact]
    public async Task Where_nobody_can_answer_approval_needs_yes_and_sends_the_hash_that_was_named()
    {
        await using var api = await StartAsync();

        var refused = await api.RunAsync("plan", "approve", "prod", Id.ToString());
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("--yes", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(api.Asked, asked => asked.Method == "POST");

        var run = await api.RunAsync("plan", "approve", "prod", Id.ToString(), "--yes", "--hash", "seen", "--reason", "broker 4 burnt");

        Assert.True(run.ExitCode == 0, run.Error);
        var sent = JsonDocument.Parse(Assert.Single(api.Asked, asked => asked.Method == "POST").Body).RootElement;
        Assert.Equal(("seen", "broker 4 burnt"), (sent.GetProperty("hash").GetString(), sent.GetProperty("reason").GetString()));
        Assert.Contains("is approved", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_page_and_filter()
    {
        await using var api = await StartAsync();

        Assert.Contains(Id.ToString(), (await api.RunAsync("plan", "list", "prod", "--limit", "1")).Out, StringComparison.Ordinal);
        Assert.Equal("/api/v1/clusters/prod/plans?offset=0&limit=1", api.Asked[^1].Path);
        Assert.Contains("orders-3", (await api.RunAsync("plan", "moves", "prod", Id.ToString(), "--search", "ord", "--sort", "-bytes", "--offset", "1")).Out, StringComparison.Ordinal);
        Assert.Equal($"/api/v1/clusters/prod/plans/{Id}/moves?search=ord&sort=-bytes&offset=1&limit=50", api.Asked[^1].Path);
        Assert.Contains("is discarded", (await api.RunAsync("plan", "discard", "prod", Id.ToString(), "--reason", "no")).Out, StringComparison.Ordinal);
    }

    private static Task<FakeApi> StartAsync(string state = "proposed") => FakeApi.StartAsync(app =>
    {
        var detail = new PlanDetailDto(
            Plan(state),
            [new BrokerChangeDto(5, "r2", true, new(10, 3, 1024, 1), new(15, 3, 2048, 1), 4096, 2048, 1024, 0)],
            [new PlanRiskDto(StatusWord.Warn, "min-isr", "A risk.")],
            [new UnplacedReplicaDto("lonely", 0, 4, "it is alone")],
            []);
        var moves = new Page<PlannedMoveDto>([new PlannedMoveDto(0, "orders", 3, [4, 1, 2], [1, 2, 5], 1024, "offline", "It is lost.")], 5, 0, 50, null);
        app.MapPost("/api/v1/clusters/prod/plans", () => TypedResults.Json(detail, statusCode: 201));
        app.MapGet("/api/v1/clusters/prod/plans", () => Some.Page(Plan(state)));
        app.MapGet($"/api/v1/clusters/prod/plans/{Id}", () => detail);
        app.MapGet($"/api/v1/clusters/prod/plans/{Id}/moves", () => moves);
        app.MapPost($"/api/v1/clusters/prod/plans/{Id}/approval", () => Plan("approved"));
        app.MapPost($"/api/v1/clusters/prod/plans/{Id}/discard", () => Plan("discarded"));
    });

    private static PlanDto Plan(string state) => new(
        Id, "prod", "fix-offline", state, StatusWord.Ok, "abcdef0123456789", "Restores the lost replicas of 5 partitions.", state == "stale" ? "It changed." : null,
        Some.Noon, "anna", null, [4], 5, 1, 1024, 60, 10, 50_000_000, true, null, null, null, null);
}
