using System.Text.Json;
using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Alerts;

/// <summary>What becomes of told alerts when their cluster or their target goes.</summary>
public sealed class LastAlertsTests(StorageServer server) : StorageTests(server)
{
    private AlertWorld _world = null!;

    private DeliveryQueue Queue => Storage.Get<DeliveryQueue>();

    private DeliveryStore Log => Storage.Get<DeliveryStore>();

    private AlertTargetStore Targets => Storage.Get<AlertTargetStore>();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _world = await AlertWorld.CreateAsync(Storage, Token);
    }

    [Fact]
    public async Task Removing_a_cluster_resolves_what_was_told_of_it_and_drops_what_was_not()
    {
        var hook = await _world.TargetAsync("http://hook.example/");
        var pager = await _world.TargetAsync("http://pager.example/", AlertTargetKind.PagerDuty, new string('a', 32), Severity.Critical);
        var (told, over, waiting) = (_world.Active("broker 4", Severity.Critical), _world.Active("broker 5"), _world.Active("broker 6"));
        await _world.TriggerAsync(told, over);
        await DeliverAsync(hook);
        await DeliverAsync(pager);
        await _world.ResolveAsync(over);
        await DeliverAsync(hook);
        await _world.TriggerAsync(waiting);

        Assert.NotNull(await Storage.Get<ClusterStore>().RemoveAsync(_world.Lease.Cluster, Token)); // although it is owned

        Assert.Equal(["trigger delivered", "trigger delivered", "resolve queued", "resolve queued"], await StoryAsync(told));
        Assert.Equal(["trigger delivered", "resolve delivered"], await StoryAsync(over));
        Assert.Equal(["trigger superseded", "resolve superseded"], await StoryAsync(waiting));
        var body = JsonDocument.Parse((await ClaimAsync(hook)).Single().Notification.Body).RootElement;
        Assert.Equal("prod", body.GetProperty("cluster").GetString());
        Assert.Equal(JsonValueKind.Null, body.GetProperty("links").GetProperty("incident").ValueKind);
        Assert.Contains("the cluster was removed", body.GetProperty("evidence").EnumerateArray().Last().GetProperty("value").GetString(), StringComparison.Ordinal);
        Assert.Equal(AlertRules.DedupKey(told.Cluster, told.Key), (await ClaimAsync(pager)).Single().Notification.DedupKey);
        Assert.Empty((await Queue.ReadFiguresAsync(Token)).Active);
    }

    [Fact]
    public async Task The_owner_of_a_removed_cluster_can_not_tell_anything_after_its_end()
    {
        await _world.TargetAsync("http://hook.example/");
        await Storage.Get<ClusterStore>().RemoveAsync(_world.Lease.Cluster, Token);

        await Assert.ThrowsAsync<StaleEpochException>(() => _world.TriggerAsync(_world.Active("broker 4")));

        Assert.Equal(0, (await Log.QueryAsync(new DeliveryFilter(), 0, 10, Token)).Total);
    }

    [Fact]
    public async Task A_cluster_without_alerts_or_owner_is_removed_as_ever()
    {
        var quiet = await Storage.AddClusterAsync("quiet", Token);

        Assert.NotNull(await Storage.Get<ClusterStore>().RemoveAsync(quiet, Token));

        Assert.Null(await Storage.Get<ClusterStore>().FindAsync(quiet, Token));
        Assert.Null(await Storage.Get<ClusterStore>().RemoveAsync(quiet, Token));
    }

    [Fact]
    public async Task A_disabled_target_waits_with_the_end_of_what_it_was_told()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        var (told, unheard) = (_world.Active("broker 4"), _world.Active("broker 5"));
        await _world.TriggerAsync(told);
        await DeliverAsync(target);
        await EnableAsync(target, false);

        await _world.TriggerAsync(unheard);
        await _world.ResolveAsync(told);

        Assert.Empty(await ClaimAsync(target));
        Assert.Equal(["trigger delivered", "resolve queued"], await StoryAsync(told));
        Assert.Empty(await StoryAsync(unheard));
        await EnableAsync(target, true);
        Assert.Equal(AlertEvent.Resolve, Assert.Single(await ClaimAsync(target)).Notification.Event);
    }

    [Fact]
    public async Task A_removed_target_takes_its_deliveries_with_it_and_hears_no_end()
    {
        var (kept, removed) = (await _world.TargetAsync("http://kept.example/"), await _world.TargetAsync("http://removed.example/"));
        var told = _world.Active("broker 4");
        await _world.TriggerAsync(told);
        await DeliverAsync(kept);
        await DeliverAsync(removed);

        Assert.NotNull(await Targets.RemoveAsync(removed, Token));
        await _world.ResolveAsync(told);

        Assert.All(await Log.ListForAnomalyAsync(told.Id, Token), delivery => Assert.Equal(kept, delivery.TargetId));
        Assert.Equal(["trigger delivered", "resolve queued"], await StoryAsync(told));
    }

    [Fact]
    public async Task A_test_of_PagerDuty_is_ended_and_one_of_a_webhook_needs_no_end()
    {
        var (hook, pager) = (await TestAsync(AlertTargetKind.Webhook), await TestAsync(AlertTargetKind.PagerDuty));

        Assert.Equal(["test queued"], await StoryAsync(hook));
        Assert.Equal(["test queued", "resolve queued"], await StoryAsync(pager));
        var test = Assert.Single(await ClaimAsync(pager)); // in order
        await CompleteAsync(test, 202);
        var end = Assert.Single(await ClaimAsync(pager));
        Assert.Equal(test.Notification.DedupKey, end.Notification.DedupKey);
        await CompleteAsync(end, 202);

        Assert.IsType<Resend.Overtaken>(await Log.ResendAsync(test.Id, Token)); // it would open an incident again
    }

    [Fact]
    public async Task The_end_of_a_test_that_was_refused_is_not_sent_and_both_go_again_together()
    {
        var pager = await TestAsync(AlertTargetKind.PagerDuty);
        var test = Assert.Single(await ClaimAsync(pager));
        await CompleteAsync(test, 400);

        Assert.Equal(["test failed", "resolve superseded"], await StoryAsync(pager));
        Assert.IsType<Resend.Queued>(await Log.ResendAsync(test.Id, Token));
        Assert.Equal(["test failed", "resolve superseded", "test queued", "resolve queued"], await StoryAsync(pager));
    }

    private async Task<Guid> TestAsync(AlertTargetKind kind)
    {
        var id = await _world.TargetAsync($"http://{kind}.example/", kind, new string('a', 32));
        Assert.NotNull(await Log.QueueTestAsync((await Targets.FindAsync(id, Token))!, TimeProvider.System.GetUtcNow(), Token));
        return id;
    }

    private async Task EnableAsync(Guid target, bool isEnabled)
    {
        var stored = (await Targets.FindAsync(target, Token))!;
        var definition = stored.Definition with { Rules = stored.Definition.Rules with { IsEnabled = isEnabled } };
        Assert.IsType<AlertTargetChange.Saved>(await Targets.UpdateAsync(definition, null, stored.Version, Token));
    }

    private Task<List<DeliveryClaim>> ClaimAsync(Guid target) => Queue.ClaimAsync(target, Guid.NewGuid(), 10, TimeSpan.FromMinutes(3), 5, Token);

    private async Task DeliverAsync(Guid target)
    {
        foreach (var claim in await ClaimAsync(target))
        {
            await CompleteAsync(claim, 200);
        }
    }

    private async Task CompleteAsync(DeliveryClaim claim, int status)
    {
        var result = new SendResult(status, SendFailure.None, SendVerdicts.Explain(status, null), null, null);
        var verdict = SendVerdicts.Judge(result);
        var outcome = new AttemptOutcome(result, verdict, verdict == SendVerdict.Delivered ? DeliveryState.Delivered : DeliveryState.Failed, null, TimeSpan.FromMilliseconds(5), true);
        Assert.True(await Queue.CompleteAsync(claim, outcome, DeliverySchedule.Default, Token));
    }

    private async Task<string[]> StoryAsync(Anomaly anomaly) => [.. (await Log.ListForAnomalyAsync(anomaly.Id, Token)).Select(Words)];

    private async Task<string[]> StoryAsync(Guid target) =>
        [.. (await Log.QueryAsync(new DeliveryFilter { Target = target }, 0, 100, Token)).Rows.OrderBy(row => row.Seq).Select(Words)];

    private static string Words(StoredDelivery delivery) => $"{AlertRules.Word(delivery.Notification.Event)} {OutboxWriter.Word(delivery.State)}";
}
