using Bunit;
using ControlPlane.Contracts;
using ControlPlane.Ui.Components;
using ControlPlane.Ui.Pages;

namespace ControlPlane.Ui.Tests.Components;

public sealed class BlockTests : PageContext
{
    [Theory]
    [InlineData("2-5,1-3", 2, 5, 1, 3)]
    [InlineData("0-99,0-99", 0, 9, 0, 5)]
    public void A_selection_in_the_address_is_read_and_cut_to_the_map(string text, int top, int bottom, int left, int right) =>
        Assert.Equal((top, bottom, left, right), CellRange.Parse(text, 10, 6));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("5-2,0-1")]
    [InlineData("10-11,0-1")]
    [InlineData("-1-2,0-1")]
    [InlineData("a-b,c-d")]
    [InlineData("1-2")]
    [InlineData("1-2,3-4,5-6")]
    [InlineData("99999999999-99999999999,0-1")]
    public void What_is_no_selection_selects_nothing(string? text) => Assert.Null(CellRange.Parse(text, 10, 6));

    [Fact]
    public void A_selection_on_the_replica_map_says_what_it_holds_and_leads_to_its_partitions()
    {
        var page = Visit<TopicPage>("/c/troubled/topics/payments?tab=map&cells=0-1,0-2", ("Cluster", "troubled"), ("Topic", "payments"));

        var selection = page.Find("[data-testid=replica-selection]");
        Assert.Contains("5 replicas", selection.TextContent, StringComparison.Ordinal);
        Assert.Contains("of 2 partitions on 3 brokers", selection.TextContent, StringComparison.Ordinal);
        var lines = page.Find("[data-testid=copy-selection]").GetAttribute("data-copy")!.Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.StartsWith("payments-0\t1\toffline\t", lines[0], StringComparison.Ordinal);
        Assert.Contains("numbers=0%2C1", page.Find("[data-testid=selection-link]").GetAttribute("href"), StringComparison.Ordinal);
        Assert.Contains("size not known", Render<ReplicaMap>(parameters => parameters.Add(one => one.BrokerIds, [1]).Add(one => one.Partitions, [Partition(new ReplicaDto(1, null, true, true, false, null, null, null))])).Find("svg[data-heat]").GetAttribute("data-heat"), StringComparison.Ordinal);
    }

    [Fact]
    public void Partitions_selected_on_the_map_are_the_only_ones_in_the_table_until_the_filter_is_removed()
    {
        var page = Visit<TopicPage>("/c/troubled/topics/payments?numbers=0,4", ("Cluster", "troubled"), ("Topic", "payments"));

        Assert.Equal(2, page.FindAll("[data-testid=partition-table] tbody tr").Count);
        Assert.DoesNotContain("numbers", page.Find("[data-testid=numbers-filter]").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RACK", "rack-2", true)]
    [InlineData("x", "rack-2", false)]
    [InlineData(">10k", "10001", true)]
    [InlineData(">10k", "10000", false)]
    [InlineData(">= 2.5M", "2500000", true)]
    [InlineData("<1", "0.5", true)]
    [InlineData("=7", "7", true)]
    [InlineData("<80%", "0.61", true)]
    [InlineData("12", "4127", true)]
    [InlineData(">abc", "5", false)]
    [InlineData(">", "5", false)]
    [InlineData("?", null, true)]
    [InlineData("?", "5", false)]
    [InlineData("1", null, false)]
    [InlineData("  ", null, true)]
    public void A_column_filter_finds_text_numbers_and_the_unknown(string filter, string? raw, bool isFound) =>
        Assert.Equal(isFound, ColumnFilter.Matches(filter, raw));

    [Fact]
    public async Task Filters_by_column_stand_in_the_address_and_can_be_cleared()
    {
        var page = Visit<Brokers>("/c/troubled/brokers", ("Cluster", "troubled"));
        Assert.Empty(page.FindAll("[data-testid=filter-row]"));
        await page.Find("[data-testid=filters]").ClickAsync(new());

        await page.Find("[data-testid=filter-id]").InputAsync(">4");
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("[data-testid=broker-table] tbody tr").Count));
        await page.Find("[data-testid=filter-id]").InputAsync("4");

        Assert.Contains("f.id=4", Address, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Contains("Down", Assert.Single(page.FindAll("[data-testid=broker-table] tbody tr")).TextContent, StringComparison.Ordinal));
        await page.Find("[data-testid=filter-id]").InputAsync("nothing");
        page.WaitForAssertion(() => Assert.Contains("Nothing matches", page.Find("[data-testid=broker-table] tbody").TextContent, StringComparison.Ordinal));
        await page.Find("[data-testid=broker-table] tbody button").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Equal(6, page.FindAll("[data-testid=broker-table] tbody tr").Count));
    }

    [Fact]
    public void A_column_filter_on_a_list_that_is_not_whole_says_that_it_does_not_hold()
    {
        var page = Visit<Topics>("/c/huge/topics?f.name=v1", ("Cluster", "huge"));

        Assert.Contains("narrow it by name", page.Find("[data-testid=filters-unfit]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_breadcrumb_switches_cluster_kind_and_object_with_a_filter()
    {
        var page = Visit<TopicPage>("/c/production/topics/orders?from=now-6h", ("Cluster", "production"), ("Topic", "orders"));
        await page.Find("[data-testid=switch-cluster]").TriggerEventAsync("ontoggle", EventArgs.Empty);
        await page.Find("[data-testid=switch-cluster] input").InputAsync("TROUB");
        page.WaitForAssertion(() => Assert.Equal("/c/troubled/topics?from=now-6h", Assert.Single(page.FindAll("[data-testid=switch-cluster] a")).GetAttribute("href")));

        await page.Find("[data-testid=switch-kind]").TriggerEventAsync("ontoggle", EventArgs.Empty);
        Assert.Contains("/c/production/groups?from=now-6h", page.FindAll("[data-testid=switch-kind] a").Select(link => link.GetAttribute("href")));

        await page.Find("[data-testid=switch-object]").TriggerEventAsync("ontoggle", EventArgs.Empty);
        await page.Find("[data-testid=switch-object] input").InputAsync("events.v7");
        page.WaitForAssertion(() => Assert.Contains("/c/production/topics/orders.events.v7?from=now-6h", page.FindAll("[data-testid=switch-object] a").Select(link => link.GetAttribute("href"))));
        await page.Find("[data-testid=switch-object] input").InputAsync("no-such");
        page.WaitForAssertion(() => Assert.Contains("Nothing matches", page.Find("[data-testid=switch-object]").TextContent, StringComparison.Ordinal));
    }

    private static PartitionDto Partition(ReplicaDto replica) => new("t", 0, StatusWord.Ok, 1, 1, true, [replica], 1, 1, 0, 1, null, null, null);
}
