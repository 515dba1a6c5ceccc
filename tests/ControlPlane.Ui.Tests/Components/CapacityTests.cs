using Bunit;
using ControlPlane.Ui.Components;
using ControlPlane.Ui.Format;
using ControlPlane.Ui.Layout;
using ControlPlane.Ui.Pages;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Ui.Tests.Components;

/// <summary>Size, bottlenecks, and what would come of a change.</summary>
public sealed class CapacityTests : PageContext
{
    private const string LoseFour = """?changes=[{"kind":"lose-brokers","brokers":[4]}]""";

    private IRenderedComponent<Capacity> Visit(string cluster, string query = "") => Visit<Capacity>($"/c/{cluster}/capacity{query}", ("Cluster", cluster));

    private IEnumerable<string> Asked => Answers.Calls.Where(call => call.StartsWith("what if ", StringComparison.Ordinal));

    [Fact]
    public void The_verdict_on_the_size_stands_first_with_what_follows()
    {
        var page = Visit("troubled");

        Assert.Contains("Too small", page.Find("[data-testid=sentence]").TextContent, StringComparison.Ordinal);
        Assert.Contains("proved by a run", page.Find("[data-testid=size-sentences]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Broker 5", page.Find("[data-testid=bottlenecks] tbody tr").TextContent, StringComparison.Ordinal);
        Assert.Contains("rack-2", page.Find("[data-testid=racks] .row-warn").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Brokers_that_can_go_lead_to_a_plan_that_empties_them()
    {
        var link = Visit("huge").Find("[data-testid=plan-drop]").GetAttribute("href")!;

        Assert.StartsWith("/c/huge/rebalance?mode=remove-brokers&brokers=963%2C964", link, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_measured_is_a_dash()
    {
        var page = Visit("stale");

        Assert.Contains(Show.Dash, page.Find("[data-testid=size-stats] .stat .value").TextContent, StringComparison.Ordinal);
        Assert.Contains(page.FindAll("[data-testid=resources] .meter"), meter => meter.ClassList.Contains("is-unknown"));
    }

    [Fact]
    public async Task A_change_is_asked_and_stands_in_the_address()
    {
        var page = Visit("production");
        await page.Find("[data-testid=wi-kind]").ChangeAsync("add-brokers");
        await page.Find("[data-testid=wi-count]").InputAsync("3");
        await page.Find("[data-testid=wi-rack]").InputAsync("rack-1");
        await page.Find("[data-testid=what-if] form").SubmitAsync();

        page.WaitForElement("[data-testid=what-if-answer]");
        Assert.Equal("""what if production {"changes":[{"kind":"add-brokers","rack":"rack-1","count":3}]}""", Assert.Single(Asked));
        Assert.Contains("changes=", Address, StringComparison.Ordinal);
        Assert.Contains("Add 3 brokers in rack-1", page.Find("[data-testid=changes]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_change_adds_to_the_first_and_can_be_taken_back()
    {
        var page = Visit("production", LoseFour);
        await page.Find("[data-testid=wi-kind]").ChangeAsync("scale-topics");
        await page.Find("[data-testid=wi-topics]").InputAsync("orders.*");
        await page.Find("[data-testid=wi-factor]").InputAsync("2");
        await page.Find("[data-testid=what-if] form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Contains("""what if production {"changes":[{"kind":"lose-brokers","brokers":[4]},{"kind":"scale-topics","topics":"orders.*","factor":2}]}""", Asked));
        await page.FindAll("[data-testid=change-remove]")[0].ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("""what if production {"changes":[{"kind":"scale-topics","topics":"orders.*","factor":2}]}""", Asked));
    }

    [Fact]
    public async Task The_same_question_is_not_searched_again_on_the_beat()
    {
        var page = Visit("production", LoseFour);
        page.WaitForElement("[data-testid=what-if-answer]");
        await page.InvokeAsync(Services.GetRequiredService<Frame>().BeatAsync);

        Assert.Single(Asked);
        Assert.True(Answers.Calls.Count(call => call == "rightsizing production") > 1);
    }

    [Fact]
    public void Losing_brokers_leads_to_the_plan_that_empties_them()
    {
        var page = Visit("production", LoseFour);

        Assert.Equal("/c/production/rebalance?mode=remove-brokers&brokers=4", page.WaitForElement("[data-testid=what-if-plan]").GetAttribute("href"));
    }

    [Fact]
    public void A_broker_that_is_only_thought_of_leads_nowhere()
    {
        var page = Visit("production", """?lane=disk&changes=[{"kind":"add-brokers","count":1}]""");
        page.WaitForElement("[data-testid=lane-table]");

        Assert.Empty(page.FindAll("[data-testid=lane-table] a[href$='/brokers/6']"));
        Assert.Single(page.FindAll("[data-testid=lane-table] a[href$='/brokers/5']"));
    }

    [Fact]
    public void What_does_not_fit_says_why_and_what_would_help()
    {
        var page = Visit("troubled", LoseFour);

        Assert.Contains("rack-2", page.WaitForElement("[data-testid=proofs]").TextContent, StringComparison.Ordinal);
        Assert.Contains("proved", page.Find("[data-testid=what-if-answer]").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lose-brokers", "wi-brokers", "x")]
    [InlineData("lose-rack", "wi-rack", " ")]
    [InlineData("add-brokers", "wi-count", "0")]
    [InlineData("scale-topics", "wi-topics", "(")]
    [InlineData("replication-factor", "wi-replicas", "-1")]
    public async Task Bad_changes_are_named_and_not_asked(string kind, string field, string text)
    {
        var page = Visit("production");
        await page.Find("[data-testid=wi-kind]").ChangeAsync(kind);
        await page.Find($"[data-testid={field}]").InputAsync(text);
        await page.Find("[data-testid=what-if] form").SubmitAsync();

        Assert.NotEmpty(page.Find("[data-testid=what-if-error]").TextContent);
        Assert.Empty(Asked);
    }

    [Theory]
    [InlineData("?changes=[{")]
    [InlineData("?changes=[{\"kind\":\"explode\"}]")]
    [InlineData("?changes=[null]")]
    [InlineData("?changes=7")]
    public async Task An_address_that_was_cut_is_told_and_can_be_left(string query)
    {
        var page = Visit("production", query);

        Assert.Empty(Asked);
        await page.Find("[data-testid=what-if-unread] button").ClickAsync(new());
        Assert.DoesNotContain("changes", Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("broken", "failed")]
    [InlineData("denied", "denied")]
    [InlineData("empty", "empty")]
    public void Failed_denied_and_empty_are_drawn(string cluster, string state) => Assert.NotNull(Visit(cluster).Find($"[data-testid={state}]"));

    [Fact]
    public void A_failed_question_can_be_asked_again()
    {
        Answers.Refusal = new(409, "No picture of the cluster yet", null, "Wait for the next round.");
        var page = Visit("production", LoseFour);
        var retry = page.WaitForElement("[data-testid=retry]");
        Answers.Refusal = null;
        retry.Click();

        Assert.NotNull(page.WaitForElement("[data-testid=what-if-answer]"));
    }

    [Fact]
    public async Task Networks_are_said_by_a_person_and_saved_with_the_version_they_were_read_at()
    {
        var page = Visit("production");
        Assert.True(page.Find("[data-testid=capacities-save]").HasAttribute("disabled"));
        await page.Find("[data-testid=cap-out]").InputAsync("1250.5");
        await page.Find("[data-testid=cap-brokers]").InputAsync("5: 250, ?\n6: 1, 2.5");
        await page.Find("[data-testid=capacities] form").SubmitAsync();

        Assert.Contains("""save capacities production 3 {"networkIn":125000000,"networkOut":1250500000,"brokers":[{"brokerId":5,"networkIn":250000000},{"brokerId":6,"networkIn":1000000,"networkOut":2500000}]}""", Answers.Calls);
    }

    [Theory]
    [InlineData("cap-in", "fast")]
    [InlineData("cap-in", "-1")]
    [InlineData("cap-out", "0")]
    [InlineData("cap-brokers", "5 250 125")]
    [InlineData("cap-brokers", "5: 250")]
    [InlineData("cap-brokers", "5: 1, 1\n5: 2, 2")]
    public async Task Networks_that_cannot_be_are_named_and_not_saved(string field, string text)
    {
        var page = Visit("production");
        await page.Find($"[data-testid={field}]").InputAsync(text);
        await page.Find("[data-testid=capacities] form").SubmitAsync();

        Assert.NotEmpty(page.Find($".field:has([data-testid={field}]) .error").TextContent);
        Assert.DoesNotContain(Answers.Calls, call => call.StartsWith("save capacities", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_save_keeps_what_was_typed()
    {
        Answers.Refusal = new(412, "Somebody saved meanwhile", null, "Load anew.");
        var page = Visit("production");
        await page.Find("[data-testid=cap-out]").InputAsync("99");
        await page.Find("[data-testid=capacities] form").SubmitAsync();

        Assert.Contains("Somebody saved meanwhile", page.Find("[data-testid=capacities-problem]").TextContent, StringComparison.Ordinal);
        Assert.Equal("99", page.Find("[data-testid=cap-out]").GetAttribute("value"));
    }

    [Fact]
    public void Every_kind_of_change_is_a_sentence() =>
        Assert.All(WhatIfEdit.Kinds, kind => Assert.NotEqual(kind.Kind, WhatIfEdit.Sentence(new(kind.Kind, [1], "r", 1, null, "t", 2, 3))));
}
