using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace ControlPlane.Ui.Tests.Browser;

[Collection(nameof(Chromium))]
public sealed class VisitTests(Chromium chromium)
{
    [Fact]
    public async Task The_first_load_of_the_overview_weighs_less_than_300_kB()
    {
        var page = await chromium.VisitAsync(390, isDark: false);
        var network = await page.Context.NewCDPSessionAsync(page);
        double bytes = 0;
        network.Event("Network.loadingFinished").OnEvent += (_, message) => bytes += message?.GetProperty("encodedDataLength").GetDouble() ?? 0;
        await network.SendAsync("Network.enable");
        await page.GotoAsync("/c/production"); // the first visit warms the process, not the browser: its cache is measured below
        bytes = 0;
        await network.SendAsync("Network.clearBrowserCache");
        await page.GotoAsync("/c/production", new() { WaitUntil = WaitUntilState.Load });
        await page.InteractiveAsync();

        var paint = await page.EvaluateAsync<double>("() => performance.getEntriesByName('first-contentful-paint')[0].startTime");

        // Told, not judged: a busy machine paints late, and times belong in docs/benchmarks.md.
        TestContext.Current.TestOutputHelper?.WriteLine($"first paint {paint:0} ms, {bytes / 1000:0} kB");
        Assert.InRange(bytes, 1, 300_000);
    }

    [Fact]
    public async Task The_first_paint_has_the_data_and_the_circuit_does_not_fetch_it_again()
    {
        var page = await chromium.VisitAsync(1280, isDark: true);
        var before = chromium.Host.Answers.Calls.Count(call => call == "region-042");
        var response = await page.GotoAsync("/c/region-042");
        Assert.Contains("kafka-3.kafka.svc", await response!.TextAsync(), StringComparison.Ordinal);

        await page.InteractiveAsync();

        Assert.Equal(3, chromium.Host.Answers.Calls.Count(call => call == "region-042") - before); // overview, history and yesterday, once each
    }

    [Fact]
    public async Task A_refresh_shifts_nothing()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        await page.GotoAsync("/c/troubled");
        await page.InteractiveAsync();
        await page.EvaluateAsync("() => { window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(e => window.shift += e.value)).observe({ type: 'layout-shift', buffered: false }); }");

        var calls = chromium.Host.Answers.Calls.Count;
        await page.GetByTestId("refresh-now").ClickAsync();
        await Until(() => chromium.Host.Answers.Calls.Count >= calls + 3);
        await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");

