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
}
