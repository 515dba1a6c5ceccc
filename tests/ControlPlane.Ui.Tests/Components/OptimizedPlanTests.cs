using Bunit;
using ControlPlane.Contracts;
using ControlPlane.Ui.Format;
using ControlPlane.Ui.Pages;
using Radzen.Blazor;

namespace ControlPlane.Ui.Tests.Components;

/// <summary>The page of a plan that the optimizer made: verdict, goals, loads, price, moves, files.</summary>
public sealed class OptimizedPlanTests : PageContext
{
    private IRenderedComponent<PlanPage> Visit(string cluster, Guid? id = null, string query = "") =>
        Visit<PlanPage>($"/c/{cluster}/plans/{id ?? FakeOptimizer.Plan}{query}", ("Cluster", cluster), ("Id", id ?? FakeOptimizer.Plan));

    [Fact]
    public void Goals_stand_with_what_is_not_met_first()
    {
        var rows = Visit("production").FindAll("[data-testid=goal-table] tbody tr");

        Assert.Contains("Disk usage distribution", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("not met", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("4 brokers", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("0.55", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains(rows, row => row.TextContent.Contains("Rack aware", StringComparison.Ordinal) && row.TextContent.Contains("hard", StringComparison.Ordinal) && row.TextContent.Contains("14 partitions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Goals_that_were_met_and_stay_so_are_shown_on_demand()
    {
        var page = Visit("production");
        Assert.DoesNotContain("Replica capacity", page.Find("[data-testid=goal-table]").TextContent, StringComparison.Ordinal);

        await page.Find("[data-testid=goals-all]").ClickAsync(new());

        Assert.Contains("Replica capacity", page.Find("[data-testid=goal-table]").TextContent, StringComparison.Ordinal);
        Assert.Equal(8, page.FindAll("[data-testid=goal-table] tbody tr").Count);
    }

    [Theory]
    [InlineData("PotentialNwOutGoal", "Potential network out")]
    [InlineData("CpuUsageDistributionGoal", "CPU usage distribution")]
    [InlineData("Rebalance", "Rebalance")]
    [InlineData("Goal", "Goal")]
    public void Goals_have_names_that_people_read(string goal, string expected) => Assert.Equal(expected, Words.OfGoal(goal));

    [Fact]
    public void Loads_stand_by_broker_for_the_resource_that_the_address_names()
    {
        var page = Visit("production", query: "?lane=disk");

        Assert.Contains("active", page.Find("[data-testid=lane-disk]").ClassName, StringComparison.Ordinal);
        Assert.Equal(6, page.FindAll("[data-testid=lane-table] tbody tr").Count);
        Assert.Contains("→", page.Find("[data-testid=lane-table] .before-after .value").TextContent, StringComparison.Ordinal);
        Assert.Contains("band", page.Find("[data-testid=lane-table] .before-after").GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_load_that_is_not_known_is_a_dash_and_no_number_is_made_up()
    {
        var page = Visit("stale", query: "?lane=cpu");

        Assert.Equal(Show.Dash, page.Find("[data-testid=lane-table] .before-after .value").TextContent.Trim());
        Assert.Empty(page.FindAll("[data-testid=lane-profile]"));
        Assert.Contains("were not measured", page.Find("[data-testid=plan-notes]").TextContent, StringComparison.Ordinal);
        Assert.Contains("ended early", page.Find("[data-testid=plan-verdict]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dragging_the_throttle_prices_anew_and_the_approval_takes_it()
    {
        var (page, dialogs) = (Visit("production"), Render<RadzenDialog>());
        Assert.Contains("within 4 % of the least possible", page.Find("[data-testid=bound]").TextContent, StringComparison.Ordinal);
        var before = page.Find("[data-testid=price-duration]").TextContent;

        await page.Find("[data-testid=throttle]").InputAsync($"{Price.PlaceOf(400_000_000)}");
        Assert.Equal("400 MB/s per broker", page.Find("[data-testid=throttle-value]").TextContent);
        Assert.NotEqual(before, page.Find("[data-testid=price-duration]").TextContent);
        await page.Find("[data-testid=throttle]").ChangeAsync($"{Price.PlaceOf(400_000_000)}");
        Assert.Contains("throttle=400000000", Address, StringComparison.Ordinal);

        _ = page.Find("[data-testid=approve]").ClickAsync(new());
        dialogs.WaitForElement("[data-testid=ask]");
        Assert.Contains("400 MB/s per broker, not 55.0 MB/s per broker as planned", dialogs.Find("[data-testid=ask-lines]").TextContent, StringComparison.Ordinal);
        Assert.Contains("412 leaderships changed", dialogs.Find("[data-testid=ask]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Move 1,873 replicas", dialogs.Find("[data-testid=ask-do]").TextContent);
        await dialogs.Find("[data-testid=ask]").SubmitAsync();
        Assert.Contains(Answers.Calls, call => call.StartsWith("approve production 9f2c41d07b3a8e55", StringComparison.Ordinal) && call.EndsWith(" at 400000000", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("?throttle=fast")]
    [InlineData("?throttle=-5")]
    [InlineData("?throttle=99999999999999")]
    public void A_throttle_in_the_address_that_cannot_be_is_the_plan_s_own(string query) =>
        Assert.Equal("55.0 MB/s per broker", Visit("production", query: query).Find("[data-testid=throttle-value]").TextContent);

    [Fact]
    public void Moves_are_summed_by_topic_and_lead_to_their_own()
    {
        var page = Visit("production", query: "?by=topic");

        Assert.Contains("move groups production topic  ", Answers.Calls);
        Assert.Equal(18, page.FindAll("[data-testid=move-groups] tbody tr").Count);
        Assert.EndsWith("?m.topic=orders.0", page.Find("[data-testid=move-groups] tbody tr a").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public void Moves_of_one_broker_are_asked_of_the_api()
    {
        var page = Visit("production", query: "?m.broker=5");

        Assert.Contains("planned moves production 0 broker=5", Answers.Calls);
        Assert.Contains("broker 5", page.Find("[data-testid=moves-only]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_brokers_are_drawn_as_they_scroll_into_view()
    {
        var page = Visit("huge", query: "?lane=disk");

        Assert.Equal("1,000", page.Find("[data-testid=lane-table] [data-testid=row-count]").TextContent);
        Assert.InRange(page.FindAll("[data-testid=lane-table] tbody tr[data-row]").Count, 0, 200);
    }

    [Fact]
    public void A_repair_answers_for_what_it_makes_worse_and_for_what_it_leaves_lost()
    {
        var page = Visit("troubled", FakeOptimizer.Repair);

        var verdict = page.Find("[data-testid=plan-verdict]").TextContent;
        Assert.Contains("further from being met", verdict, StringComparison.Ordinal);
        Assert.DoesNotContain("ack", verdict, StringComparison.Ordinal); // racks were so before
        Assert.Contains("Unplaced", page.Find("[data-testid=plan-stats]").TextContent, StringComparison.Ordinal);
        Assert.Contains("/plans/", page.Find("[data-testid=copy-curl-post]").GetAttribute("data-copy"), StringComparison.Ordinal);
        Assert.Contains("/approval'", page.Find("[data-testid=copy-curl-post]").GetAttribute("data-copy"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_reached_is_proved_and_leads_back_to_the_wish()
    {
        var page = Visit("troubled", FakeOptimizer.Impossible);

        Assert.Contains("can't be reached", page.Find("[data-testid=plan-verdict]").TextContent, StringComparison.Ordinal);
        Assert.Contains("What would help", page.Find("[data-testid=proofs]").TextContent, StringComparison.Ordinal);
        Assert.Contains("not known", page.Find("[data-testid=bound]").TextContent, StringComparison.Ordinal);
        Assert.Contains("mode=rebalance", page.Find("[data-testid=plan-change]").GetAttribute("href"), StringComparison.Ordinal);
        Assert.Contains("crit", page.Find("[data-testid=sentence] .chip").ClassName, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_come_from_the_api()
    {
        var page = Visit("production");

        Assert.Equal($"/api/v1/clusters/production/plans/{FakeOptimizer.Plan:D}/export?format=kafka", page.Find("[data-testid=export-kafka]").GetAttribute("href"));
        Assert.EndsWith(".json", page.Find("[data-testid=export-kafka]").GetAttribute("download"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_repair_keeps_its_own_table_of_brokers()
    {
        var page = Visit("troubled", FakeTroubles.Proposed);

        Assert.NotNull(page.Find("[data-testid=broker-changes]"));
        Assert.Empty(page.FindAll("[data-testid=goal-table], [data-testid=lanes], [data-testid=bound]"));
    }

    [Fact]
    public void A_price_without_known_sizes_is_unknown()
    {
        var plan = new FakeTroubles(new(), new()).Plan("production", FakeTroubles.Proposed)!;

        Assert.Equal(248 * 1024.0 * 1024 * 1024 / 50e6, Price.Seconds(plan, 50_000_000));
        Assert.Null(Price.Seconds(plan, 0));
        Assert.Null(Price.Seconds(plan with { Plan = plan.Plan with { EstimatedSeconds = null } }, 50_000_000));
    }
}
