using Bunit;
using ControlPlane.Ui.Components;
using ControlPlane.Ui.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Ui.Tests.Components;

/// <summary>The wish for a plan: what the form takes and refuses, what it asks for, and how a search is watched.</summary>
public sealed class RebalanceTests : PageContext
{
    private IRenderedComponent<Rebalance> Visit(string cluster, string query = "") => Visit<Rebalance>($"/c/{cluster}/rebalance{query}", ("Cluster", cluster));

    private string Asked => Assert.Single(Answers.Calls, call => call.StartsWith("optimize ", StringComparison.Ordinal));

    [Fact]
    public async Task A_rebalance_takes_one_press_and_is_watched_until_its_plan_opens()
    {
        var page = Visit("production");
        await page.Find("[data-testid=rebalance-form]").SubmitAsync();

        Assert.Equal("""optimize production {"mode":"rebalance","options":{}}""", Asked);
        page.WaitForAssertion(() => Assert.Contains("14 of 500 brokers", page.Find("[data-testid=run]").TextContent, StringComparison.Ordinal));
        Assert.Equal(4, page.FindAll("[data-testid=run-phases] tbody tr").Count);
        Assert.Contains($"run={FakeOptimizer.Searching}", Address, StringComparison.Ordinal);

        var left = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Services.GetRequiredService<NavigationManager>().LocationChanged += (_, change) => left.TrySetResult(change.Location);
        Answers.Run = run => run! with { State = "done", Outcome = "ok", PlanId = FakeOptimizer.Plan };
        Assert.EndsWith($"/c/production/plans/{FakeOptimizer.Plan:D}", await left.Task.WaitAsync(TimeSpan.FromSeconds(20), Xunit.TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_that_ends_before_it_can_be_watched_opens_its_plan_too()
    {
        var page = Visit("production");
        Answers.Run = run => run! with { State = "done", Outcome = "ok", PlanId = FakeOptimizer.Plan };

        await page.Find("[data-testid=rebalance-form]").SubmitAsync();

        page.WaitForAssertion(() => Assert.EndsWith($"/c/production/plans/{FakeOptimizer.Plan:D}", Address, StringComparison.Ordinal));
    }

    [Fact]
    public void A_link_to_a_search_that_is_over_shows_the_search()
    {
        Answers.Run = run => run! with { State = "done", Outcome = "ok", PlanId = FakeOptimizer.Plan };

        var page = Visit("production", $"?run={FakeOptimizer.Searching}");

        Assert.NotNull(page.Find("[data-testid=run-plan]"));
        Assert.Contains($"run={FakeOptimizer.Searching}", Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_search_can_be_stopped_and_a_second_one_cannot_be_started()
    {
        var page = Visit("production", $"?run={FakeOptimizer.Searching}");

        Assert.True(page.Find("[data-testid=propose]").HasAttribute("disabled"));
        await page.Find("[data-testid=run-stop]").ClickAsync(new());
        Assert.Contains($"cancel run production {FakeOptimizer.Searching}", Answers.Calls);
    }

    [Fact]
    public void A_search_that_found_no_way_shows_proof_and_remedy_and_stays()
    {
        var page = Visit("troubled", $"?run={FakeOptimizer.NoWay}");

        Assert.Contains("rack-2 has to hold a whole copy", page.Find("[data-testid=proofs]").TextContent, StringComparison.Ordinal);
        Assert.Contains("2 brokers of 2 TiB", page.Find("[data-testid=remedy]").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=run-plan], [data-testid=run-stop]"));
    }

    [Fact]
    public async Task A_link_fills_the_form_and_the_wish_says_all_of_it()
    {
        var page = Visit("production", "?mode=minimal-repair&lane=disk&limit=75&brokers=4,5&excludedTopics=__.*&only=orders:0,3;mail&byteBudget=2&throttle=80&deadline=30&seed=7");

        Assert.Contains("orders:0,3;mail", page.Find("[data-testid=only]").TextContent, StringComparison.Ordinal);
        Assert.NotNull(page.Find("[data-testid=further]"));
        await page.Find("[data-testid=rebalance-form]").SubmitAsync();

        Assert.Equal(
            """optimize production {"mode":"minimal-repair","throttleBytesPerSecond":80000000,"options":{"excludedTopics":"__.*","only":[{"topic":"orders","partitions":[0,3]},{"topic":"mail"}],"limits":[{"lane":"disk","limit":0.75,"brokers":[4,5]}],"byteBudget":2147483648,"deadlineSeconds":30,"seed":7}}""",
            Asked);
    }

    [Fact]
    public async Task What_a_mode_does_not_take_is_not_sent_and_not_kept_in_the_address()
    {
        var page = Visit("production", "?mode=rebalance&band=5&goals=RackAwareGoal;DiskCapacityGoal");
        await page.Find("[data-testid=mode-remove-dirs]").ClickAsync(new());
        await page.Find("[data-testid=field-dirs]").InputAsync("4:/var/lib/kafka/data-1\n5:/d2");
        await page.Find("[data-testid=rebalance-form]").SubmitAsync();

        Assert.Equal("""optimize production {"mode":"remove-dirs","options":{"dirs":[{"broker":4,"path":"/var/lib/kafka/data-1"},{"broker":5,"path":"/d2"}]}}""", Asked);
        Assert.DoesNotContain("band=", Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("remove-brokers", "brokers", "four", "list of broker ids")]
    [InlineData("replication-factor", "topics", "orders(", "Not a regular expression")]
    [InlineData("replication-factor", "replicationFactor", "0", "whole number from 1")]
    [InlineData("replication-factor", "replicationFactor", "2.5", "whole number from 1")]
    [InlineData("remove-dirs", "dirs", "4 /d1", "broker and path")]
    [InlineData("minimal-repair", "limit", "140", "from 1 to 100")]
    [InlineData("rebalance", "excludedTopics", "*", "Not a regular expression")]
    [InlineData("rebalance", "band", "-5", "number from 0.1")]
    [InlineData("rebalance", "deadline", "NaN", "number from 1")]
    [InlineData("rebalance", "byteBudget", "1e99", "number from 0")]
    [InlineData("rebalance", "seed", "-1", "whole number")]
    [InlineData("rebalance", "immovable", "orders:x", "topic:partitions")]
    [InlineData("rebalance", "brokerSets", "fast", "name and brokers")]
    [InlineData("rebalance", "throttle", "fast", "MB/s")]
    [InlineData("rebalance", "throttle", "0.5", "0 for none")]
    public async Task Bad_input_is_named_beside_its_field_and_not_sent(string mode, string field, string text, string error)
    {
        var page = Visit("production", $"?mode={mode}");
        if (page.FindAll($"[data-testid=field-{field}]").Count == 0)
        {
            await page.Find("[data-testid=more-options]").ClickAsync(new());
        }

        await page.Find($"[data-testid=field-{field}]").InputAsync(text);

        Assert.Contains(error, page.Find($".field:has([data-testid=field-{field}]) .error").TextContent, StringComparison.Ordinal);
        Assert.True(page.Find("[data-testid=propose]").HasAttribute("disabled"));
        await page.Find("[data-testid=rebalance-form]").SubmitAsync();
        Assert.DoesNotContain(Answers.Calls, call => call.StartsWith("optimize ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("remove-brokers")]
    [InlineData("replication-factor")]
    [InlineData("remove-dirs")]
    [InlineData("minimal-repair")]
    public void What_is_needed_is_told_by_the_button_before_anything_was_typed(string mode)
    {
        var page = Visit("production", $"?mode={mode}");

        Assert.Contains("needed", page.Find("[data-testid=propose]").GetAttribute("title"), StringComparison.Ordinal);
        Assert.Empty(page.FindAll(".field .error"));
    }

    [Theory]
    [InlineData("?excludedTopics=.*", "options.excludedTopics", "excludedTopics")]
    [InlineData("?throttle=2", "throttleBytesPerSecond", "throttle")]
    [InlineData("?mode=minimal-repair&limit=75&brokers=99", "options.limits[0].brokers", "brokers")]
    public async Task A_refusal_of_the_api_stands_beside_its_field(string query, string named, string field)
    {
        Answers.Refusal = new(422, "The wish is not possible", "See the fields.", "Correct them.", null, new Dictionary<string, IReadOnlyList<string>> { [named] = ["That can't be."] });
        var page = Visit("production", query);
        await page.Find("[data-testid=rebalance-form]").SubmitAsync();

        Assert.Contains("The wish is not possible", page.Find("[data-testid=rebalance-problem]").TextContent, StringComparison.Ordinal);
        Assert.Contains("That can't be", page.Find($".field:has([data-testid=field-{field}]) .error").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_replicas_are_planned_at_once_without_a_search()
    {
        var page = Visit("troubled", "?mode=fix-offline&brokers=4");
        await page.Find("[data-testid=rebalance-form]").SubmitAsync();

        Assert.Contains("plan troubled fix-offline [4]   ", Answers.Calls);
        Assert.EndsWith($"/c/troubled/plans/{FakeTroubles.Proposed:D}", Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_preset_fills_goals_and_band_and_shows_which_one_it_is()
    {
        var page = Visit("production", "?mode=rebalance&band=7");
        Assert.Empty(page.FindAll("[data-testid=presets] .active")); // of one's own

        await page.Find("[data-testid=preset-tight]").ClickAsync();
        Assert.Equal("tight", page.Find("[data-testid=presets] .active").GetAttribute("data-testid")![7..]);
        await page.Find("[data-testid=preset-disk]").ClickAsync();
        await page.Find("[data-testid=rebalance-form]").SubmitAsync();

        Assert.Contains("goals=RackAwareGoal", Address, StringComparison.Ordinal);
        Assert.Contains("DiskUsageDistributionGoal", Address, StringComparison.Ordinal);
        Assert.DoesNotContain("band=", Address, StringComparison.Ordinal);
        Assert.Empty(Visit("production", "?mode=rack-repair").FindAll("[data-testid=presets]"));
    }

    [Fact]
    public async Task A_repair_takes_options_and_is_searched_for_where_the_load_shall_be_evened_too()
    {
        var edit = RebalanceEdit.Read(name => name switch { "mode" => "fix-offline", "noReplicasOnto" => "3", "band" => "5", _ => null });
        Assert.True(edit is { IsAtOnce: true } && edit.Request().Options is { NoReplicasOnto: [3], Band: null, MandatoryOnly: null }); // a repair evens nothing

        var page = Visit("production", "?mode=fix-offline&balanceAfter=1&band=5");
        Assert.NotNull(page.Find("[data-testid=field-band]"));
        Assert.Contains("-X POST", page.Find("[data-testid=copy-curl-post]").GetAttribute("data-copy"), StringComparison.Ordinal);
        Assert.Contains("'{\"mode\":\"fix-offline\",\"options\":{\"band\":0.05,", page.Find("[data-testid=copy-curl-post]").GetAttribute("data-copy"), StringComparison.Ordinal);
        await page.Find("[data-testid=rebalance-form]").SubmitAsync();

        Assert.DoesNotContain(Answers.Calls, call => call.StartsWith("plan production", StringComparison.Ordinal));
        Assert.Contains("run=", Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("broken", "failed")]
    [InlineData("denied", "denied")]
    [InlineData("empty", "table-empty")]
    public void Failed_denied_and_empty_lists_are_drawn_and_the_form_stays(string cluster, string state)
    {
        var page = Visit(cluster);

        Assert.NotNull(page.Find($"[data-testid={state}]"));
        Assert.NotNull(page.Find("[data-testid=rebalance-form]"));
    }

    [Fact]
    public void A_wish_written_into_an_address_is_read_back_the_same()
    {
        var texts = new Dictionary<string, string>
        {
            ["mode"] = "rebalance",
            ["goals"] = "A;B",
            ["band"] = "5",
            ["diskLimit"] = "75",
            ["networkLimit"] = "60",
            ["replicaLimit"] = "4000",
            ["excludedTopics"] = "__.*",
            ["noReplicasOnto"] = "1,2",
            ["noLeadersOnto"] = "3",
            ["destinations"] = "4",
            ["immovable"] = "a:1,2;b",
            ["only"] = "c",
            ["minLeadersTopics"] = "x",
            ["minLeaders"] = "2",
            ["brokerSets"] = "s:1,2",
            ["byteBudget"] = "3",
            ["moveBudget"] = "9",
            ["deadline"] = "2.5",
            ["seed"] = "4",
            ["polish"] = "1",
            ["throttle"] = "80",
            ["moves"] = "5",
        };
        var edit = RebalanceEdit.Read(name => texts.GetValueOrDefault(name));

        Assert.Empty(edit.Errors());
        Assert.Equal(texts.OrderBy(pair => pair.Key, StringComparer.Ordinal), PlanLists.Address(edit.Request()).Where(part => part.Value is not null).Select(part => KeyValuePair.Create(part.Name, part.Value!)).OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.False(edit.Request().Options!.Polish);
    }
}
