using Microsoft.Playwright;

namespace ControlPlane.Ui.Tests.Browser;

/// <summary>From where the load sits to a plan that was asked for, and its price, as a person goes.</summary>
[Collection(nameof(Chromium))]
public sealed class RebalanceVisitTests(Chromium chromium)
{
    [Fact]
    public async Task A_drag_on_the_heatmap_leads_to_a_search_for_what_was_selected()
    {
        var page = await chromium.VisitAsync(1280, isDark: true);
        await page.GotoAsync("/c/production/heatmap?by=partition");
        await page.InteractiveAsync();
        var map = page.Locator("svg[data-brush]");
        await map.ScrollIntoViewIfNeededAsync();
        var (left, top, cell) = (await Number(map, "left"), await Number(map, "top"), await Number(map, "cell"));
        var box = (await map.BoundingBoxAsync())!;

        await page.Mouse.MoveAsync((float)(box.X + left + 4), (float)(box.Y + top + 4));
        await Assertions.Expect(page.Locator(".hover-card")).ToContainTextAsync("orders.0-0");
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync((float)(box.X + left + (5 * cell) + 4), (float)(box.Y + top + cell + 4));
        await page.Mouse.UpAsync();
        await Assertions.Expect(page.GetByTestId("heat-selection")).ToContainTextAsync("2 partitions of 1 topic");

        await page.GetByTestId("plan-selection").ClickAsync();
        await Assertions.Expect(page.GetByTestId("only")).ToContainTextAsync("orders.0:0,1");
        await page.GetByTestId("field-throttle").FillAsync("80");
        await page.GetByTestId("propose").ClickAsync();
        await Assertions.Expect(page.GetByTestId("run-stop")).ToBeVisibleAsync();
        Assert.Contains(chromium.Host.Answers.Calls, call => call.StartsWith("optimize production", StringComparison.Ordinal) && call.Contains("\"only\":[{\"topic\":\"orders.0\",\"partitions\":[0,1]}]", StringComparison.Ordinal) && call.Contains("80000000", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_on_the_throttle_price_the_plan_anew()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        await page.GotoAsync($"/c/production/plans/{FakeOptimizer.Plan}");
        await page.InteractiveAsync();
        var before = await page.GetByTestId("price-duration").InnerTextAsync();

        await page.GetByTestId("throttle").FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("ArrowRight");

        await Assertions.Expect(page.GetByTestId("throttle-value")).ToHaveTextAsync("80.0 MB/s per broker");
        await Assertions.Expect(page.GetByTestId("price-duration")).Not.ToHaveTextAsync(before);
        await page.ReachAsync("throttle=80000000");
    }

    [Fact]
    public async Task A_plan_of_a_thousand_brokers_opens_its_circuit()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        await page.GotoAsync($"/c/huge/plans/{FakeOptimizer.Plan}?lane=disk");
        await page.InteractiveAsync();

        await page.GetByTestId("lane-cpu").ClickAsync();
        await Assertions.Expect(page.GetByTestId("lane-table").Locator("h2")).ToHaveTextAsync("CPU by broker");
        Assert.InRange(await page.Locator("[data-testid=lane-table] tbody tr[data-row]").CountAsync(), 1, 200);
    }

    private static async Task<double> Number(ILocator map, string name) => await map.EvaluateAsync<double>($"map => JSON.parse(map.dataset.heat).{name}");
}
