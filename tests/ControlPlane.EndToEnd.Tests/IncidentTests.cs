using System.Text.RegularExpressions;
using ControlPlane.Contracts;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;
using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>A broker of a real cluster dies, and the product sees, tells, plans, heals and shows it.</summary>
[Collection(Row.Incidents)]
public sealed class IncidentTests(IncidentStage incident, Stage stage) : IClassFixture<IncidentStage>
{
    /// <summary>The slowest that is allowed: the moves of a broker take half a minute, so that they can be watched and interrupted on a busy machine, too.</summary>
    private const long Slow = 1_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly Regex Seconds = new("^\\s*\\d+ s\\s*$", RegexOptions.None, TimeSpan.FromSeconds(1));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_sees_the_death_plans_the_repair_watches_it_and_everything_is_green_again()
    {
        await incident.GreenAsync(Token);
        var victim = await incident.VictimAsync(Token);
        await using var visitor = await incident.VisitAsync(stage);
        var page = visitor.Page;
        await visitor.GoAsync($"/c/{IncidentStage.Id}");
        await visitor.UntilChipAsync(victim.Id, "OK", Patience);
        await visitor.PictureAsync("story-1-green");

        var anomaly = await incident.KillAsync(victim, Token);
        await visitor.UntilChipAsync(victim.Id, "Down", Patience);
        await page.GetByTestId("incident-link").First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("incident-state")).ToHaveTextAsync("active", new() { Timeout = 90_000 });
        await incident.Product.UntilAsync<Page<DeliveryDto>>($"/api/v1/deliveries?cluster={IncidentStage.Id}", sent => sent.Items.Any(one => one.AnomalyId == anomaly.Id && one is { Event: "trigger", State: "delivered" }), Patience, Token);
        await Assertions.Expect(page.GetByTestId("incident")).ToContainTextAsync("On call", new() { Timeout = 90_000 });
        await page.GetByTestId("blast").Locator("a.is-warn", new() { HasText = "Under-replicated" }).WaitForAsync(new() { Timeout = 90_000 });
        await visitor.PictureAsync("story-2-incident");

        await page.GetByTestId("do-plan-fix-offline").ClickAsync();
        await page.GetByTestId("plan-throttle").FillAsync("1");
        await page.GetByTestId("plan-do").ClickAsync();
        await Assertions.Expect(page.GetByTestId("plan-state")).ToHaveTextAsync("proposed", new() { Timeout = 90_000 });
        await Assertions.Expect(page.GetByTestId("plan-stats")).ToContainTextAsync("sound");
        await visitor.PictureAsync("story-3-plan");

        await page.GetByTestId("approve").ClickAsync();
        await page.GetByTestId("ask-do").ClickAsync();
        await page.GetByTestId("dock-text").ClickAsync(new() { Timeout = 90_000 });
        await Assertions.Expect(page.GetByTestId("execution-state")).ToHaveTextAsync("running", new() { Timeout = 90_000 });
        await Assertions.Expect(page.GetByTestId("progress")).ToContainTextAsync(new Regex("[1-9]\\d* %", RegexOptions.None, TimeSpan.FromSeconds(1)), new() { Timeout = 90_000 });
        await visitor.PictureAsync("story-4-moving");

        await visitor.WatchedToTheEndAsync("done");
        await visitor.PictureAsync("story-5-done");

