using Microsoft.Playwright;

namespace ControlPlane.Ui.Tests.Browser;

/// <summary>No key is lost, however late the server draws what it is meant for.</summary>
[Collection(nameof(Chromium))]
public sealed class KeyTests(Chromium chromium)
{
    [Fact]
    public async Task What_is_typed_before_the_page_is_drawn_reaches_its_filter()
    {
        var (page, wire) = await OpenAsync("/c/troubled/brokers");
        wire.Hold();
        await page.Keyboard.TypeAsync("gt/v12x");
        await page.Keyboard.PressAsync("Backspace");
        await page.ReachEndAsync("/c/troubled/topics");
        wire.Release();

        await page.ReachAsync("/topics?q=v12");
        Assert.Equal("v12", await page.GetByTestId("topic-table").GetByTestId("filter").InputValueAsync());
    }

    [Fact]
    public async Task The_heading_does_not_take_the_focus_from_a_visitor_who_types()
    {
        var (page, wire) = await OpenAsync("/c/troubled/brokers");
        wire.Hold();
        await page.Keyboard.TypeAsync("gt");
        await wire.PassUntilAsync(() => page.GetByTestId("topic-table").IsVisibleAsync());
        await page.Keyboard.TypeAsync("/v1");
        wire.Release(); // among it the request to focus the heading
        await page.ReachAsync("q=v1");
        await page.Keyboard.TypeAsync("2");

        await page.ReachAsync("q=v12");
    }

    [Fact]
    public async Task The_heading_of_a_page_that_was_gone_to_has_the_focus_of_a_visitor_who_waits()
    {
        var (page, _) = await OpenAsync("/c/troubled/brokers");
        await page.Keyboard.TypeAsync("gt");

        await Assertions.Expect(page.Locator("h1", new() { HasText = "Topics" })).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Rows_are_chosen_and_opened_on_the_page_of_the_address_and_not_on_the_one_before()
    {
        var (page, wire) = await OpenAsync("/c/troubled/brokers");
        wire.Hold();
        await page.Keyboard.TypeAsync("jgg");
        await page.ReachEndAsync("/c/troubled/groups");
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("Enter");
        wire.Release();

        await page.ReachAsync("/c/troubled/groups/");
    }

    [Fact]
    public async Task What_is_typed_before_the_search_is_open_reaches_it()
    {
        var (page, wire) = await OpenAsync("/c/production");
        wire.Hold();
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("region-04");
        wire.Release();

        await page.Locator(".palette a", new() { HasText = "region-04" }).First.WaitForAsync();
        Assert.Equal("region-04", await page.GetByTestId("palette-input").InputValueAsync());
    }

    [Fact]
    public async Task What_is_typed_into_the_first_paint_survives_the_circuit()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        var wire = await HeldWire.OfAsync(page);
        wire.Hold();
        await page.GotoAsync("/c/troubled/topics");
        await page.Keyboard.TypeAsync("/v1");
        wire.Release();
        await page.InteractiveAsync();
        await page.Keyboard.TypeAsync("2");

        await page.ReachAsync("q=v12");
        Assert.Equal("v12", await page.GetByTestId("filter").InputValueAsync());
    }

    [Fact]
    public async Task Keys_of_buttons_that_come_before_the_circuit_are_done_when_it_is_here()
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        var wire = await HeldWire.OfAsync(page);
        wire.Hold();
        await page.GotoAsync("/c/production");
        await page.Keyboard.PressAsync("?");
        wire.Release();

        await page.GetByTestId("keyboard-help").WaitForAsync();
    }

    [Fact]
    public async Task A_letter_that_is_taken_back_at_once_leaves_no_filter_behind()
    {
        var (page, wire) = await OpenAsync("/c/troubled/topics");
        wire.Hold();
        await page.Keyboard.TypeAsync("/v");
        await page.Keyboard.PressAsync("Backspace");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("?");
        wire.Release();
        await page.GetByTestId("keyboard-help").WaitForAsync(); // what was asked before it is done

        Assert.DoesNotContain("q=", page.Url, StringComparison.Ordinal);
        Assert.Equal("", await page.GetByTestId("filter").InputValueAsync());
    }

    [Fact]
    public async Task Letters_typed_over_and_over_stay_as_they_were_typed()
    {
        var (page, wire) = await OpenAsync("/c/troubled/topics");
        wire.Hold();
        await page.Keyboard.TypeAsync("/v");
        await page.Keyboard.PressAsync("Backspace");
        await page.Keyboard.TypeAsync("v");
        await wire.PassUntilAsync(() => Task.FromResult(page.Url.Contains("q=v", StringComparison.Ordinal)));
        await page.Keyboard.TypeAsync("12");
        wire.Release();

        await page.ReachAsync("q=v12");
        Assert.Equal("v12", await page.GetByTestId("filter").InputValueAsync());
    }

    [Fact]
    public async Task A_filter_by_column_keeps_all_letters_and_the_order_chosen_meanwhile()
    {
        var (page, wire) = await OpenAsync("/c/troubled/brokers");
        await page.GetByTestId("filters").ClickAsync();
        await page.GetByTestId("filter-host").ClickAsync();
        wire.Hold();
        await page.Keyboard.TypeAsync("ka");
        await page.GetByTestId("sort-id").ClickAsync();
        await page.GetByTestId("filter-host").ClickAsync();
        await page.Keyboard.PressAsync("End");
        await wire.PassUntilAsync(() => Task.FromResult(page.Url.Contains("f.host=k", StringComparison.Ordinal)));
        await page.Keyboard.TypeAsync("fka-3");
        wire.Release();

        await page.ReachAsync("f.host=kafka-3");
        await page.ReachAsync("sort=id");
        Assert.Equal("kafka-3", await page.GetByTestId("filter-host").InputValueAsync());
    }

    [Fact]
    public async Task A_filter_that_is_still_on_its_way_does_not_bring_a_visitor_back_who_went_on()
    {
        var (page, wire) = await OpenAsync("/c/troubled/topics");
        wire.Hold();
        await page.Keyboard.TypeAsync("/v");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.TypeAsync("gb");
        await page.ReachEndAsync("/c/troubled/brokers");
        wire.Release();

        await page.GetByTestId("broker-table").WaitForAsync();
        Assert.Contains("/c/troubled/brokers", page.Url, StringComparison.Ordinal);
    }

    private async Task<(IPage Page, HeldWire Wire)> OpenAsync(string path)
    {
        var page = await chromium.VisitAsync(1280, isDark: false);
        var wire = await HeldWire.OfAsync(page);
        await page.GotoAsync(path);
        await page.InteractiveAsync();
        return (page, wire);
    }
}
