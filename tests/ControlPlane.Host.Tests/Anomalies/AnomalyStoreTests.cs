using System.Text.Json;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using Npgsql;

namespace ControlPlane.Host.Tests.Anomalies;

public sealed class AnomalyStoreTests(StorageServer server) : StorageTests(server)
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_is_stored_comes_back_as_it_was()
    {
        var cluster = await Storage.AddClusterAsync("orders", Token);
        var anomaly = Some(cluster, 4) with { Worst = new BlastRadius(1, null, 3, 1, [new TouchedPartition("t", 0, 1, 3, null)], ["t"], null) };
        await SaveAsync(cluster, new AnomalyTransition(anomaly, null));

        var found = await Store.FindAsync(anomaly.Id, Token);

        Assert.Equal(JsonSerializer.Serialize(anomaly), JsonSerializer.Serialize(found));
        Assert.Single(await Store.LoadOpenAsync(cluster, Token));
        Assert.Null(await Store.FindAsync(Guid.NewGuid(), Token));
    }

    [Fact]
    public async Task A_name_that_PostgreSQL_cannot_hold_does_not_stop_the_rest()
    {
        var cluster = await Storage.AddClusterAsync("orders", Token);
        var anomaly = Some(cluster, 4);
        anomaly = anomaly with { Last = anomaly.Last with { Sentence = "odd\0name", Blast = anomaly.Last.Blast with { Groups = ["g\0"] } } };
        await SaveAsync(cluster, new AnomalyTransition(anomaly, null));

        Assert.Equal(["g\uFFFD"], (await Store.FindAsync(anomaly.Id, Token))!.Last.Blast.Groups!.Value);
    }

    [Fact]
    public async Task The_same_transitions_again_change_nothing_and_are_no_news()
    {
        var cluster = await Storage.AddClusterAsync("orders", Token);
        var anomaly = Some(cluster, 4);
        var active = anomaly with { State = AnomalyState.Active, ActiveAt = Noon.AddSeconds(10) };
        AnomalyTransition[] both = [new(anomaly, null), new(active, AnomalyState.Pending)];

        Assert.Equal(2, (await SaveAsync(cluster, both)).Count);
        Assert.Empty(await SaveAsync(cluster, both));

        var transitions = await Store.ListTransitionsAsync(anomaly.Id, Token);
        Assert.Equal([(null, AnomalyState.Pending, Noon), (AnomalyState.Pending, AnomalyState.Active, Noon.AddSeconds(10))], transitions.Select(one => (one.Before, one.After, one.At)));
        Assert.Equal(AnomalyState.Active, (await Store.FindAsync(anomaly.Id, Token))!.State);
    }

    [Fact]
    public async Task Resolved_is_final()
    {
        var cluster = await Storage.AddClusterAsync("orders", Token);
        var anomaly = Some(cluster, 4);
        var resolved = anomaly with { State = AnomalyState.Resolved, ResolvedAt = Noon.AddMinutes(1) };
        await SaveAsync(cluster, new AnomalyTransition(anomaly, null), new AnomalyTransition(resolved, AnomalyState.Pending));
        await SaveAsync(cluster, new AnomalyTransition(anomaly, null));

        Assert.Equal(AnomalyState.Resolved, (await Store.FindAsync(anomaly.Id, Token))!.State);
        Assert.Empty(await Store.LoadOpenAsync(cluster, Token));
    }

    [Fact]
    public async Task Two_open_ones_of_one_key_are_refused_by_the_database()
    {
        var cluster = await Storage.AddClusterAsync("orders", Token);
        await SaveAsync(cluster, new AnomalyTransition(Some(cluster, 4), null));

        var refused = await Assert.ThrowsAsync<PostgresException>(() => SaveAsync(cluster, new AnomalyTransition(Some(cluster, 4), null)));

        Assert.Equal("anomalies_open_key", refused.ConstraintName);
    }

    [Fact]
    public async Task Whoever_goes_past_the_guard_is_refused()
    {
        var cluster = await Storage.AddClusterAsync("orders", Token);
        var anomaly = Some(cluster, 4);
        await SaveAsync(cluster, new AnomalyTransition(anomaly, null));

        foreach (var sql in new[]
        {
            "UPDATE anomalies SET severity = 'info'",
            "INSERT INTO anomaly_transitions (anomaly, cluster, at, after, severity, sentence) SELECT id, cluster, now(), 'active', 'info', '' FROM anomalies",
        })
        {
            Assert.Equal("KC003", (await Assert.ThrowsAsync<PostgresException>(() => Storage.ExecuteAsync(sql, Token))).SqlState);
        }

        Assert.Equal("KC002", (await Assert.ThrowsAsync<PostgresException>(() => Storage.ExecuteAsync("UPDATE anomaly_transitions SET sentence = ''", Token))).SqlState);
    }

    [Fact]
    public async Task Lists_show_the_worst_first_page_by_page()
    {
        var (one, two) = (await Storage.AddClusterAsync("one", Token), await Storage.AddClusterAsync("two", Token));
        var pending = Some(one, 1, Severity.Critical);
        var warning = Active(Some(one, 2, Severity.Warning));
        var critical = Active(Some(two, 3, Severity.Critical));
        var over = Some(two, 4) with { State = AnomalyState.Resolved, ResolvedAt = Noon.AddMinutes(1) };
        await SaveAsync(one, new AnomalyTransition(pending, null), new AnomalyTransition(warning, null));
        await SaveAsync(two, new AnomalyTransition(critical, null), new AnomalyTransition(over, null));

        Assert.Equal([critical.Id, warning.Id, pending.Id], await ListAsync(new AnomalyFilter()));
        Assert.Equal([critical.Id, warning.Id, pending.Id, over.Id], await ListAsync(new AnomalyFilter { States = Enum.GetValues<AnomalyState>() }));
        Assert.Equal([warning.Id, pending.Id], await ListAsync(new AnomalyFilter { Cluster = one }));
        Assert.Equal([over.Id], await ListAsync(new AnomalyFilter { States = [AnomalyState.Resolved], Kind = BrokerDownDetector.Name }));
        Assert.Empty(await ListAsync(new AnomalyFilter { Kind = UnderReplicatedDetector.Name }));
        var second = await Store.ListAsync(new AnomalyFilter(), 1, 1, Token);
        Assert.Equal((3, warning.Id), (second.Total, Assert.Single(second.Anomalies).Id));
        Assert.Equal((3, 2), (await Store.CountOpenAsync(null, Token), await Store.CountOpenAsync(one, Token)));
    }

    [Fact]
    public async Task Retention_removes_what_was_resolved_long_ago_and_nothing_else()
    {
        var cluster = await Storage.AddClusterAsync("orders", Token);
        var now = TimeProvider.System.GetUtcNow();
        var old = Some(cluster, 1) with { State = AnomalyState.Resolved, FirstSeen = now.AddDays(-100), ResolvedAt = now.AddDays(-91) };
        var young = Some(cluster, 2) with { State = AnomalyState.Resolved, FirstSeen = now.AddDays(-100), ResolvedAt = now.AddDays(-89) };
        var open = Some(cluster, 3) with { FirstSeen = now.AddDays(-400) };
        await SaveAsync(cluster, new AnomalyTransition(old, null), new AnomalyTransition(young, null), new AnomalyTransition(open, null));

        Assert.Equal(1, (await Storage.Get<Retention>().RunAsync(Token)).Anomalies);

        Assert.Null(await Store.FindAsync(old.Id, Token));
        Assert.Empty(await Store.ListTransitionsAsync(old.Id, Token));
        Assert.NotNull(await Store.FindAsync(young.Id, Token));
        Assert.NotNull(await Store.FindAsync(open.Id, Token));
    }

    internal static Anomaly Some(ClusterId cluster, int broker, Severity severity = Severity.Error)
    {
        var blast = new BlastRadius(0, 1, 2, 2, [new TouchedPartition("orders", 7, 1, 3, 2), new TouchedPartition("users", 0, 2, 3, 2)], ["orders", "users"], ["billing"]);
        var seen = new Detection(new AnomalyKey(BrokerDownDetector.Name, $"broker {broker}"), severity, $"Broker {broker} (rack r1) is down: 2 partitions under-replicated.", Noon.AddSeconds(-2))
        {
            BrokerId = broker,
            Evidence = [new Evidence("connection", "connection refused", Noon), new Evidence("address", "b4:9092", null)],
            Blast = blast,
        };
        return new Anomaly(Guid.CreateVersion7(), cluster, AnomalyState.Pending, seen, Noon, Noon, null, null, blast);
    }

    internal static Anomaly Active(Anomaly anomaly) => anomaly with { State = AnomalyState.Active, ActiveAt = Noon.AddSeconds(10) };

    private AnomalyStore Store => Storage.Get<AnomalyStore>();

    private async Task<IEnumerable<Guid>> ListAsync(AnomalyFilter filter) => (await Store.ListAsync(filter, 0, 50, Token)).Anomalies.Select(anomaly => anomaly.Id);

    private Task<IReadOnlyList<AnomalyTransition>> SaveAsync(ClusterId cluster, params AnomalyTransition[] transitions) => SaveAsync(Storage.Get<OwnershipStore>(), Storage.Get<EpochGuard>(), cluster, transitions);

    internal static async Task<IReadOnlyList<AnomalyTransition>> SaveAsync(OwnershipStore ownership, EpochGuard guard, ClusterId cluster, params AnomalyTransition[] transitions)
    {
        var lease = await ownership.TryClaimAsync(cluster, Guid.NewGuid(), Token) ?? throw new InvalidOperationException("The cluster is not free.");
        try
        {
            return await guard.WriteAsync(lease, "store anomalies", (write, token) => AnomalyStore.SaveAsync(write, transitions, token), Token);
        }
        finally
        {
            await ownership.ReleaseAsync(lease, Token);
        }
    }
}
