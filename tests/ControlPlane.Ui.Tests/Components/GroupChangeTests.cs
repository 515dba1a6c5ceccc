using Bunit;
using ControlPlane.Ui.Pages;
using Radzen.Blazor;

namespace ControlPlane.Ui.Tests.Components;

/// <summary>Changing what a group committed, from its page: seen first, then done as it was seen.</summary>
public sealed class GroupChangeTests : PageContext
{
    [Fact]
    public async Task A_reset_is_previewed_on_every_change_of_the_wish_and_does_what_was_seen()
    {
        var dialogs = Open("idle-service", "group-reset");
        Assert.Contains("Dry run", dialogs.Find("[data-testid=change-preview]").TextContent, StringComparison.Ordinal);
        await dialogs.Find("[data-testid=reset-to]").ChangeAsync("latest");
        dialogs.WaitForAssertion(() => Assert.Contains("reset idle-service shown latest", Answers.Calls));
        Assert.True(dialogs.Find("[data-testid=change-do]").HasAttribute("disabled"));

        await dialogs.Find("[data-testid=change-name]").InputAsync("idle-service");
        Assert.True(dialogs.Find("[data-testid=change-do]").HasAttribute("disabled")); // a reason is owed
        await dialogs.Find("[data-testid=change-reason]").InputAsync("replay");
        Assert.Equal("Set 11 offsets", dialogs.Find("[data-testid=change-do]").TextContent);
        await dialogs.Find("[data-testid=group-change]").SubmitAsync();

        dialogs.WaitForAssertion(() => Assert.Contains("Done: 11 offsets", dialogs.Find("[data-testid=change-done]").TextContent, StringComparison.Ordinal));
        var sent = Assert.Single(Answers.Calls, call => call.StartsWith("reset idle-service done", StringComparison.Ordinal));
        Assert.StartsWith("reset idle-service done offsets orders-0=0/1000000 orders-1=0/1000001", sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("group-reset")]
    [InlineData("group-delete")]
    public void A_group_with_members_shows_the_way_out_and_offers_nothing_to_do(string item)
    {
        var dialogs = Open("checkout-service", item);

        Assert.Contains("Stop its members", dialogs.Find("[data-testid=change-obstacle]").TextContent, StringComparison.Ordinal);
        Assert.Empty(dialogs.FindAll("[data-testid=change-name]"));
        Assert.True(dialogs.Find("[data-testid=change-do]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task A_topic_is_forgotten_also_while_the_group_lives()
    {
        var dialogs = Open("checkout-service", "group-forget");
        await dialogs.Find("[data-testid=change-name]").InputAsync("checkout-service");
        await dialogs.Find("[data-testid=change-reason]").InputAsync("unsubscribed");

        await dialogs.Find("[data-testid=group-change]").SubmitAsync();

        dialogs.WaitForAssertion(() => Assert.Contains("forget checkout-service done orders", Answers.Calls));
    }

    [Fact]
    public async Task A_wish_that_is_not_complete_is_not_asked_and_a_refusal_says_what_to_do()
    {
        var dialogs = Open("idle-service", "group-reset");
        await dialogs.Find("[data-testid=reset-to]").ChangeAsync("shift");
        await dialogs.Find("[data-testid=reset-shift]").ChangeAsync("0");
        Assert.True(dialogs.Find("[data-testid=change-do]").HasAttribute("disabled"));
        Assert.Empty(dialogs.FindAll("[data-testid=change-preview]"));

        Answers.Refusal = new(409, "The group has members", "Somebody joined.", "Stop them.");
        await dialogs.Find("[data-testid=reset-shift]").ChangeAsync("-5");

        dialogs.WaitForAssertion(() => Assert.Contains("Somebody joined", dialogs.Find("[data-testid=change-problem]").TextContent, StringComparison.Ordinal));
    }

    private IRenderedComponent<RadzenDialog> Open(string group, string item)
    {
        var page = Visit<GroupPage>($"/c/production/groups/{group}", ("Cluster", "production"), ("Group", group));
        var dialogs = Render<RadzenDialog>();
        page.WaitForElement($"[data-testid={item}]");
        _ = page.Find($"[data-testid={item}]").ClickAsync(new());
        dialogs.WaitForElement("[data-testid=change-preview]");
        return dialogs;
    }
}