        await victim.RestartAsync(Token);
        await incident.ResolvedAsync(anomaly.Id, Token);
        await incident.PagedAsync(anomaly.Id, Token);
        await visitor.GoAsync($"/c/{IncidentStage.Id}/incidents/{anomaly.Id}");
        await Assertions.Expect(page.GetByTestId("incident-state")).ToHaveTextAsync("resolved", new() { Timeout = 90_000 });
        await visitor.PictureAsync("story-6-over");
        await incident.GreenAsync(Token);
        await visitor.GoAsync($"/c/{IncidentStage.Id}");
        await visitor.UntilChipAsync(victim.Id, "OK", Patience);
        await visitor.PictureAsync("story-7-green-again");
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task The_policy_switched_on_by_clicks_counts_down_and_heals_alone()
    {
        await incident.GreenAsync(Token);
        var victim = await incident.VictimAsync(Token);
        await using var visitor = await incident.VisitAsync(stage);
        var page = visitor.Page;
        await visitor.GoAsync($"/c/{IncidentStage.Id}/healing");
        await page.GetByTestId("mode-broker-down").SelectOptionAsync("heal");
        await page.GetByTestId("grace-broker-down").FillAsync("0.4");
        await page.GetByTestId("save-policy").ClickAsync();
        await Assertions.Expect(page.GetByTestId("ask-lines")).ToContainTextAsync("broker-down: observe → heal");
        await page.GetByTestId("ask-reason").FillAsync("nights are for sleeping");
        await page.GetByTestId("ask-do").ClickAsync();
        await Assertions.Expect(page.GetByTestId("sentence")).ToContainTextAsync("Heals by itself: Broker down", new() { Timeout = 90_000 });

        var anomaly = await incident.KillAsync(victim, Token);

        var decisions = page.GetByTestId("decision-table").Locator("tr[data-row]").Filter(new() { Has = page.Locator($"a[href*='{anomaly.Id}']") });
        await Assertions.Expect(decisions.First.GetByTestId("countdown")).ToHaveTextAsync(Seconds, new() { Timeout = 90_000 });
        await visitor.PicturesAsync("policy-1-countdown");
        await decisions.First.GetByRole(AriaRole.Link, new() { Name = "execution" }).ClickAsync(new() { Timeout = 120_000 });
        await visitor.WatchedToTheEndAsync("done");
        await Assertions.Expect(page.Locator(".verdict-facts")).ToContainTextAsync("by healing policy");
        await visitor.PicturesAsync("policy-2-done");
        Assert.Empty(visitor.Complaints);
        await victim.RestartAsync(Token);
        await incident.ResolvedAsync(anomaly.Id, Token);
        await incident.PagedAsync(anomaly.Id, Token);
        await incident.GreenAsync(Token);
    }

    [Fact]
    public async Task A_broker_that_returns_in_the_grace_time_moves_nothing()
    {
        await incident.GreenAsync(Token);
        var victim = await incident.VictimAsync(Token);
        await incident.PolicyAsync("heal", TimeSpan.FromMinutes(20), Token);

        var anomaly = await incident.KillAsync(victim, Token);
        await incident.Product.UntilAsync<Page<HealingDecisionDto>>($"{IncidentStage.Root}/healing/decisions?anomaly={anomaly.Id}", page => page.Items.Any(one => one.Outcome == "waiting" && one.ActsAt is not null), Patience, Token);
        await victim.RestartAsync(Token);
        await incident.ResolvedAsync(anomaly.Id, Token);

        var story = await incident.Product.UntilAsync<IncidentDto>($"{IncidentStage.Root}/incidents/{anomaly.Id}", one => one.Healing?.Outcome == "not-needed", Patience, Token);
        Assert.Empty(story.Plans);
        Assert.Empty(story.Executions);
        await incident.PagedAsync(anomaly.Id, Token);
    }

    [Fact]
    public async Task A_broker_that_returns_in_the_middle_ends_the_healing_without_a_difference()
    {
        await incident.GreenAsync(Token);
        var victim = await incident.VictimAsync(Token);
        var anomaly = await incident.KillAsync(victim, Token);
        var execution = await incident.ApproveAsync(victim.Id, Slow, Token);
        await incident.UntilAsync(execution, one => one.Execution.BytesDone > 0 || one.Execution.MovesDone > 0, Token);

        await victim.RestartAsync(Token);

        var end = await incident.EndAsync(execution, Token);
        Assert.Equal("done", end.Execution.State);
        Assert.True(end.Verification?.Matches, string.Join('\n', end.Verification?.Differences ?? ["not verified"]));
        await incident.UntilAsync(execution, one => one.Execution.Residue.Count == 0 && one.Throttles.All(throttle => throttle.State == "restored"), Token);
        await incident.ResolvedAsync(anomaly.Id, Token);
        await incident.GreenAsync(Token);
    }

