using Bunit;
using ControlPlane.Ui.Pages;

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