        // An age that gets another digit may move its neighbour by a few pixels (0.00003 was seen); a row or a card that moves is a hundred times that.
        Assert.InRange(await page.EvaluateAsync<double>("() => window.shift"), 0, 0.0005);
    }

    [Fact]
    public async Task Ten_thousand_rows_scroll_without_being_drawn_at_once()
    {
        // The list has its height only a few frames after the circuit took the page over, and learns that of its rows later still: on a slow
        // machine the first scroll comes before, and ends at the top. A hand scrolls on.
        const string ToTheEnd = "() => { const list = document.querySelector('.scroll'); list.scrollTop = list.scrollHeight; return list.textContent.includes('orders.events.v9999'); }";
        var page = await chromium.VisitAsync(1280, isDark: false);
        var wire = await HeldWire.OfAsync(page);
        wire.Hold();
        await page.GotoAsync("/c/huge/topics");
        await wire.PassUntilAsync(() => page.EvaluateAsync<bool>("() => window.kcpInteractive === true"));
        Assert.False(await page.EvaluateAsync<bool>(ToTheEnd));
        wire.Release();

        await page.WaitForFunctionAsync(ToTheEnd);

        Assert.InRange(await page.Locator("tbody tr[data-row]").CountAsync(), 1, 200);
    }

    [Fact]
    public async Task The_keyboard_alone_opens_a_row_filters_and_finds_the_help()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        await page.GotoAsync("/c/troubled/brokers");
        await page.InteractiveAsync();
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");
        await page.ReachEndAsync("/c/troubled/brokers/1");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("t");
        await page.ReachEndAsync("/c/troubled/topics");
        await page.GetByTestId("topic-table").WaitForAsync();
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("v12");
        await page.ReachAsync("q=v12");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("?");
        await page.GetByTestId("keyboard-help").WaitForAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.GetByTestId("keyboard-help").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("region-04");

        await page.Locator(".palette a", new() { HasText = "region-04" }).First.WaitForAsync();
        Assert.Equal("region-04", await page.GetByTestId("palette-input").InputValueAsync());
    }

    [Fact]
    public async Task The_fleet_opens_its_first_row_by_keys_although_its_rows_are_drawn_anew()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        await page.GotoAsync("/");
        await page.InteractiveAsync();
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");

        await page.ReachAsync("/c/");
    }

    [Fact]
    public async Task Ages_run_by_the_clock_of_the_server_and_not_by_that_of_the_browser()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        await page.GotoAsync("/c/troubled");
        await page.InteractiveAsync();
        var age = page.Locator("time[data-age]").First;
        await Assertions.Expect(age).Not.ToHaveTextAsync(new Regex("^1 d ", RegexOptions.None, TimeSpan.FromSeconds(1)));

        await page.EvaluateAsync("() => kcp.hear(Date.now() + 86400e3)");
        await Assertions.Expect(age).ToHaveTextAsync(new Regex("^1 d ", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await page.EvaluateAsync("() => kcp.hear(Date.now() + 86400e3 - 5000)"); // a slow message is no news
        await page.EvaluateAsync("() => kcp.hear(Date.now())"); // a clock was set

        await Assertions.Expect(age).Not.ToHaveTextAsync(new Regex("^1 d ", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_dialog_fetches_its_script_and_other_pages_do_not()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        var scripts = new List<string>();
        page.Request += (_, request) => scripts.Add(request.Url);
        await page.GotoAsync("/");
        await page.InteractiveAsync();
        Assert.DoesNotContain(scripts, address => address.Contains("Radzen", StringComparison.Ordinal));

        await page.GetByTestId("add-cluster").ClickAsync();
        await page.GetByTestId("cluster-id").WaitForAsync();
        await page.Locator(".rz-dialog-titlebar-close").ClickAsync();
        await page.GetByTestId("cluster-id").WaitForAsync(new() { State = WaitForSelectorState.Detached });

        Assert.Single(scripts, address => address.Contains("Radzen", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_drag_on_one_chart_zooms_all_through_the_address()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        await page.GotoAsync("/c/production");
        await page.InteractiveAsync();
        var box = await page.Locator(".chart .plot").First.BoundingBoxAsync();
        await page.Mouse.MoveAsync(box!.X + (box.Width * 0.3f), box.Y + 40);
        Assert.Equal(await page.Locator(".chart").CountAsync(), await page.Locator(".chart .cross[style*='block']").CountAsync());
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + (box.Width * 0.6f), box.Y + 40, new() { Steps = 4 });
        await page.Mouse.UpAsync();

        await page.ReachAsync("from=20");
    }

    [Fact]
    public async Task A_dialog_adds_a_cluster_after_trying_the_connection()
    {
        var page = await chromium.VisitAsync(390, isDark: true);
        await page.GotoAsync("/");
        await page.InteractiveAsync();
        await page.GetByTestId("add-cluster").ClickAsync();
        await page.GetByTestId("cluster-id").FillAsync("fresh");
        await page.GetByTestId("bootstrap").FillAsync("wrong:9092");
        await page.GetByTestId("test-connection").ClickAsync();
        await page.GetByText("Nothing listens at wrong:9092").WaitForAsync();
        if (Environment.GetEnvironmentVariable("KCP_SCREENSHOTS") is { } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, "dialog-390-dark.png") });
        }

        await page.GetByTestId("bootstrap").FillAsync("k1:9092");
        await page.GetByTestId("save-cluster").ClickAsync();
        await page.ReachEndAsync("/c/fresh");
    }

    [Fact]
    public async Task Escape_closes_a_dialog_whose_script_is_still_on_its_way()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        var arrives = new TaskCompletionSource();
        await page.RouteAsync("**/Radzen.Blazor*.js", async route =>
        {
            await arrives.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync("/");
        await page.InteractiveAsync();
        await page.GetByTestId("add-cluster").ClickAsync();
        await page.GetByTestId("cluster-id").WaitForAsync();

        await page.Keyboard.PressAsync("Escape");
        arrives.SetResult();

        await page.GetByTestId("cluster-id").WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    [Fact]
    public async Task A_drag_on_the_replica_map_selects_cells_and_the_keyboard_does_too()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        await page.GotoAsync("/c/troubled/topics/payments?tab=map");
        await page.InteractiveAsync();
        await page.GetByTestId("heat-map").ScrollIntoViewIfNeededAsync();
        var box = await page.Locator("svg[data-heat]").BoundingBoxAsync();
        await page.Mouse.MoveAsync(box!.X + 30, box.Y + 20);
        Assert.Contains("on broker 1", await page.Locator(".hover-card").TextContentAsync(), StringComparison.Ordinal);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + 56, box.Y + 46, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await page.ReachAsync("cells=0-2%2C0-2");
        await page.GetByTestId("replica-selection").GetByText("of 3 partitions on 3 brokers").WaitForAsync();

        await page.Keyboard.PressAsync("Escape");
        await page.LeaveAsync("cells");
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("Shift+ArrowDown");
        await page.Keyboard.PressAsync("Enter");

        await page.GetByTestId("replica-selection").GetByText("of 2 partitions on 1 broker").WaitForAsync();
    }

    [Fact]
    public async Task Fleet_brokers_and_topics_fit_at_1280_px_and_an_event_tells_itself_under_the_pointer()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        await page.GotoAsync("/");
        await page.InteractiveAsync();
        await page.GotoAsync("/c/troubled/brokers");
        Assert.Equal("0", await page.Locator("[data-testid=broker-table] .scroll").EvaluateAsync<string>("e => String(e.scrollWidth - e.clientWidth)"));
        await page.GotoAsync("/");
        Assert.Equal("0", await page.Locator("[data-testid=fleet-table] .scroll").EvaluateAsync<string>("e => String(e.scrollWidth - e.clientWidth)"));

        await page.GotoAsync("/c/production/topics");
        Assert.Equal("0", await page.Locator("[data-testid=topic-table] .scroll").EvaluateAsync<string>("e => String(e.scrollWidth - e.clientWidth)"));

        await page.GotoAsync("/c/troubled");
        await page.InteractiveAsync();
        await page.GetByTestId("event-mark").First.HoverAsync();

        Assert.Contains("UTC", await page.Locator(".hover-card").TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_circuit_the_overview_shows_its_data_and_says_that_it_stands_still()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        await page.RouteAsync("**/_blazor/**", route => route.AbortAsync());

        await page.GotoAsync("/c/troubled");

        await page.GetByTestId("static").GetByText("not updating").WaitForAsync();
        Assert.Contains("Broker 4 is down", await page.Locator(".sentence").First.TextContentAsync(), StringComparison.Ordinal);
        Assert.True(await page.GetByTestId("overview-stats").IsVisibleAsync());
        Assert.True(await page.GetByTestId("last-events").GetByText("Controller 2 is active").IsVisibleAsync());
        Assert.Contains("not updating, because scripts are off", await page.ContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_connection_keeps_the_page_and_says_since_when_it_is_frozen()
    {
        await using var host = await Serving.UiHost.StartAsync(new FakeFleet());
        var page = await chromium.VisitAsync(1280, isDark: false);
        await page.GotoAsync($"{host.Address}/c/production");
        await page.InteractiveAsync();

        await host.StopAsync();

        await page.GetByTestId("connection-lost").GetByText("data frozen").WaitForAsync();
        Assert.True(await page.GetByTestId("overview-stats").IsVisibleAsync());
    }

    private static async Task Until(Func<bool> isTrue)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!isTrue())
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }
}