    [Fact]
    public async Task Killed_in_the_middle_the_owner_is_replaced_and_the_other_process_ends_its_work()
    {
        await incident.GreenAsync(Token);
        var victim = await incident.VictimAsync(Token);
        var second = await incident.StartProductAsync(Token);
        var spare = second; // the one that is not needed any more in the end
        try
        {
            var anomaly = await incident.KillAsync(victim, Token);
            var processes = await incident.Product.GetAsync<IReadOnlyList<ProcessDto>>("/api/v1/processes", Token);
            var owner = processes.Single(process => process.Clusters.Contains(IncidentStage.Id));
            (spare, var other) = new Uri(owner.Address).Port == second.Address.Port ? (second, incident.Product) : (incident.Product, second);
            await using var visitor = await incident.VisitAsync(stage, other); // logged in before anything moves: that takes a while
            var execution = await incident.ApproveAsync(victim.Id, Slow, Token);
            var running = await incident.UntilAsync(execution, one => one.Execution.BytesDone > 0 || one.Execution.MovesDone > 0, Token);
            await visitor.GoAsync($"/c/{IncidentStage.Id}/executions/{execution}");
            await Assertions.Expect(visitor.Page.GetByTestId("execution-owner")).ToContainTextAsync(owner.Name);

            spare.Kill();
            incident.Switch(other);

            await Assertions.Expect(visitor.Page.GetByTestId("execution-owner")).ToContainTextAsync(processes.Single(process => process != owner).Name, new() { Timeout = 120_000 });
            await visitor.PicturesAsync("owner-1-taken-over");
            var taken = await incident.UntilAsync(execution, one => one.Journal.Any(entry => entry.Epoch > running.Journal[^1].Epoch), Token);
            Assert.Equal(taken.Journal.Select(entry => entry.Epoch).Order(), taken.Journal.Select(entry => entry.Epoch));
            await visitor.WatchedToTheEndAsync("done");
            await visitor.PicturesAsync("owner-2-done");
            Assert.Empty(visitor.Complaints);
            await victim.RestartAsync(Token);
            await incident.ResolvedAsync(anomaly.Id, Token);
            await incident.PagedAsync(anomaly.Id, Token);
            await incident.GreenAsync(Token);
        }
        finally
        {
            await spare.DisposeAsync();
        }
    }

    [Fact]
    public async Task Cancelled_by_a_click_with_revert_the_lists_are_as_before_and_no_throttle_is_left()
    {
        await incident.GreenAsync(Token);
        var victim = await incident.VictimAsync(Token);
        var anomaly = await incident.KillAsync(victim, Token);
        var before = await Replicas.ReadAsync(incident.Kafka);
        await using var visitor = await incident.VisitAsync(stage);
        var page = visitor.Page;
        var execution = await incident.ApproveAsync(victim.Id, Slow, Token);
        await incident.UntilAsync(execution, one => one.Execution.MovesRunning > 0, Token);

        await visitor.GoAsync($"/c/{IncidentStage.Id}/executions/{execution}");
        await page.GetByTestId("execution").WaitForAsync();
        await visitor.PicturesAsync("cancel-1-moving");
        await page.Locator(".head").GetByTestId("cancel").ClickAsync();
        await page.GetByTestId("choice-revert-in-flight").CheckAsync();
        await page.GetByTestId("ask-reason").FillAsync("the load is too much");
        await visitor.PicturesAsync("cancel-2-question");
        await page.GetByTestId("ask-do").ClickAsync();
        await Assertions.Expect(page.GetByTestId("execution-state")).ToHaveTextAsync(new Regex("^cancel(?:ling|led)$", RegexOptions.None, TimeSpan.FromSeconds(1)), new() { Timeout = 90_000 });
        await visitor.PicturesAsync("cancel-3-reverting");
        await visitor.WatchedToTheEndAsync("cancelled");
        await Assertions.Expect(page.GetByTestId("journal")).ToContainTextAsync("the load is too much");
        await visitor.PicturesAsync("cancel-4-reverted");
        Assert.Empty(visitor.Complaints);

        await incident.UntilAsync(execution, one => one.Execution.FinishedAt is not null && one.Throttles.All(throttle => throttle.State != "set"), Token);
        var moves = await incident.Product.GetAsync<Page<ExecutionMoveDto>>($"{IncidentStage.Root}/executions/{execution}/moves?limit=500", Token);
        var done = moves.Items.Where(move => move.State == "done").Select(move => (move.Topic, move.Partition)).ToHashSet();
        await Replicas.UntilAsync(incident.Kafka, after => before.Lists.Where(one => !done.Contains(one.Key) && !after.Of(one.Key).SequenceEqual(one.Value))
            .Select(one => $"{one.Key} is on {string.Join(',', after.Of(one.Key))}, not on {string.Join(',', one.Value)}").FirstOrDefault(), "reverted");
        await victim.RestartAsync(Token);
        await incident.ResolvedAsync(anomaly.Id, Token);
        await incident.GreenAsync(Token);
    }

    [Fact]
    public async Task No_record_that_was_acknowledged_is_lost()
    {
        await incident.GreenAsync(Token);
        var victim = await incident.VictimAsync(Token);
        var anomaly = await incident.KillAsync(victim, Token); // the stories run in any order: this one needs a death of its own
        await incident.EndAsync(await incident.ApproveAsync(victim.Id, null, Token), Token);
        await victim.RestartAsync(Token);
        await incident.ResolvedAsync(anomaly.Id, Token);

        var lost = await incident.AuditTrafficAsync(Token);

        Assert.True(lost.Count == 0, string.Join('\n', lost.Take(20)));
    }
}
