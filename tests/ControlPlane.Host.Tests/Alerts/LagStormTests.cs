using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Alerts;

/// <summary>Hundreds of groups that lag at once ring once; nobody's page is swallowed.</summary>
public sealed class LagStormTests(StorageServer server) : StorageTests(server)
{
    private static readonly DateTimeOffset Start = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private AlertWorld _world = null!;

    private DeliveryQueue Queue => Storage.Get<DeliveryQueue>();

    private DeliveryStore Log => Storage.Get<DeliveryStore>();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _world = await AlertWorld.CreateAsync(Storage, Token);
    }

    [Fact]
    public async Task Three_hundred_groups_are_one_page_and_one_resolve()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        Anomaly[] groups = [.. Enumerable.Range(0, 300).Select(i => Group($"g{i}"))];
        await _world.TriggerAsync(groups[..200]);
        Assert.Empty(await ClaimAsync(target)); // they wait for each other

        var storm = StormOf(200);
        await _world.TriggerAsync(storm);
        await _world.TriggerAsync(groups[200..]); // they join
        Assert.Equal("[ERROR] prod: 200 consumer groups lag.", await DeliverAsync(target));
        await ForwardAsync();
        Assert.Empty(await ClaimAsync(target));

        await _world.ResolveAsync(groups);
        Assert.Empty(await ClaimAsync(target));
        await _world.ResolveAsync(storm);
        Assert.Equal("[OK] prod: resolved: 200 consumer groups lag.", await DeliverAsync(target));
        await ForwardAsync();
        Assert.Empty(await ClaimAsync(target));
        Assert.Equal(["trigger superseded"], await StoryAsync(groups[250]));
        Assert.Contains("together", (await Log.ListForAnomalyAsync(groups[250].Id, Token)).Single().LastAnswer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_that_lags_alone_is_told_after_a_short_wait_by_whichever_process_lives()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        var alone = Group("alone");
        await _world.TriggerAsync(alone);

        Assert.Empty(await ClaimAsync(target));
        Assert.InRange(await Storage.ScalarAsync<double>("SELECT extract(epoch FROM next_attempt_at - created_at)::float8 FROM alert_deliveries", Token), 24, 26);
        await ForwardAsync();
        await using var other = AnotherProcess();
        Assert.Equal(alone.Id, Assert.Single(await other.Get<DeliveryQueue>().ClaimAsync(target, Guid.NewGuid(), 10, TimeSpan.FromMinutes(1), 5, Token)).Notification.Anomaly);
    }

    [Fact]
    public async Task Only_those_who_were_told_of_the_storm_miss_its_groups()
    {
        var (all, deaf) = (await _world.TargetAsync("http://all.example/"), await _world.TargetAsync("http://deaf.example/", isEnabled: false));
        await _world.TriggerAsync(StormOf(6));
        await _world.TriggerAsync(Group("early"));
        await DeliverAsync(all);
        await EnableAsync(deaf);

        var late = Group("late");
        await _world.TriggerAsync(late);
        await ForwardAsync();

        Assert.Empty(await ClaimAsync(all));
        Assert.Equal(late.Id, Assert.Single(await ClaimAsync(deaf)).Notification.Anomaly); // it never heard of the storm
    }

    [Fact]
    public async Task What_stands_alone_is_told_at_once_beside_a_storm()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        await _world.TriggerAsync(StormOf(6));
        await DeliverAsync(target);
        var own = Group("own", Severity.Critical, isGrouped: false);
        var outside = Group("outside", at: Start.AddHours(1));

        await _world.TriggerAsync(own, outside, _world.Active("broker 4"));

        Assert.Equal(2, (await ClaimAsync(target)).Count(claim => claim.Notification.Anomaly == own.Id || claim.Notification.Summary.Contains("broker 4", StringComparison.Ordinal)));
        await ForwardAsync();
        Assert.Equal(outside.Id, Assert.Single(await ClaimAsync(target)).Notification.Anomaly);
    }

    [Fact]
    public async Task A_storm_that_has_grown_is_told_again_under_the_same_key_and_once()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        var late = await _world.TargetAsync("http://critical.example/", from: Severity.Critical);
        var storm = StormOf(6);
        await _world.TriggerAsync(storm);
        var first = Assert.Single(await ClaimAsync(target)).Notification;
        await DeliverAllAsync();

        await ChangeAsync(storm with { Last = StormOf(40).Last with { Storm = storm.Last.Storm } }); // in other words, but no news
        Assert.Empty(await ClaimAsync(target));
        var grown = storm with { Last = StormOf(40, told: Start.AddMinutes(5)).Last };
        await ChangeAsync(grown);
        await ChangeAsync(grown);

        var again = Assert.Single(await ClaimAsync(target)).Notification;
        Assert.Equal((AlertEvent.Trigger, first.DedupKey, "[ERROR] prod: 40 consumer groups lag."), (again.Event, again.DedupKey, again.Summary));
        Assert.Empty(await ClaimAsync(late));

        await ChangeAsync(storm with { Last = StormOf(41, Severity.Critical, Start.AddMinutes(6)).Last });
        Assert.StartsWith("[CRIT]", Assert.Single(await ClaimAsync(late)).Notification.Summary, StringComparison.Ordinal); // for whom it is bad enough only now
    }

    [Fact]
    public async Task Who_still_lags_when_the_storm_is_over_is_told_then()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        var (over, left) = (Group("over"), Group("left"));
        var storm = StormOf(6);
        await _world.TriggerAsync(storm);
        await _world.TriggerAsync(over, left);
        await DeliverAsync(target);
        await _world.ResolveAsync(over);

        await _world.ResolveAsync(storm);
        await _world.ResolveAsync(storm); // stored twice

        Assert.Equal(["[OK] prod: resolved: 6 consumer groups lag.", "[ERROR] prod: left lags."], (await ClaimAsync(target)).Select(claim => claim.Notification.Summary));
        await _world.ResolveAsync(left);
        Assert.Equal(["trigger superseded", "trigger delivering", "resolve queued"], await StoryAsync(left));
        Assert.Equal(["trigger superseded"], await StoryAsync(over));
    }

    [Fact]
    public async Task A_group_that_becomes_critical_rings_where_only_that_is_wanted()
    {
        var pager = await _world.TargetAsync("http://pager.example/", from: Severity.Critical);
        var group = Group("g", Severity.Warning);
        await _world.TriggerAsync(group);
        await ForwardAsync();
        Assert.Empty(await ClaimAsync(pager));

        await ChangeAsync(group with { Last = group.Last with { Severity = Severity.Critical } });
        await ForwardAsync();

        Assert.Equal(group.Id, Assert.Single(await ClaimAsync(pager)).Notification.Anomaly);
    }

    private Anomaly StormOf(int count, Severity severity = Severity.Error, DateTimeOffset? told = null) =>
        Made(LagStormDetector.Name, LagStormDetector.Subject, severity, $"{count} consumer groups lag.", Start, detection => detection with
        {
            Storm = new LagStorm(Start, Start.AddMinutes(2), told ?? Start, count, told ?? Start),
        });

    private Anomaly Group(string name, Severity severity = Severity.Error, bool isGrouped = true, DateTimeOffset? at = null) =>
        Made(ConsumerLagDetector.Name, $"group {name}", severity, $"{name} lags.", at ?? Start.AddSeconds(30), detection => detection with { IsGrouped = isGrouped });

    private Anomaly Made(string kind, string subject, Severity severity, string sentence, DateTimeOffset activeAt, Func<Detection, Detection> with) =>
        new(Guid.CreateVersion7(), _world.Lease.Cluster, AnomalyState.Active, with(new Detection(new AnomalyKey(kind, subject), severity, sentence, Start)), Start, Start, activeAt, null, BlastRadius.Unknown);

    private Task ChangeAsync(Anomaly anomaly) => _world.WriteAsync([new AnomalyTransition(anomaly, AnomalyState.Active) { At = anomaly.Last.Storm?.ToldAt ?? Start.AddMinutes(1) }]);

    private async Task EnableAsync(Guid target)
    {
        var targets = Storage.Get<AlertTargetStore>();
        var stored = (await targets.FindAsync(target, Token))!;
        Assert.IsType<AlertTargetChange.Saved>(await targets.UpdateAsync(stored.Definition with { Rules = stored.Definition.Rules with { IsEnabled = true } }, null, stored.Version, Token));
    }

    /// <summary>As if a minute had passed.</summary>
    private Task ForwardAsync() => Storage.ExecuteAsync("UPDATE alert_deliveries SET next_attempt_at = next_attempt_at - interval '1 minute'", Token);

    private Task DeliverAllAsync() => Storage.ExecuteAsync(
        "UPDATE alert_deliveries SET state = 'delivered', claimed_by = NULL, claimed_until = NULL, next_attempt_at = NULL WHERE state IN ('queued', 'delivering')", Token);

    private async Task<string> DeliverAsync(Guid target)
    {
        var summary = Assert.Single(await ClaimAsync(target)).Notification.Summary;
        await Storage.ExecuteAsync("UPDATE alert_deliveries SET state = 'delivered', claimed_by = NULL, claimed_until = NULL WHERE state = 'delivering'", Token);
        return summary;
    }

    private Task<List<DeliveryClaim>> ClaimAsync(Guid target) => Queue.ClaimAsync(target, Guid.NewGuid(), 10, TimeSpan.FromMinutes(1), 5, Token);

    private async Task<string[]> StoryAsync(Anomaly anomaly) =>
        [.. (await Log.ListForAnomalyAsync(anomaly.Id, Token)).Select(row => $"{AlertRules.Word(row.Notification.Event)} {OutboxWriter.Word(row.State)}")];
}
