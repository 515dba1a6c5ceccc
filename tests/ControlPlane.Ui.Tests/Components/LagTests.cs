using Bunit;
using ControlPlane.Ui.Layout;
using ControlPlane.Ui.Pages;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Ui.Tests.Components;

/// <summary>Judged lag on the pages of groups.</summary>
public sealed class LagTests : PageContext
{
    [Fact]
    public void The_list_shows_verdict_and_time_lag_and_is_asked_for_one_status_through_the_address()
    {
        var page = Visit<Groups>("/c/production/groups?status=err", ("Cluster", "production"));

        var table = page.WaitForElement("[data-testid=group-table]").TextContent;
        Assert.Contains("ERR", table, StringComparison.Ordinal);
        Assert.Contains("9m 12s", table.Replace("9 m 12 s", "9m 12s", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("at least", table, StringComparison.Ordinal);
        Assert.Equal("active", page.Find("[data-testid=status-err]").ClassName);
        Assert.DoesNotContain("status=", page.Find("[data-testid=status-err]").GetAttribute("href"), StringComparison.Ordinal); // a second click takes it off
    }

    [Fact]
    public void A_list_that_is_judged_by_polls_alone_says_so_and_why()
    {
        var page = Visit<Groups>("/c/production/groups", ("Cluster", "production"));

        Assert.Contains("may not read __consumer_offsets", page.WaitForElement("[data-testid=groups-notice]").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b", "/c/production/groups/a%2Fb")]
    [InlineData("p%q 100%25", "/c/production/groups/p%25q%20100%2525")]
    [InlineData("tab\tline\n?#", "/c/production/groups/tab%09line%0A%3F%23")]
    [InlineData("größe 😀", "/c/production/groups/gr%C3%B6%C3%9Fe%20%F0%9F%98%80")]
    public void A_link_to_a_group_holds_its_whole_name(string group, string expected) =>
        Assert.Equal(expected, Services.GetRequiredService<Frame>().Link("c", "production", "groups", group));

    [Fact]
    public void A_link_to_a_group_with_a_name_of_ten_thousand_characters_is_made_like_any_other() =>
        Assert.Equal($"/c/production/groups/{new string('g', 10_000)}", Services.GetRequiredService<Frame>().Link("c", "production", "groups", new string('g', 10_000)));

    [Fact]
    public void A_group_shows_cause_advice_catching_up_and_the_evidence_of_each_partition()
    {
        var page = Visit<GroupPage>("/c/production/groups/checkout-service", ("Cluster", "production"), ("Group", "checkout-service"));

        Assert.Contains("belong to one member", page.WaitForElement("[data-testid=lag-judgement]").TextContent, StringComparison.Ordinal);
        Assert.Contains("6 members would hold it", page.Find("[data-testid=lag-judgement]").TextContent, StringComparison.Ordinal);
        Assert.Contains("never", page.Find(".stats").TextContent, StringComparison.Ordinal);
        var partitions = page.Find("[data-testid=group-partition-table]");
        Assert.Contains("STOP", partitions.TextContent, StringComparison.Ordinal);
        Assert.Contains(partitions.QuerySelectorAll("span[title]"), span => span.GetAttribute("title")!.Contains("silent, confidence 0.9", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("streams-app", true)]
    [InlineData("checkout-service", false)]
    public void Members_of_a_streams_group_show_their_tasks_and_others_have_no_such_column(string group, bool has)
    {
        var table = Visit<GroupPage>($"/c/production/groups/{group}", ("Cluster", "production"), ("Group", group)).WaitForElement("[data-testid=member-table]");

        Assert.Equal(has, table.TextContent.Contains("2 active, 1 standby", StringComparison.Ordinal));
        Assert.Equal(has, table.TextContent.Contains("Tasks", StringComparison.Ordinal));
        Assert.Equal(has, table.QuerySelectorAll("span[title]").Any(span => span.GetAttribute("title")!.Contains("active 0_0, 0_3: reads orders", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("many-topics", "?topic=orders", "orders", null)]
    [InlineData("many-topics", "?topic=refunds", "refunds", "not kept now")]
    [InlineData("many-topics", "?topic=nope", "nope", "committed nothing")]
    [InlineData("many-topics", "", "", null)]
    public void The_charts_are_of_the_topic_in_the_address_and_say_when_its_history_is_not_kept(string group, string query, string chosen, string? note)
    {
        var page = Visit<GroupPage>($"/c/production/groups/{group}{query}", ("Cluster", "production"), ("Group", group));

        var select = page.WaitForElement("[data-testid=chart-topic]");
        Assert.Equal(chosen, select.QuerySelector("option[selected]")!.GetAttribute("value"));
        Assert.Equal(note, page.FindAll("[data-testid=topic-note]").SingleOrDefault()?.TextContent is { } said ? (note is not null && said.Contains(note, StringComparison.Ordinal) ? note : said) : null);
        Assert.Contains(chosen.Length == 0 ? "Verdict" : "Verdict on the whole group", page.Markup, StringComparison.Ordinal);
        Assert.Equal(chosen.Length > 0, Answers.Calls.Any(one => one == $"history group-topic:{chosen}/{group}"));

        select.Change("payments");
        Assert.Contains("topic=payments", Services.GetRequiredService<Microsoft.AspNetCore.Components.NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_that_reads_one_topic_offers_no_choice()
    {
        var page = Visit<GroupPage>("/c/production/groups/checkout-service", ("Cluster", "production"), ("Group", "checkout-service"));

        page.WaitForElement("[data-testid=lag-judgement]");
        Assert.Empty(page.FindAll("[data-testid=topic-choice]"));
    }

    [Theory]
    [InlineData("?at=2026-05-04T02:51:00Z", "At ")]
    [InlineData("?from=2026-05-04T02:00:00Z&to=2026-05-04T03:00:00Z", "Charts show ")]
    public void A_link_to_a_moment_shows_that_time_and_how_the_group_was_then(string query, string told)
    {
        var page = Visit<GroupPage>($"/c/production/groups/checkout-service{query}", ("Cluster", "production"), ("Group", "checkout-service"));

        var notice = page.WaitForElement("[data-testid=group-moment]");
        Assert.StartsWith(told, notice.TextContent.Trim(), StringComparison.Ordinal);
        Assert.Equal("/c/production/groups/checkout-service", new Uri(new Uri("http://localhost"), notice.QuerySelector("a")!.GetAttribute("href")).PathAndQuery);
        var chart = page.WaitForElement(".chart");
        Assert.Equal("2026-05-04", DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(chart.GetAttribute("data-from")!, System.Globalization.CultureInfo.InvariantCulture)).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?at=nonsense")]
    [InlineData("?at=9999-12-31T23:59:59Z")]
    public void Without_a_moment_a_group_is_shown_as_it_is_with_all_its_curves_and_a_link_that_stays(string query)
    {
        var page = Visit<GroupPage>($"/c/production/groups/checkout-service{query}", ("Cluster", "production"), ("Group", "checkout-service"));

        page.WaitForAssertion(() => Assert.Equal(["Lag", "Time lag", "Read and written", "Verdict"], page.FindAll("[data-testid=chart] h2").Select(title => title.TextContent)));
        Assert.Empty(page.FindAll("[data-testid=group-moment]"));
        Assert.Contains("ERR", page.FindAll("[data-testid=chart]")[3].QuerySelectorAll(".ytick").Select(tick => tick.TextContent));
        Assert.Matches("from=20.*to=20", page.Find("[aria-label='Copy link to these times']").GetAttribute("data-copy"));
    }

    [Fact]
    public void A_topic_shows_its_groups_with_their_verdicts()
    {
        var page = Visit<TopicPage>("/c/production/topics/orders?tab=groups", ("Cluster", "production"), ("Topic", "orders"));

        var table = page.WaitForElement("[data-testid=topic-group-table]").TextContent;
        Assert.Contains("ERR", table, StringComparison.Ordinal);
        Assert.Contains("Time lag", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Clocks_that_are_apart_and_the_lag_to_the_last_stable_offset_are_shown()
    {
        var page = Visit<GroupPage>("/c/troubled/groups/checkout-service", ("Cluster", "troubled"), ("Group", "checkout-service"));

        Assert.Contains("600 s ahead of ours", page.WaitForElement("[data-testid=lag-clocks]").TextContent, StringComparison.Ordinal);
        Assert.Contains("To last stable", page.Find("[data-testid=group-partition-table]").TextContent, StringComparison.Ordinal);
        Assert.Empty(Visit<GroupPage>("/c/production/groups/checkout-service", ("Cluster", "production"), ("Group", "checkout-service")).FindAll("[data-testid=lag-clocks]"));
    }

    [Fact]
    public void An_incident_of_a_group_leads_to_the_group_and_speaks_of_no_replicas()
    {
        var page = Visit<Incident>($"/c/troubled/incidents/{FakeTroubles.Lagging}", ("Cluster", "troubled"), ("Id", FakeTroubles.Lagging));

        page.WaitForElement("[data-testid=incident]");
        Assert.Contains("STOP on 3 partitions", page.Markup, StringComparison.Ordinal);
        Assert.Contains("groups/billing?from=2026-05-01T11:30:00Z", page.Markup, StringComparison.Ordinal);
        Assert.All((string[])["blast", "touched", "plan-repair"], id => Assert.Empty(page.FindAll($"[data-testid={id}]")));
    }
}
