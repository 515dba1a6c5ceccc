using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Npgsql;

namespace ControlPlane.Host.Tests.Storage;

public sealed class EventTests(StorageServer server) : StorageTests(server)
{
    private DateTimeOffset _now;
    private ClusterLease _lease = null!;

    private EventStore Events => Storage.Get<EventStore>();

    [Fact]
    public async Task Events_are_read_newest_first_within_range_kinds_and_limit()
    {
        await Events.AppendAsync(_lease, [Event("broker", -30), Event("health", -20), Event("broker", -10), Event("controller", 10)], Token);

        Assert.Equal(["broker", "health", "broker"], await KindsAsync(null, 10));
        Assert.Equal(["broker", "broker"], await KindsAsync(["broker", "controller"], 10));
        var (two, isComplete) = await Events.QueryAsync(new EventQuery(_lease.Cluster, _now.AddMinutes(-60), _now, null, 2), Token);
        Assert.Equal([_now.AddMinutes(-10), _now.AddMinutes(-20)], two.Select(one => one.At));
        Assert.False(isComplete);
        Assert.Equal(Status.Crit, two[0].Status);
    }

    [Fact]
    public async Task The_same_events_twice_are_stored_once()
    {
        var first = Event("broker", -2);
        await Events.AppendAsync(_lease, [first], Token);

        await Events.AppendAsync(_lease, [first, Event("broker", -1)], Token);

        Assert.Equal(2, await CountAsync());
    }

    [Fact]
    public async Task Evidence_with_a_NUL_is_stored_readable()
    {
        await Events.AppendAsync(_lease, [Event("broker", -2) with { Sentence = "said \0 and closed" }], Token);

        Assert.Equal("said \uFFFD and closed", await Storage.ScalarAsync<string>("SELECT sentence FROM cluster_events", Token));
    }

    [Fact]
    public async Task A_stale_owner_writes_no_event()
    {
        await Storage.ExecuteAsync("UPDATE cluster_ownership SET lease_until = now() - interval '1 second'", Token);
        await Storage.Get<OwnershipStore>().TryClaimAsync(_lease.Cluster, Guid.NewGuid(), Token);

        await Assert.ThrowsAsync<StaleEpochException>(() => Events.AppendAsync(_lease, [Event("broker", -1)], Token));

        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task The_database_refuses_events_past_the_guard()
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Storage.ExecuteAsync(
            "INSERT INTO cluster_events (id, cluster, at, kind, subject, status, sentence) VALUES (gen_random_uuid(), 'orders', now(), 'broker', 's', 'Ok', 't')", Token));

        Assert.Equal(StorageErrorCodes.StaleEpoch, refused.SqlState);
    }

    [Fact]
    public async Task Retention_and_the_removal_of_the_cluster_remove_events()
    {
        await Events.AppendAsync(_lease, [Event("broker", -60 * 24 * 91), Event("broker", -60 * 24 * 89)], Token);

        Assert.Equal(1, (await Storage.Get<Retention>().RunAsync(Token)).Events);
        Assert.Equal(1, await CountAsync());

        await Storage.Get<ClusterStore>().RemoveAsync(_lease.Cluster, Token);
        Assert.Equal(0, await CountAsync());
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var cluster = await Storage.AddClusterAsync("orders", Token);
        _lease = (await Storage.Get<OwnershipStore>().TryClaimAsync(cluster, Guid.NewGuid(), Token))!;
        await Storage.ExecuteAsync("UPDATE cluster_ownership SET lease_until = now() + interval '10 minutes'", Token);
        _now = new DateTimeOffset(await Storage.ScalarAsync<DateTime>("SELECT date_trunc('second', now())", Token));
    }

    private ClusterEvent Event(string kind, int minutes) =>
        new(Guid.CreateVersion7(), _lease.Cluster, _now.AddMinutes(minutes), kind, "broker 3", Status.Crit, "Broker 3 is down, was up: refused.");

    private async Task<IEnumerable<string>> KindsAsync(string[]? kinds, int limit) =>
        (await Events.QueryAsync(new EventQuery(_lease.Cluster, _now.AddMinutes(-60), _now, kinds, limit), Token)).Events.Select(one => one.Kind);

    private Task<long> CountAsync() => Storage.ScalarAsync<long>("SELECT count(*) FROM cluster_events", Token);
}
