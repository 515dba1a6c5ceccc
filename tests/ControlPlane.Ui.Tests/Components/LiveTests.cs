using System.Diagnostics;
using Bunit;
using ControlPlane.Ui.Api;
using ControlPlane.Ui.Pages;
using Microsoft.Extensions.DependencyInjection;

namespace ControlPlane.Ui.Tests.Components;

/// <summary>How often live changes renew a page, and when they don't.</summary>
public sealed class LiveTests : PageContext
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private int Loads => Answers.Calls.Count(call => call == "production");

    [Fact]
    public async Task A_flood_of_changes_renews_a_page_at_most_four_times_a_second_and_the_last_one_is_shown()
    {
        var page = Visit<Brokers>("/c/production/brokers", ("Cluster", "production"));
        await UntilAsync(() => Answers.Listeners > 0);
        var (before, watch) = (Loads, Stopwatch.StartNew());
        while (Loads < before + 4)
        {
            Answers.Announce("production");
            await Task.Yield();
            Assert.True(watch.Elapsed < Patience, $"{Loads - before} renewals in {watch.Elapsed}");
        }

        Assert.True(watch.Elapsed >= 3 * LiveUpdates.Throttle, $"4 renewals in {watch.Elapsed}");
        Answers.IsBroken = true; // the last change of all
        Answers.Announce("production");

        page.WaitForAssertion(() => Assert.NotNull(page.Find("[data-testid=outdated]")), Patience);
    }

    [Fact]
    public async Task New_numbers_leave_a_page_alone_that_shows_none()
    {
        Visit<Audit>("/audit");
        await UntilAsync(() => Answers.Listeners > 0);
        var before = Answers.Calls.Count(call => call == "audit");
        var heard = 0;
        using var witness = Services.GetRequiredService<LiveUpdates>().On(null, kinds =>
        {
            heard += kinds == LiveKinds.Load ? 1 : 0;
            return Task.CompletedTask;
        });

        Answers.Announce("production", "load");
        await UntilAsync(() => heard == 1); // the page subscribed before the witness, and has heard it too
        Assert.Equal(before, Answers.Calls.Count(call => call == "audit"));

        Answers.Announce("production", "fleet");
        await UntilAsync(() => Answers.Calls.Count(call => call == "audit") > before);
    }

    [Fact]
    public async Task A_held_page_waits_and_shows_the_last_state_once_it_is_free()
    {
        var held = JSInterop.Setup<bool>("kcp.stillHeld", _ => true);
        Visit<Brokers>("/c/production/brokers", ("Cluster", "production"));
        await UntilAsync(() => Answers.Listeners > 0);
        var before = Loads;

        Answers.Announce("production");
        await UntilAsync(() => held.Invocations.Count == 1);
        Assert.Equal(before, Loads);

        held.SetResult(false); // the selection is gone

        await UntilAsync(() => Loads > before);
    }

    private static async Task UntilAsync(Func<bool> isTrue)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!isTrue())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }
}
