using Bunit;
using ControlPlane.Contracts;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Layout;
using ControlPlane.Ui.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Radzen;
using Radzen.Blazor;

namespace ControlPlane.Ui.Tests.Components;

/// <summary>What stands on the pages about troubles, plans, executions, alerts and healing, and what their buttons do.</summary>
public sealed class OperationTests : BunitContext
{
    private static readonly ApiProblem Refused = new(409, "The plan changed meanwhile", "Broker 5 died since.", "Plan anew.");

    private readonly FakeAnswers _answers = new();

    public OperationTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddSingleton(TimeProvider.System).AddSingleton(_answers).AddSingleton(_ => new FakeFleet()).AddSingleton<IControlPlaneApi, FakeControlPlaneApi>();
        Services.AddScoped<Loader>().AddScoped<LiveUpdates>().AddScoped<Frame>();
        Services.AddRadzenComponents();
        AddBunitPersistentComponentState();
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
    }

    [Fact]
    public void An_incident_tells_verdict_reach_evidence_and_what_the_system_will_do()
    {
        var page = Visit<Incident>("troubled", FakeTroubles.Trouble);

        Assert.Contains("Broker 4 is down", page.Find("[data-testid=sentence]").TextContent, StringComparison.Ordinal);
        Assert.Equal("active", page.Find("[data-testid=incident-state]").TextContent);
        Assert.Contains("Under min ISR", page.Find("[data-testid=blast] [data-testid=stat]").TextContent, StringComparison.Ordinal);
        Assert.Contains("offline", page.Find("[data-testid=touched] tbody tr").TextContent, StringComparison.Ordinal);
        Assert.Contains("refused by kafka-4", page.Find("[data-testid=evidence]").TextContent, StringComparison.Ordinal);
        Assert.Contains("18 m", page.Find("[data-testid=countdown]").TextContent, StringComparison.Ordinal);
        Assert.Equal(7, page.FindAll("[data-testid=timeline] .events li").Count);
        Assert.EndsWith($"/i/{FakeTroubles.Trouble:D}", page.Find("[data-testid=copy-link]").GetAttribute("data-copy"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_done_now_says_why_and_does_nothing()
    {
        var page = Visit<Incident>("troubled", FakeTroubles.Trouble);

        Assert.Contains("Another execution is running", page.Find("[data-testid=action-heal-now]").TextContent, StringComparison.Ordinal);
        Assert.True(page.Find("[data-testid=do-heal-now]").HasAttribute("disabled"));
    }

    [Fact]
    public void An_incident_that_is_over_shows_its_worst_and_offers_no_repair()
    {
        var page = Visit<Incident>("troubled", FakeTroubles.Over);

        Assert.Contains("lasted 7 m", page.Find("[data-testid=incident-facts]").TextContent, StringComparison.Ordinal);
        Assert.Contains("41", page.Find("[data-testid=blast] .stat .value").TextContent, StringComparison.Ordinal);
        Assert.Contains("at worst", page.Find("[data-testid=blast] .stat .note").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=blast] .is-crit, [data-testid=blast] .is-warn, [data-testid=touched] .row-crit"));
        Assert.Empty(page.FindAll("[data-testid=plan-repair]"));
    }

    [Theory]
    [InlineData("empty", "failed")]
    [InlineData("broken", "failed")]
    [InlineData("denied", "denied")]
    public void Unknown_failed_and_denied_are_drawn_on_every_page(string cluster, string state)
    {
        Assert.NotNull(Visit<Incident>(cluster, FakeTroubles.Unknown).Find($"[data-testid={state}]"));
        Assert.NotNull(Visit<PlanPage>(cluster, FakeTroubles.Unknown).Find($"[data-testid={state}]"));
        Assert.NotNull(Visit<ExecutionPage>(cluster, FakeTroubles.Unknown).Find($"[data-testid={state}]"));
    }

    [Fact]
    public void Lists_without_rows_say_what_would_fill_them()
    {
        Assert.Contains("No open anomaly", Visit<Anomalies>("empty").Find("[data-testid=table-empty]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Plan repair", Visit<Plans>("empty").Find("[data-testid=table-empty]").TextContent, StringComparison.Ordinal);
        Assert.Contains("when a plan is approved", Visit<Executions>("empty").Find("[data-testid=table-empty]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Nothing had to be decided", Visit<Healing>("empty").Find("[data-testid=table-empty]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void The_short_link_leads_to_the_incident_of_its_cluster()
    {
        Visit<IncidentLink>("", FakeTroubles.Trouble);

        Assert.EndsWith($"/c/troubled/incidents/{FakeTroubles.Trouble:D}", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_in_parts_leads_to_the_older_ones()
    {
        var page = Visit<Deliveries>("");
        Assert.Contains("1 to 200 of 400", page.Find("[data-testid=pager]").TextContent, StringComparison.Ordinal);
        Assert.EndsWith("offset=200", page.Find("[data-testid=older]").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_moves_come_in_parts()
    {
        var page = Visit<PlanPage>("huge", FakeTroubles.Proposed);

        Assert.Equal("10,000", page.Find("[data-testid=move-table] [data-testid=row-count]").TextContent);
        Assert.InRange(page.FindAll("[data-testid=move-table] tbody tr[data-row]").Count, 0, 200);
    }

    [Fact]
    public async Task Approving_names_the_hash_that_was_seen_and_happens_once()
    {
        var (page, dialogs) = (Visit<PlanPage>("troubled", FakeTroubles.Proposed), Render<RadzenDialog>());
        _ = page.Find("[data-testid=approve]").ClickAsync(new());

        dialogs.WaitForElement("[data-testid=ask]");
        Assert.Contains("9f2c41d07b3a8e55", dialogs.Find("[data-testid=ask-lines]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Move 214 replicas", dialogs.Find("[data-testid=ask-do]").TextContent);
        await dialogs.Find("[data-testid=ask-reason]").InputAsync("beyond repair");
        await dialogs.Find("[data-testid=ask]").SubmitAsync();

        Assert.Equal(["approve troubled 9f2c41d07b3a8e55 beyond repair"], Acts("approve"));
        dialogs.WaitForAssertion(() => Assert.Empty(dialogs.FindAll("[data-testid=ask]")));
    }

    [Fact]
    public async Task A_refused_approval_stays_open_and_says_why()
    {
        _answers.Refusal = Refused;
        var (page, dialogs) = (Visit<PlanPage>("troubled", FakeTroubles.Proposed), Render<RadzenDialog>());
        _ = page.Find("[data-testid=approve]").ClickAsync(new());
        dialogs.WaitForElement("[data-testid=ask]");

        await dialogs.Find("[data-testid=ask]").SubmitAsync();

        Assert.Contains("Broker 5 died since", dialogs.Find("[data-testid=ask-problem]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_plan_says_what_changed_and_can_be_made_anew()
    {
        var (page, dialogs) = (Visit<PlanPage>("troubled", FakeTroubles.Stale), Render<RadzenDialog>());
        Assert.Contains("Broker 4 came back", page.Find("[data-testid=stale]").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=approve]"));
        _ = page.Find("[data-testid=plan-again]").ClickAsync(new());
        dialogs.WaitForElement("[data-testid=plan-form]");
        await dialogs.Find("[data-testid=plan-throttle]").ChangeAsync("40");
        await dialogs.Find("[data-testid=plan-moves]").ChangeAsync("3");

        await dialogs.Find("[data-testid=plan-form]").SubmitAsync();

        Assert.Equal([$"plan troubled fix-offline [4] {FakeTroubles.Trouble} 3 40000000"], Acts("plan troubled fix"));
        page.WaitForAssertion(() => Assert.EndsWith($"/plans/{FakeTroubles.Proposed:D}", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_of_brokers_that_is_none_is_not_sent()
    {
        var form = Render<ControlPlane.Ui.Components.PlanForm>(parameters => parameters.Add(one => one.Cluster, "troubled"));

        await form.Find("[data-testid=plan-brokers]").InputAsync("4, five");

        Assert.Contains("A list of broker ids is needed", form.Markup, StringComparison.Ordinal);
        Assert.True(form.Find("[data-testid=plan-do]").HasAttribute("disabled"));
    }

    [Fact]
    public void An_unsound_plan_cannot_be_approved_and_says_so()
    {
        var page = Visit<PlanPage>("long", FakeTroubles.Proposed);

        Assert.True(page.Find("[data-testid=approve]").HasAttribute("disabled"));
        Assert.Contains("two replicas in rack-1", page.Find("[data-testid=plan-concerns]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_execution_is_paused_by_one_click_and_cancelled_in_the_chosen_way()
    {
        var (page, dialogs) = (Visit<ExecutionPage>("troubled", FakeTroubles.Running), Render<RadzenDialog>());
        await page.Find("[data-testid=pause]").ClickAsync(new());
        _ = page.Find("[data-testid=cancel]").ClickAsync(new());
        dialogs.WaitForElement("[data-testid=ask]");
        await dialogs.Find("[data-testid=choice-revert-in-flight]").ChangeAsync(true);

        await dialogs.Find("[data-testid=ask]").SubmitAsync();

        Assert.Equal(["pause troubled"], Acts("pause"));
        Assert.Equal(["cancel troubled revert-in-flight "], Acts("cancel"));
    }

    [Fact]
    public async Task Slowing_down_sends_only_what_differs()
    {
        var (page, dialogs) = (Visit<ExecutionPage>("troubled", FakeTroubles.Running), Render<RadzenDialog>());
        _ = page.Find("[data-testid=limits]").ClickAsync(new());
        dialogs.WaitForElement("[data-testid=limits-form]");
        Assert.True(dialogs.Find("[data-testid=limits-do]").HasAttribute("disabled"));
        await dialogs.Find("[data-testid=halve]").ClickAsync(new());

        await dialogs.Find("[data-testid=limits-form]").SubmitAsync();

        Assert.Equal(["limits troubled  27500000"], Acts("limits"));
    }

    [Fact]
    public void An_ended_execution_shows_its_check_and_its_residue_and_no_controls()
    {
        var page = Visit<ExecutionPage>("troubled", FakeTroubles.Ended);

        Assert.Contains("payments-3: expected 5, 2, 1", page.Find("[data-testid=verification]").TextContent, StringComparison.Ordinal);
        Assert.Contains("could not be removed", page.Find("[data-testid=residue]").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=cancel]"));
    }

    [Fact]
    public void A_viewer_may_look_and_not_touch()
    {
        Services.GetRequiredService<Frame>().Enter(new("otto", Role.Viewer, false, "kcp-1", "0.1.0"), null);

        Assert.All(
            (AngleSharp.Dom.IElement[])[Visit<PlanPage>("troubled", FakeTroubles.Proposed).Find("[data-testid=approve]"), Visit<ExecutionPage>("troubled", FakeTroubles.Running).Find("[data-testid=cancel]"), Visit<Incident>("troubled", FakeTroubles.Trouble).Find("[data-testid=plan-repair]"), Visit<Deliveries>("").Find("[data-testid=resend]"), Visit<Healing>("troubled").Find("[data-testid=pause-healing-page]")],
            button => Assert.Contains("Needs the role operator", button.GetAttribute("title"), StringComparison.Ordinal));
    }

    [Fact]
    public void Only_an_admin_changes_where_alerts_go()
    {
        Services.GetRequiredService<Frame>().Enter(new("anna", Role.Operator, false, "kcp-1", "0.1.0"), null);

        var page = Visit<AlertTargets>("");

        Assert.All((string[])["add-target", "edit-target", "remove-target"], name => Assert.Contains("Needs the role admin", page.Find($"[data-testid={name}]").GetAttribute("title"), StringComparison.Ordinal));
        Assert.False(page.Find("[data-testid=send-test]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task The_dock_shows_what_runs_switches_between_several_and_goes_when_nothing_runs()
    {
        _answers.Running = 2;
        Go("/c/long");
        var dock = Render<Dock>();
        Assert.Equal("214/600 moves · 61 % bytes · ETA 18 m · 55.2 MB/s", dock.Find("[data-testid=dock-text]").TextContent);
        Assert.Equal("2 of 2", dock.Find("[data-testid=dock-next]").TextContent);
        await dock.Find("[data-testid=dock-next]").ClickAsync(new());
        Assert.Equal("1 of 2", dock.Find("[data-testid=dock-next]").TextContent);

        _answers.Running = 0;
        await dock.InvokeAsync(Services.GetRequiredService<Frame>().BeatAsync);

        Assert.Empty(dock.FindAll("[data-testid=dock]"));
    }

    [Fact]
    public void The_command_for_a_plan_names_cluster_and_plan_in_the_order_kcp_takes_them() => Assert.Equal(
        $"kcp plan show troubled {FakeTroubles.Proposed:D}",
        Visit<PlanPage>("troubled", FakeTroubles.Proposed).Find("[data-testid=copy-kcp]").GetAttribute("data-copy"));

    [Fact]
    public void Anomalies_of_the_fleet_open_although_the_router_names_their_cluster_null()
    {
        Go("/anomalies");

        var page = Render<Anomalies>(parameters => parameters.Add(page => page.Cluster, null!));

        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("[data-testid=anomaly-table] tbody tr")));
    }

    [Fact]
    public async Task Resending_a_delivery_happens_once()
    {
        var page = Visit<DeliveryPage>("", FakeTroubles.Failed);
        await page.Find("[data-testid=resend]").ClickAsync(new());

        Assert.Equal([$"resend {FakeTroubles.Failed}"], Acts("resend"));
        Assert.Contains("event_action", page.Find("[data-testid=delivery-body]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Editing_a_target_keeps_its_secret_and_names_its_version()
    {
        var (page, dialogs) = (Visit<AlertTargets>(""), Render<RadzenDialog>());
        _ = page.FindAll("[data-testid=edit-target]")[0].ClickAsync(new());
        dialogs.WaitForElement("[data-testid=target-form]");
        Assert.True(string.IsNullOrEmpty(dialogs.Find("[data-testid=target-secret]").GetAttribute("value")));
        await dialogs.Find("[data-testid=target-name]").InputAsync("night shift");

        await dialogs.Find("[data-testid=target-form]").SubmitAsync();

        Assert.Equal(["update target 3 night shift (as it was)"], Acts("update target"));
    }

    [Fact]
    public void A_test_is_watched_until_it_failed()
    {
        var (page, dialogs) = (Visit<AlertTargets>(""), Render<RadzenDialog>());
        _ = page.FindAll("[data-testid=send-test]")[0].ClickAsync(new());

        dialogs.WaitForAssertion(() => Assert.Contains("did not take the test", dialogs.Find("[data-testid=test-result]").TextContent, StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        Assert.Single(Acts("test target"));
    }

    [Fact]
    public async Task Arming_healing_shows_the_difference_and_wants_a_reason()
    {
        var (page, dialogs) = (Visit<Healing>("production"), Render<RadzenDialog>());
        await page.Find("[data-testid=mode-broker-down]").ChangeAsync("heal");
        await page.Find("[data-testid=grace-broker-down]").ChangeAsync("10");
        _ = page.Find("[data-testid=save-policy]").ClickAsync(new());
        dialogs.WaitForElement("[data-testid=ask]");
        Assert.Contains("broker-down: observe → heal", dialogs.Find("[data-testid=ask-lines]").TextContent, StringComparison.Ordinal);
        Assert.True(dialogs.Find("[data-testid=ask-do]").HasAttribute("disabled"));
        await dialogs.Find("[data-testid=ask-reason]").InputAsync("agreed");

        await dialogs.Find("[data-testid=ask]").SubmitAsync();

        Assert.Equal(["policy production 5 broker-down=heal/600   agreed"], Acts("policy"));
    }

    [Fact]
    public void A_decision_names_the_guard_that_held_it_back()
    {
        var page = Visit<Healing>("troubled");

        Assert.Contains("held back by: no other reassignment", page.Find("[data-testid=decision-table]").TextContent, StringComparison.Ordinal);
        Assert.Single(page.FindAll("[data-testid=decision-table] [data-testid=countdown]")); // of six decisions on one anomaly only the newest holds
        Assert.Contains("holds it back", page.Find(".guards .is-first").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pill_says_the_state_of_healing_and_pauses_it()
    {
        Go("/c/troubled");
        var (pill, dialogs) = (Render<HealingPill>(), Render<RadzenDialog>());
        Assert.Contains("AUTO", pill.Find("[data-testid=healing-pill] summary").TextContent, StringComparison.Ordinal);
        _ = pill.Find("[data-testid=pause-healing]").ClickAsync(new());
        dialogs.WaitForElement("[data-testid=ask]");
        await dialogs.Find("[data-testid=choice-3600]").ChangeAsync(true);

        await dialogs.Find("[data-testid=ask]").SubmitAsync();

        Assert.Equal(["pause healing troubled 60 "], Acts("pause healing"));
        Go("/c/stale");
        pill.WaitForAssertion(() => Assert.Contains("PAUSED", pill.Find("[data-testid=healing-pill] summary").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void The_overview_leads_to_the_incident()
    {
        var page = Visit<Overview>("troubled");

        Assert.EndsWith($"/incidents/{FakeTroubles.Trouble:D}", page.Find("[data-testid=now] [data-testid=incident-link]").GetAttribute("href"), StringComparison.Ordinal);
    }

    private IEnumerable<string> Acts(string start) => _answers.Calls.Where(call => call.StartsWith(start, StringComparison.Ordinal));

    private void Go(string address)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        if (Services.GetRequiredService<Frame>() is { Session: null } frame)
        {
            frame.Enter(new("admin", Role.Admin, false, "kcp-1", "0.1.0"), null);
        }
    }

    private IRenderedComponent<TPage> Visit<TPage>(string cluster, Guid? id = null)
        where TPage : IComponent
    {
        Go($"/{cluster}/{typeof(TPage).Name}/{id}");
        return Render<TPage>(builder =>
        {
            builder.TryAdd("Cluster", cluster);
            if (id is { } known)
            {
                builder.TryAdd("Id", known);
            }
        });
    }
}
