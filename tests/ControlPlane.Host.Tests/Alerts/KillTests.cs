using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Alerts;

/// <summary>The promise of alerting, on the real product and a real database: at least once, in order per key, whatever dies.</summary>
public sealed class KillTests(StorageServer server) : StorageTests(server)
{
    private const string Secret = "0123456789abcdef0123456789abcdef";
    private const string RoutingKey = "R0123456789abcdefABCDEF012345678";
    private const int Phases = 5;
    private const int AlertsPerPhase = 200;

    // A process dies once this many alerts have arrived: in the middle of its work.
    private const int ArrivedBeforeKill = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly HashSet<Guid> _resolved = [];
    private AlertWorld _world = null!;
    private WebhookReceiver _hook = null!;
    private PagerDutyReceiver _pager = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await using var claiming = AnotherProcess(new() { ["Storage:Lease"] = "00:05:00" }); // nobody renews it here
        _world = await AlertWorld.CreateAsync(claiming, Token);
        _world = new AlertWorld(Storage, _world.Lease);
        _hook = await WebhookReceiver.StartAsync(Secret, Token);
        _pager = await PagerDutyReceiver.StartAsync(RoutingKey, Token);
    }

    public override async ValueTask DisposeAsync()
    {
        await _hook.DisposeAsync();
        await _pager.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Of_1000_alerts_none_is_lost_and_none_out_of_order_over_five_kills_and_a_bad_receiver()
    {
        await _world.TargetAsync(_hook.Url, secret: Secret);
        await _world.TargetAsync(_pager.Url, AlertTargetKind.PagerDuty, RoutingKey, Severity.Critical);
        var all = new List<Anomaly>();
        for (var phase = 0; phase < Phases; phase++)
        {
            await PhaseAsync(phase, all);
        }

        _hook.Answer = static _ => ReceiverAnswer.Status(200);
        _pager.Status = static _ => 202;
        await using (var last = await StartAsync())
        {
            await FinishedAsync(last);
            await ResolveToldAsync(all);
            Assert.Equal(all.Count, _resolved.Count);
            await FinishedAsync(last);
        }

        CheckWebhook(all);
        CheckPagerDuty([.. all.Where(anomaly => anomaly.Last.Severity == Severity.Critical)]);
    }

    /// <summary>New alerts, the end of those before, and a kill in the middle of them.</summary>
    private async Task PhaseAsync(int phase, List<Anomaly> all)
    {
        await _hook.DownAsync();
        _hook.Answer = Mood(phase);
        _pager.Status = number => phase switch { 1 when number % 3 == 0 => 500, 2 when number % 2 == 0 => 429, _ => 202 };
        var fresh = Enumerable.Range(0, AlertsPerPhase)
            .Select(number => _world.Active($"broker {(phase * AlertsPerPhase) + number}", number % 100 == 0 ? Severity.Critical : Severity.Error)).ToArray();
        foreach (var batch in fresh.Chunk(50))
        {
            await _world.TriggerAsync(batch);
        }

        // Some were still being told when their process was killed: they, too, must be followed by their end.
        await ResolveToldAsync(all);
        all.AddRange(fresh);
        await using var product = await StartAsync(); // finds the receiver down
        await FailedAsync(product);
        var before = Arrived(_hook.Received);
        await _hook.UpAsync(Token);
        await _hook.UntilAsync(received => Arrived(received) >= before + ArrivedBeforeKill, Patience, Token);
        product.Kill();
    }

    /// <summary>Ends what all its receivers know of. What nobody knows of would rightly vanish unsent, and this test counts what is sent.</summary>
    private async Task ResolveToldAsync(List<Anomaly> all)
    {
        var hook = _hook.Received.Where(one => one.IsDelivered).Select(one => one.DedupKey).ToHashSet(StringComparer.Ordinal);
        var pager = _pager.Events.Where(one => one.Status == 202).Select(one => one.DedupKey).ToHashSet(StringComparer.Ordinal);
        var told = all.Where(anomaly =>
        {
            var key = AlertRules.DedupKey(anomaly.Cluster, anomaly.Key);
            return hook.Contains(key) && (anomaly.Last.Severity != Severity.Critical || pager.Contains(key)) && _resolved.Add(anomaly.Id);
        }).ToArray();
        await _world.ResolveAsync(told);
    }

    private static Func<int, ReceiverAnswer> Mood(int phase) => phase switch
    {
        0 => static _ => ReceiverAnswer.Status(200),
        1 => static number => ReceiverAnswer.Status(number % 3 == 0 ? 500 : 200),
        2 => static number => number % 10 == 0 ? ReceiverAnswer.Status(429, 1) : ReceiverAnswer.Status(204),
        3 => static number => number % 2 == 0 ? ReceiverAnswer.Slow(TimeSpan.FromMilliseconds(150)) : ReceiverAnswer.Status(200),
        _ => static number => number % 20 == 0 ? ReceiverAnswer.Hang : number % 7 == 0 ? ReceiverAnswer.Reset : ReceiverAnswer.Status(200),
    };

    private Task<ProductProcess> StartAsync() => ProductProcess.StartAsync(
        Storage.ConnectionString,
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Storage__MasterKeyFile"] = Storage.MasterKeyFile,
            ["Alerts__AllowedAddresses__0"] = "127.0.0.0/8",
            ["Alerts__RequestTimeout"] = "00:00:02",
            ["Alerts__ClaimLease"] = "00:00:04",
            ["Alerts__RetryBase"] = "00:00:00.100",
            ["Alerts__RetryCap"] = "00:00:00.500",
            ["Alerts__ProbePause"] = "00:00:00.100",
            ["Alerts__PollInterval"] = "00:00:00.100",
            ["Alerts__ConcurrencyPerTarget"] = "8",
        },
        Token);

    private static int Arrived(IReadOnlyList<ReceivedAlert> received, string? what = null) =>
        received.Where(one => one.IsDelivered && (what is null || one.Event == what)).Select(one => one.Delivery).Distinct(StringComparer.Ordinal).Count();

    /// <summary>The product has met the receiver that is down.</summary>
    private Task FailedAsync(ProductProcess product) => UntilAsync(
        product, "SELECT (SELECT max(failures) FROM alert_targets) > 0 OR (SELECT count(*) FROM alert_attempts WHERE http_status IS NULL) > 0");

    private Task FinishedAsync(ProductProcess product) => UntilAsync(product, "SELECT NOT EXISTS (SELECT FROM alert_deliveries WHERE state IN ('queued', 'delivering'))");

    private async Task UntilAsync(ProductProcess product, string sql)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await Storage.ScalarAsync<bool>(sql, Token))
        {
            Assert.True(product.IsRunning, product.Output);
            Assert.True(!limit.IsCancellationRequested, $"Not in time: {sql}\n{await StandAsync()}\n{product.Output}");
            await timer.WaitForNextTickAsync(Token);
        }
    }

    private Task<string> StandAsync() => Storage.ScalarAsync<string>(
        "SELECT coalesce((SELECT string_agg(d::text, ' ') FROM (SELECT target, event, state, count(*) FROM alert_deliveries GROUP BY 1, 2, 3) d), '') || coalesce((SELECT string_agg(t::text, ' ') FROM (SELECT kind, failures, held_until - clock_timestamp(), problem FROM alert_targets) t), '')", Token);

    private void CheckWebhook(List<Anomaly> all)
    {
        Assert.Empty(_hook.Violations);
        var received = _hook.Received;
        var byDelivery = received.GroupBy(one => one.Delivery, StringComparer.Ordinal).ToArray();
        Assert.All(byDelivery, repeats => Assert.Single(repeats.Select(one => (one.Event, one.DedupKey, one.Body)).Distinct()));
        var byKey = received.ToLookup(one => one.DedupKey, StringComparer.Ordinal);
        Assert.Equal(all.Count, byKey.Count);
        foreach (var anomaly in all)
        {
            var mine = byKey[AlertRules.DedupKey(anomaly.Cluster, anomaly.Key)].ToArray();
            Assert.Equal(2, mine.Select(one => one.Delivery).Distinct(StringComparer.Ordinal).Count());
            var (triggers, resolves) = (mine.Where(one => one.Event == "trigger").ToArray(), mine.Where(one => one.Event == "resolve").ToArray());
            Assert.Contains(triggers, one => one.IsDelivered);
            Assert.Contains(resolves, one => one.IsDelivered);
            Assert.True(triggers[^1].Number < resolves[0].Number, $"{anomaly.Key.Subject}: a trigger came after the resolve");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{all.Count} alerts, {byDelivery.Length} deliveries, {received.Count} requests, {received.Count(one => one.IsDelivered)} answered with success");
    }

    private void CheckPagerDuty(IReadOnlyList<Anomaly> critical)
    {
        Assert.Empty(_pager.Violations);
        Assert.Equal(10, critical.Count);
        var byKey = _pager.Events.Where(one => one.Status == 202).ToLookup(one => one.DedupKey, StringComparer.Ordinal);
        Assert.Equal(critical.Count, byKey.Count);
        Assert.All(critical, anomaly =>
        {
            var actions = byKey[AlertRules.DedupKey(anomaly.Cluster, anomaly.Key)].Select(one => one.Action).ToArray();
            Assert.Contains("trigger", actions);
            Assert.True(Array.LastIndexOf(actions, "trigger") < Array.IndexOf(actions, "resolve"), string.Join(' ', actions));
        });
    }
}
