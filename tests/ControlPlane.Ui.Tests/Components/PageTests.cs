using Bunit;
using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Components;
using ControlPlane.Ui.Format;
using ControlPlane.Ui.Layout;
using ControlPlane.Ui.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Radzen;

namespace ControlPlane.Ui.Tests.Components;

public sealed class PageTests : BunitContext
{
    private readonly FakeAnswers _answers = new();

    public PageTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(TimeProvider.System).AddSingleton(_answers).AddSingleton(_ => new FakeFleet()).AddSingleton<IControlPlaneApi, FakeControlPlaneApi>();
        Services.AddScoped<Loader>().AddScoped<LiveUpdates>().AddScoped<Frame>();
        Services.AddRadzenComponents();
        AddBunitPersistentComponentState();
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    [Fact]
    public void The_fleet_shows_the_worst_cluster_first()
    {
        var page = Visit<Fleet>("/");

        Assert.Contains("troubled", page.Find("[data-testid=fleet-table] tbody tr").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_is_a_real_link_and_keeps_the_time_range()
    {
        var page = Visit<Fleet>("/?from=now-6h");

        Assert.Equal("/c/troubled?from=now-6h", page.Find("tbody tr a").GetAttribute("href"));
    }

    [Fact]
    public void What_is_unknown_is_a_dash_with_its_reason()
    {
        var page = Visit<Overview>("/c/empty", ("Cluster", "empty"));

        var stat = page.FindAll("[data-testid=stat]").First(one => one.TextContent.Contains("Fullest disk", StringComparison.Ordinal));
        Assert.Contains(Show.Dash, stat.QuerySelector(".value")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("size of their volumes", stat.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_says_what_failed_and_what_to_do_and_carries_the_trace()
    {
        var page = Visit<Overview>("/c/broken", ("Cluster", "broken"));

        var failed = page.Find("[data-testid=failed]").TextContent;
        Assert.Contains("does not answer", failed, StringComparison.Ordinal);
        Assert.Contains("retry then", failed, StringComparison.Ordinal);
        Assert.Contains("4bf92f3577b34da6", failed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_names_the_missing_permission()
    {
        var page = Visit<Overview>("/c/denied", ("Cluster", "denied"));

        Assert.Contains("role operator", page.Find("[data-testid=denied]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_renewal_keeps_what_was_shown_and_says_since_when()
    {
        var page = Visit<Overview>("/c/production", ("Cluster", "production"));
        _answers.IsBroken = true;

        await page.InvokeAsync(Services.GetRequiredService<Frame>().BeatAsync);

        Assert.NotNull(page.Find("[data-testid=outdated]"));
        Assert.NotNull(page.Find("[data-testid=overview-stats]"));
    }

    [Fact]
    public void A_change_of_the_cluster_renews_its_page()
    {
        var page = Visit<Brokers>("/c/production/brokers", ("Cluster", "production"));
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("tbody tr")));
        var before = _answers.Calls.Count(call => call == "production");

        _answers.Announce("production");

        page.WaitForAssertion(() => Assert.True(_answers.Calls.Count(call => call == "production") > before), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Sorting_goes_into_the_address_and_the_unknown_goes_last()
    {
        var page = Visit<Overview>("/c/troubled", ("Cluster", "troubled"));

        await page.Find("[data-testid=sort-bytesIn]").ClickAsync(new());

        Assert.Contains("sort=-bytesIn", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Contains("Down", page.FindAll("[data-testid=broker-table] tbody tr")[^1].TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void A_filter_without_hits_says_so_and_can_be_cleared()
    {
        var page = Visit<Topics>("/c/production/topics?q=nothing-like-it", ("Cluster", "production"));

        Assert.Contains("nothing-like-it", page.Find("[data-testid=table-empty]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_viewer_sees_why_a_button_is_disabled()
    {
        Services.GetRequiredService<Frame>().Enter(new("otto", Role.Viewer, false, "kcp-1", "0.1.0"), null);

        var page = Visit<Fleet>("/");

        var button = page.Find("[data-testid=add-cluster]");
        Assert.True(button.HasAttribute("disabled"));
        Assert.Contains("Needs the role operator", button.GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_undone_asks_for_the_name_and_a_reason()
    {
        var confirm = Render<Confirm>(parameters => parameters.Add(one => one.Question, new ConfirmQuestion(RiskTier.High, "Remove", "It goes.", "Remove cluster", "production", [])));
        Assert.True(confirm.Find("[data-testid=confirm-do]").HasAttribute("disabled"));

        await confirm.Find("[data-testid=confirm-name]").InputAsync("production");
        Assert.True(confirm.Find("[data-testid=confirm-do]").HasAttribute("disabled"));
        await confirm.Find("[data-testid=confirm-reason]").InputAsync("moved");

        Assert.False(confirm.Find("[data-testid=confirm-do]").HasAttribute("disabled"));
    }

    [Fact]
    public void A_status_is_an_icon_and_a_word()
    {
        var chip = Render<StatusChip>(parameters => parameters.Add(one => one.Status, StatusWord.Crit));

        Assert.NotNull(chip.Find("svg"));
        Assert.Contains("CRIT", chip.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_cluster_shows_the_message_at_its_field()
    {
        var form = Render<ClusterForm>();
        await form.Find("[data-testid=cluster-id]").ChangeAsync("production");
        await form.Find("[data-testid=bootstrap]").InputAsync("k1:9092");

        await form.Find("[data-testid=cluster-form]").SubmitAsync();

        form.WaitForAssertion(() => Assert.Contains("is taken", form.Find(".field .error").TextContent, StringComparison.Ordinal));
    }

    private IRenderedComponent<TPage> Visit<TPage>(string address, params (string Name, object Value)[] parameters)
        where TPage : IComponent
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        if (Services.GetRequiredService<Frame>() is { Session: null } frame)
        {
            frame.Enter(new("admin", Role.Admin, false, "kcp-1", "0.1.0"), null);
        }

        return Render<TPage>(builder =>
        {
            foreach (var (name, value) in parameters)
            {
                builder.TryAdd(name, value);
            }
        });
    }
}
