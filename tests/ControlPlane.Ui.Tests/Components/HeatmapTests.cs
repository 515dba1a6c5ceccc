using Bunit;
using ControlPlane.Contracts;
using ControlPlane.Ui.Components;
using ControlPlane.Ui.Pages;

namespace ControlPlane.Ui.Tests.Components;

/// <summary>Brokers by topics or partitions, and the plan for what is selected.</summary>
public sealed class HeatmapTests : PageContext
{
    private IRenderedComponent<Heatmap> Visit(string cluster, string query = "") => Visit<Heatmap>($"/c/{cluster}/heatmap{query}", ("Cluster", cluster));

    [Fact]
    public void The_map_asks_what_the_address_says_and_names_real_values()
    {
        var page = Visit("production", "?by=partition&colour=size&topics=orders.*");

        Assert.Contains("heatmap production ?by=partition&colour=size&topics=orders.%2A&limit=200", Answers.Calls);
        Assert.Contains("GiB", page.Find(".heat .legend").TextContent, StringComparison.Ordinal);
        Assert.Contains("times the mean", page.Find("[data-testid=heat-sentence]").TextContent, StringComparison.Ordinal);
        Assert.Contains("leads it", page.Find("svg[data-heat]").GetAttribute("data-heat"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_selection_leads_to_a_plan_that_moves_nothing_else()
    {
        var page = Visit("production", "?by=partition&cells=0-1,0-5");

        Assert.Contains("2 partitions of 1 topic", page.Find("[data-testid=heat-selection]").TextContent, StringComparison.Ordinal);
        Assert.Equal("/c/production/rebalance?mode=rebalance&only=orders.0%3A0%2C1", page.Find("[data-testid=plan-selection]").GetAttribute("href"));
    }

    [Fact]
    public void Whole_topics_are_selected_where_the_rows_are_topics() =>
        Assert.EndsWith("only=orders.events.v0%3Borders.events.v1", Visit("production", "?cells=0-1,0-5").Find("[data-testid=plan-selection]").GetAttribute("href"), StringComparison.Ordinal);

    [Fact]
    public void Too_long_a_selection_offers_no_address_that_would_be_cut()
    {
        var page = Visit("long", "?by=partition&cells=0-190,0-5");

        Assert.Empty(page.FindAll("[data-testid=plan-selection]"));
        Assert.Contains("select fewer rows", page.Find("[data-testid=heat-selection]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_cells_that_hold_something_travel_to_the_browser()
    {
        var data = Visit("huge").Find("svg[data-heat]").GetAttribute("data-heat")!;

        Assert.DoesNotContain("-1,-1", data, StringComparison.Ordinal);
        Assert.InRange(data.Length, 1, 200_000);
    }

    [Fact]
    public async Task Half_a_regular_expression_is_told_and_not_sent()
    {
        var page = Visit("production");
        await page.Find("[data-testid=heat-topics]").InputAsync("orders(");

        Assert.Contains("Not a regular expression", page.Find(".field .error").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("topics=", Address, StringComparison.Ordinal);
        await page.Find("[data-testid=heat-topics]").InputAsync("orders.*");
        Assert.Contains("topics=orders.%2A", Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?by=cluster&colour=red")]
    [InlineData("?cells=9-1,x")]
    [InlineData("?offset=-7")]
    public void What_an_address_says_that_cannot_be_is_passed_over(string query)
    {
        var page = Visit("production", query);

        Assert.Contains("heatmap production ?by=topic&colour=size&limit=200", Answers.Calls);
        Assert.Empty(page.FindAll("[data-testid=plan-selection]"));
    }

    [Theory]
    [InlineData("broken", "", "failed")]
    [InlineData("denied", "", "denied")]
    [InlineData("production", "?topics=(", "failed")]
    [InlineData("empty", "", "empty")]
    public void Failed_denied_and_empty_are_drawn(string cluster, string query, string state) => Assert.NotNull(Visit(cluster, query).Find($"[data-testid={state}]"));

    [Fact]
    public void Unknown_values_are_a_state_of_their_own_and_uneven_loads_fill_all_steps()
    {
        var grid = new HeatGrid(new("c", null, "topic", "bytesIn", "bytes-per-second", [new(1, "r1", "alive"), new(2, null, "dead")],
            [new("a", null, null, 64, [0, 1], [64, 1]), new("b", null, null, null, [1], [null]), new("c", null, null, 0, [0], [0])], 3, 64, [64, null]));

        Assert.Equal([4, 1, -1, 5, 0, -1], grid.Cells);
        Assert.Contains("dead", grid.Texts[1], StringComparison.Ordinal);
        Assert.Contains("not known", grid.Texts[3], StringComparison.Ordinal);
        Assert.Null(grid.Texts[2]);
        Assert.Null(grid.Sentence()); // one sum is not known: no broker can be called the heaviest
    }
}
