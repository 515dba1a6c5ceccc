using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using Npgsql;

namespace ControlPlane.Host.Tests.Alerts;

public sealed class OutboxTests(StorageServer server) : StorageTests(server)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly Guid Left = Guid.NewGuid();
    private static readonly Guid Right = Guid.NewGuid();
    private static readonly DeliverySchedule Schedule = DeliverySchedule.Default;

    private AlertWorld _world = null!;

    private DeliveryQueue Queue => Storage.Get<DeliveryQueue>();

    private DeliveryStore Log => Storage.Get<DeliveryStore>();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _world = await AlertWorld.CreateAsync(Storage, Token);
    }

    [Fact]
    public async Task Trigger_and_resolve_of_one_key_go_one_after_the_other()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        var down = _world.Active("broker 4");
        await _world.TriggerAsync(down);
        var trigger = Assert.Single(await ClaimAsync(target));
        await _world.ResolveAsync(down);

        Assert.Empty(await ClaimAsync(target, Right));
        await CompleteAsync(trigger, Answered(200));
        var resolve = Assert.Single(await ClaimAsync(target, Right));

        Assert.Equal((AlertEvent.Trigger, AlertEvent.Resolve), (trigger.Notification.Event, resolve.Notification.Event));
        Assert.Equal(trigger.Notification.DedupKey, resolve.Notification.DedupKey);
        await CompleteAsync(resolve, Answered(200));
        Assert.Equal([DeliveryState.Delivered, DeliveryState.Delivered], await StatesAsync(down));
    }

    [Fact]
    public async Task A_trouble_that_ends_before_anybody_was_told_is_not_told()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        var down = _world.Active("broker 4");
        await _world.TriggerAsync(down);
        await _world.ResolveAsync(down);

        Assert.Empty(await ClaimAsync(target));
        Assert.Equal([DeliveryState.Superseded, DeliveryState.Superseded], await StatesAsync(down));
    }

    [Theory]
    [InlineData(500, true)] // it may have acted on it before it failed
    [InlineData(429, false)]
    [InlineData(null, false)] // refused connection
    public async Task A_resolve_is_sent_where_an_attempt_may_have_arrived(int? status, bool isSent)
    {
        await _world.TargetAsync("http://hook.example/");
        var down = _world.Active("broker 4");
        await _world.TriggerAsync(down);
        var target = (await Queue.ListDueTargetsAsync(5, Token)).Single().Id;
        await CompleteAsync(Assert.Single(await ClaimAsync(target)), status is { } code ? Answered(code) : NotConnected());

        await _world.ResolveAsync(down);

        var expected = isSent ? DeliveryState.Queued : DeliveryState.Superseded;
        Assert.Equal([expected, expected], await StatesAsync(down));
    }

    [Fact]
    public async Task The_resolve_behind_a_trigger_that_is_refused_is_dropped()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        var down = _world.Active("broker 4");
        await _world.TriggerAsync(down);
        var trigger = Assert.Single(await ClaimAsync(target));
        await _world.ResolveAsync(down); // it may arrive at this moment, so the resolve is queued

        await CompleteAsync(trigger, Answered(400));

        Assert.Equal([DeliveryState.Failed, DeliveryState.Superseded], await StatesAsync(down));
        Assert.Empty(await ClaimAsync(target));
    }

    [Fact]
    public async Task What_a_killed_process_was_sending_is_taken_over_and_its_late_word_does_not_count()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        await _world.TriggerAsync(_world.Active("broker 4"));
        var first = Assert.Single(await ClaimAsync(target));
        Assert.Empty(await ClaimAsync(target, Right));

        await Storage.ExecuteAsync("UPDATE alert_deliveries SET claimed_until = clock_timestamp()", Token);
        var second = Assert.Single(await ClaimAsync(target, Right));

        Assert.Equal((first.Id, 2, first.Notification.Body), (second.Id, second.Attempt, second.Notification.Body));
        Assert.False(await CompleteAsync(first, Answered(400)));
        Assert.True(await CompleteAsync(second, Answered(200)));
    }

    [Fact]
    public async Task Processes_never_claim_the_same_delivery()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        await _world.TriggerAsync(Enumerable.Range(0, 100).Select(number => _world.Active($"broker {number}")));

        var claims = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Queue.ClaimAsync(target, Guid.NewGuid(), 10, Lease, 5, Token)));

        var ids = claims.SelectMany(batch => batch).Select(claim => claim.Id).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(100, ids.Length + (await ClaimAsync(target, Right)).Count);
    }

    [Fact]
    public async Task Targets_hear_what_they_asked_for_and_the_end_of_what_they_heard()
    {
        var all = await _world.TargetAsync("http://all.example/");
        var pager = await _world.TargetAsync("http://pager.example/", from: Severity.Critical);
        var other = await _world.TargetAsync("http://other.example/", clusters: ["other"]);
        var off = await _world.TargetAsync("http://off.example/", isEnabled: false);
        var down = _world.Active("broker 4");
        await _world.WriteAsync([new AnomalyTransition(_world.Active("broker 5") with { State = AnomalyState.Pending, ActiveAt = null }, null)]);
        await _world.WriteAsync([new AnomalyTransition(_world.Active("broker 6") with { State = AnomalyState.Resolved, ActiveAt = null, ResolvedAt = DateTimeOffset.UnixEpoch.AddYears(60) }, AnomalyState.Pending)]);
        await _world.TriggerAsync(down);
        await CompleteAsync(Assert.Single(await ClaimAsync(all)), Answered(200));
        var late = await _world.TargetAsync("http://late.example/");

        await _world.ResolveAsync(down with { Last = down.Last with { Severity = Severity.Critical } });

        Assert.Equal(AlertEvent.Resolve, Assert.Single(await ClaimAsync(all)).Notification.Event);
        foreach (var silent in new[] { pager, other, off, late })
        {
            Assert.Empty((await Log.QueryAsync(new DeliveryFilter { Target = silent }, 0, 10, Token)).Rows);
        }
    }

    [Fact]
    public async Task A_transition_that_is_stored_twice_is_told_once()
    {
        await _world.TargetAsync("http://hook.example/");
        var down = _world.Active("broker 4");

        await _world.TriggerAsync(down);
        await _world.TriggerAsync(down);

        Assert.Single(await Log.ListForAnomalyAsync(down.Id, Token));
    }

    [Fact]
    public async Task A_write_that_fails_leaves_no_alert_and_a_stranger_can_not_write_one()
    {
        await _world.TargetAsync("http://hook.example/");
        var stale = new AlertWorld(Storage, _world.Lease with { Epoch = _world.Lease.Epoch - 1 });

        await Assert.ThrowsAsync<StaleEpochException>(() => stale.TriggerAsync(_world.Active("broker 4")));
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Storage.ExecuteAsync(
            "INSERT INTO alerts (anomaly, cluster, dedup_key, severity) VALUES (gen_random_uuid(), 'prod', 'k', 'error')", Token));

        Assert.Equal(StorageErrorCodes.StaleEpoch, refused.SqlState);
        Assert.Equal(0, (await Log.QueryAsync(new DeliveryFilter(), 0, 10, Token)).Total);
    }

    [Fact]
    public async Task A_failing_target_is_left_in_peace_and_probed_by_one_process()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        await _world.TriggerAsync(Enumerable.Range(0, 8).Select(number => _world.Active($"broker {number}")));
        foreach (var claim in await Queue.ClaimAsync(target, Left, 5, Lease, 5, Token))
        {
            await CompleteAsync(claim, Answered(503));
        }

        Assert.Empty(await Queue.ListDueTargetsAsync(5, Token));
        await Storage.ExecuteAsync("UPDATE alert_targets SET held_until = clock_timestamp()", Token);
        Assert.True((await Queue.ListDueTargetsAsync(5, Token)).Single().IsBroken);
        var probes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Queue.ClaimAsync(target, Guid.NewGuid(), 4, Lease, 5, Token)));
        var probe = Assert.Single(probes.SelectMany(batch => batch));
        Assert.True(probe.IsProbe);
        await CompleteAsync(probe, Answered(200));

        Assert.Equal(4, (await Queue.ClaimAsync(target, Left, 4, Lease, 5, Token)).Count);
        Assert.Equal((0, null), await HealthAsync(target));
    }

    [Fact]
    public async Task A_receiver_that_is_gone_switches_its_target_off()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        await _world.TriggerAsync(_world.Active("broker 4"), _world.Active("broker 5"));

        await CompleteAsync((await ClaimAsync(target))[0], Answered(410));

        var stored = (await Storage.Get<AlertTargetStore>().FindAsync(target, Token))!;
        Assert.False(stored.Definition.Rules.IsEnabled);
        Assert.Equal(2, stored.Version);
        Assert.Contains("switched off", stored.Problem, StringComparison.Ordinal);
        Assert.Empty(await ClaimAsync(target, Right));
    }

    [Fact]
    public async Task A_delivery_is_sent_again_unless_that_would_contradict_something_newer()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        var down = _world.Active("broker 4");
        await _world.TriggerAsync(down);
        var trigger = (await Log.ListForAnomalyAsync(down.Id, Token)).Single();
        Assert.IsType<Resend.NotFinished>(await Log.ResendAsync(trigger.Id, Token));
        await CompleteAsync(Assert.Single(await ClaimAsync(target)), Answered(200));

        var again = Assert.IsType<Resend.Queued>(await Log.ResendAsync(trigger.Id, Token)).Delivery;
        Assert.Equal(trigger.Notification, again.Notification);
        Assert.IsType<Resend.Overtaken>(await Log.ResendAsync(trigger.Id, Token)); // the repetition still waits
        await CompleteAsync(Assert.Single(await ClaimAsync(target)), Answered(200));
        await _world.ResolveAsync(down);
        Assert.Equal(AlertEvent.Resolve, Assert.IsType<Resend.Overtaken>(await Log.ResendAsync(trigger.Id, Token)).Event);
        await CompleteAsync(Assert.Single(await ClaimAsync(target)), Answered(200));
        Assert.IsType<Resend.Overtaken>(await Log.ResendAsync(trigger.Id, Token));
        Assert.IsType<Resend.Unknown>(await Log.ResendAsync(Guid.NewGuid(), Token));
    }

    [Fact]
    public async Task Processes_share_the_rate_limit_of_a_key()
    {
        await using var other = AnotherProcess();
        var waits = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => (number % 2 == 0 ? Queue : other.Get<DeliveryQueue>()).TakeTokenAsync("pagerduty:a", Token)));

        Assert.InRange(waits.Count(wait => wait is null), (int)TokenBucket.Burst, (int)TokenBucket.Burst + 10); // some come back while they are taken
        Assert.Null(await Queue.TakeTokenAsync("pagerduty:b", Token));
    }

    [Fact]
    public async Task Secrets_are_sealed_and_figures_count_what_stands()
    {
        var target = await _world.TargetAsync("http://hook.example/", secret: "a-secret-of-sixteen");
        await _world.TriggerAsync(_world.Active("broker 4", Severity.Critical), _world.Active("broker 5"));

        Assert.Equal("a-secret-of-sixteen", await Storage.Get<AlertTargetStore>().LoadSecretAsync(target, Token));
        Assert.False(await Storage.ScalarAsync<bool>("SELECT position('a-secret'::bytea IN secret) > 0 FROM alert_targets", Token));
        var figures = await Queue.ReadFiguresAsync(Token);
        Assert.Equal((1L, 1L, 2L), (figures.Active[Severity.Critical], figures.Active[Severity.Error], figures.Queued));
    }

    [Fact]
    public async Task Retention_keeps_the_trigger_of_what_still_lasts()
    {
        var target = await _world.TargetAsync("http://hook.example/");
        var (lasts, over) = (_world.Active("broker 4"), _world.Active("broker 5"));
        await _world.TriggerAsync(lasts, over);
        foreach (var claim in await ClaimAsync(target))
        {
            await CompleteAsync(claim, Answered(200));
        }

        await _world.ResolveAsync(over);
        await CompleteAsync(Assert.Single(await ClaimAsync(target)), Answered(200));
        await Storage.ExecuteAsync("UPDATE alert_deliveries SET created_at = created_at - interval '40 days'", Token);

        Assert.Equal(2, (await Storage.Get<Retention>().RunAsync(Token)).Deliveries);
        Assert.Equal(DeliveryState.Delivered, (await Log.ListForAnomalyAsync(lasts.Id, Token)).Single().State);
    }

    private static AttemptOutcome Answered(int status)
    {
        var result = new SendResult(status, SendFailure.None, SendVerdicts.Explain(status, null), null, "body");
        return Outcome(result);
    }

    private static AttemptOutcome NotConnected() => Outcome(new SendResult(null, SendFailure.NotConnected, "connection refused", null, null));

    private static AttemptOutcome Outcome(SendResult result)
    {
        var verdict = SendVerdicts.Judge(result);
        var state = verdict switch { SendVerdict.Delivered => DeliveryState.Delivered, SendVerdict.Retry => DeliveryState.Queued, _ => DeliveryState.Failed };
        return new AttemptOutcome(result, verdict, state, TimeSpan.Zero, TimeSpan.FromMilliseconds(5), true);
    }

    private Task<List<DeliveryClaim>> ClaimAsync(Guid target, Guid? process = null) => Queue.ClaimAsync(target, process ?? Left, 10, Lease, 5, Token);

    private Task<bool> CompleteAsync(DeliveryClaim claim, AttemptOutcome outcome) => Queue.CompleteAsync(claim, outcome, Schedule, Token);

    private async Task<DeliveryState[]> StatesAsync(Anomaly anomaly) => [.. (await Log.ListForAnomalyAsync(anomaly.Id, Token)).Select(row => row.State)];

    private async Task<(int, string?)> HealthAsync(Guid target)
    {
        var stored = (await Storage.Get<AlertTargetStore>().FindAsync(target, Token))!;
        return (stored.Failures, stored.Problem);
    }
}
