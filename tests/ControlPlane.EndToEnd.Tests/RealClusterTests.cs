using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using ControlPlane.EndToEnd.Tests.Staging;
using ControlPlane.Testing;
using ControlPlane.Ui.Tests.Browser;
using Microsoft.Playwright;

namespace ControlPlane.EndToEnd.Tests;

/// <summary>One person, one browser window, three real brokers.</summary>
[Collection(Row.Others)]
public sealed class RealClusterTests(RealCluster cluster) : IClassFixture<RealCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_wizard_tells_what_is_wrong_with_an_address_and_adds_the_cluster_that_answers()
    {
        var visitor = await cluster.OverviewAsync(Token);

        Assert.Matches("127\\.0\\.0\\.1:\\d+", cluster.Refusal);
        Assert.Matches("(?i)nothing listens|refused", cluster.Refusal);
        Assert.Contains("3 brokers", cluster.Acceptance, StringComparison.Ordinal);
        await Assertions.Expect(visitor.Page.GetByTestId("overview-stats")).ToContainTextAsync("3/3");
        Tell($"the wizard said: {cluster.Refusal} | {cluster.Acceptance}");
    }

    [Fact]
    public async Task A_killed_broker_is_shown_as_down_without_a_reload_and_as_up_when_it_returns()
    {
        var visitor = await cluster.OverviewAsync(Token);
        var broker = cluster.Kafka.Broker(2);

        await broker.KillAsync(Token);
        var took = await visitor.UntilChipAsync(2, "Down", Patience);

        Tell($"kill -9 to the word Down in the browser: {took.TotalSeconds:0.0} s");
        await Assertions.Expect(visitor.Page.GetByTestId("overview-stats")).ToContainTextAsync("2/3");
        await Assertions.Expect(visitor.Page.GetByTestId("now")).ToContainTextAsync("2");
        await broker.RestartAsync(Token);
        Tell($"started again to OK: {(await visitor.UntilChipAsync(2, "OK", Patience)).TotalSeconds:0.0} s");
        await Assertions.Expect(visitor.Page.GetByTestId("overview-stats")).ToContainTextAsync("3/3");
    }

    [Fact]
    public async Task A_broker_that_is_stopped_in_order_is_shown_as_that()
    {
        var visitor = await cluster.OverviewAsync(Token);
        var broker = cluster.Kafka.Broker(3);

        broker.BeginStop();
        Tell($"SIGTERM to its word: {(await visitor.UntilChipAsync(3, "ShuttingDown|Restarting", Patience)).TotalSeconds:0.0} s");
        await visitor.UntilChipAsync(3, "Restarting", Patience);
        await broker.RestartAsync(Token);

        await visitor.UntilChipAsync(3, "OK", Patience);
    }

    [Fact]
    public async Task A_broker_that_hangs_is_shown_as_that()
    {
        var visitor = await cluster.OverviewAsync(Token);
        var broker = cluster.Kafka.Broker(1);

        broker.Pause();
        try
        {
            Tell($"SIGSTOP to Unresponsive: {(await visitor.UntilChipAsync(1, "Unresponsive", Patience)).TotalSeconds:0.0} s");
        }
        finally
        {
            broker.Continue();
        }

        await visitor.UntilChipAsync(1, "OK", Patience);
    }

    [Fact]
    public async Task The_audit_names_who_added_the_cluster()
    {
        var visitor = await cluster.VisitorAsync(Token);
        await visitor.GoAsync("/audit");

        var row = visitor.Page.GetByTestId("audit-table").Locator("tr[data-row]").Filter(new() { HasText = "cluster" }).Filter(new() { HasText = RealCluster.Id });

        await Assertions.Expect(row.First).ToContainTextAsync("admin");
        await Assertions.Expect(row.First).ToContainTextAsync("succeeded");
    }

    [Fact]
    public async Task A_topic_leads_to_its_partitions_and_the_map_of_its_replicas()
    {
        var visitor = await cluster.OverviewAsync(Token);
        await visitor.GoAsync($"/c/{RealCluster.Id}/topics");
        await visitor.Page.GetByTestId("topic-table").Locator($"a[href*='/topics/{RealCluster.Topic}']").ClickAsync();
        await visitor.Page.ReachAsync($"/topics/{RealCluster.Topic}");
        await Assertions.Expect(visitor.Page.Locator("tr[data-row]")).ToHaveCountAsync(6);

        await visitor.Page.GetByTestId("tab-map").ClickAsync();
        await visitor.Page.GetByTestId("heat-map").WaitForAsync();
        await visitor.Page.GetByTestId("tab-configs").ClickAsync();

        await Assertions.Expect(visitor.Page.Locator("tr[data-row]").Filter(new() { HasTextRegex = new Regex("^\\s*retention\\.ms", RegexOptions.None, TimeSpan.FromSeconds(1)) }).First).ToContainTextAsync("7200000");
    }

    [Fact]
    public async Task A_group_shows_its_lag()
    {
        var visitor = await cluster.OverviewAsync(Token);
        await visitor.GoAsync($"/c/{RealCluster.Id}/groups");
        var row = visitor.Page.GetByTestId("group-table").Locator("tr[data-row]").Filter(new() { HasText = RealCluster.Group });

        await Assertions.Expect(row).ToContainTextAsync($"{RealCluster.Written - RealCluster.Read}", new() { Timeout = 90_000 });
        await row.Locator("a").First.ClickAsync();
        await visitor.Page.ReachAsync($"/groups/{RealCluster.Group}");

        await Assertions.Expect(visitor.Page.Locator("tr[data-row]").Filter(new() { HasText = RealCluster.Topic }).First).ToContainTextAsync($"{RealCluster.Written}");
    }

    [Fact]
    public async Task The_keyboard_alone_reaches_pages_the_filter_and_the_help()
    {
        var visitor = await cluster.OverviewAsync(Token);
        var keyboard = visitor.Page.Keyboard;

        await keyboard.PressAsync("g");
        await keyboard.PressAsync("t");
        await visitor.Page.ReachEndAsync("/topics");
        await visitor.Page.GetByTestId("topic-table").WaitForAsync();
        await keyboard.PressAsync("/");
        await keyboard.TypeAsync("orders");
        await visitor.Page.ReachAsync("q=orders");
        await keyboard.PressAsync("Escape");
        await keyboard.PressAsync("?");
        await visitor.Page.GetByTestId("keyboard-help").WaitForAsync();
        await keyboard.PressAsync("Escape");
        await keyboard.PressAsync("g");
        await keyboard.PressAsync("o");

        await visitor.Page.ReachEndAsync($"/c/{RealCluster.Id}");
    }

    [Fact]
    public async Task No_page_makes_the_browser_complain()
    {
        var visitor = await cluster.OverviewAsync(Token);
        var before = visitor.Complaints.Count;
        var at = $"/c/{RealCluster.Id}";
        string[] pages =
        [
            "/", at, $"{at}/brokers", $"{at}/brokers/1", $"{at}/brokers/1?tab=partitions", $"{at}/brokers/1?tab=configs", $"{at}/topics", $"{at}/topics/{RealCluster.Topic}",
            $"{at}/topics/{RealCluster.Topic}?tab=map", $"{at}/topics/{RealCluster.Topic}?tab=groups", $"{at}/partitions", $"{at}/groups", $"{at}/groups/{RealCluster.Group}",
            "/audit", "/admin", "/admin?tab=users", "/admin?tab=tokens", "/admin?tab=processes",
        ];
        foreach (var page in pages)
        {
            await visitor.GoAsync(page);
            Assert.True(await visitor.Page.GetByTestId("retry").CountAsync() == 0, $"{page} did not load: {await visitor.Page.Locator("main").InnerTextAsync()}");
        }

        Assert.True(visitor.Complaints.Count == before, string.Join('\n', visitor.Complaints.Skip(before)));
    }

    [Fact]
    public async Task The_first_visit_to_the_overview_transfers_less_than_300_kB()
    {
        var visitor = await cluster.OverviewAsync(Token);
        var network = await visitor.Page.Context.NewCDPSessionAsync(visitor.Page);
        var urls = new ConcurrentDictionary<string, string>();
        var loaded = new ConcurrentBag<(string Url, double Bytes)>();
        network.Event("Network.requestWillBeSent").OnEvent += (_, message) => urls[message!.Value.GetProperty("requestId").GetString()!] = message.Value.GetProperty("request").GetProperty("url").GetString()!;
        network.Event("Network.loadingFinished").OnEvent += (_, message) =>
            loaded.Add((urls.GetValueOrDefault(message!.Value.GetProperty("requestId").GetString()!, "?"), message.Value.GetProperty("encodedDataLength").GetDouble()));
        await network.SendAsync("Network.enable");
        await network.SendAsync("Network.clearBrowserCache");
        await visitor.GoAsync($"/c/{RealCluster.Id}");
        var paint = await visitor.Page.EvaluateAsync<double>("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1");

        var bytes = loaded.Sum(one => one.Bytes);
        Tell($"first load of the overview: {bytes / 1000:0} kB, first paint after {paint:0} ms; {string.Join(", ", loaded.OrderByDescending(one => one.Bytes).Select(one => $"{new Uri(one.Url).AbsolutePath} {one.Bytes / 1000:0.0}"))}");
        Assert.InRange(bytes, 1, 300_000);
    }

    private static void Tell(string figure) => TestContext.Current.TestOutputHelper?.WriteLine(figure);
}
