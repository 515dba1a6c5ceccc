using System.Diagnostics;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Npgsql;

namespace ControlPlane.Host.Tests.Storage;

public sealed class OwnershipTests(StorageServer server) : StorageTests(server)
{
    private static readonly Guid Left = Guid.NewGuid();
    private static readonly Guid Right = Guid.NewGuid();

    [Fact]
    public async Task A_held_cluster_is_claimed_by_nobody_else_and_freed_by_release()
    {
        var cluster = await Storage.AddClusterAsync("orders", Token);
        var owners = Storage.Get<OwnershipStore>();

        var lease = await owners.TryClaimAsync(cluster, Left, Token);

        Assert.NotNull(lease);
        Assert.Null(await owners.TryClaimAsync(cluster, Right, Token));
        Assert.Null(await owners.TryClaimAsync(new ClusterId("unknown"), Left, Token));
        Assert.True(await owners.ReleaseAsync(lease, Token));
        Assert.False(await owners.ReleaseAsync(lease, Token));
        var asked = Stopwatch.StartNew();
        var next = await owners.TryClaimAsync(cluster, Right, Token);
        var left = next!.TimeLeft(TimeProvider.System);
        Assert.True(next.Epoch > lease.Epoch);
        Assert.InRange(left, TimeSpan.FromSeconds(178) - asked.Elapsed, TimeSpan.FromSeconds(180));
    }

    [Fact]
    public async Task Renewal_prolongs_what_is_held_and_names_what_is_lost()
    {
        var owners = Storage.Get<OwnershipStore>();
        var kept = await owners.TryClaimAsync(await Storage.AddClusterAsync("kept", Token), Left, Token);
        var expired = await owners.TryClaimAsync(await Storage.AddClusterAsync("expired", Token), Left, Token);
        var taken = await owners.TryClaimAsync(await Storage.AddClusterAsync("taken", Token), Left, Token);
        await ExpireAsync("expired", "taken");
        Assert.NotNull(await owners.TryClaimAsync(taken!.Cluster, Right, Token));

        var renewal = await owners.RenewAsync([kept!, expired!, taken], Token);

        Assert.Equal([kept!.Cluster], renewal.Renewed.Select(lease => lease.Cluster));
        Assert.True(renewal.Renewed[0].Until > kept.Until);
        Assert.Equal(["expired", "taken"], renewal.Lost.Select(lease => lease.Cluster.Value));
    }

    [Fact]
    public async Task A_removed_and_added_cluster_never_reuses_an_epoch()
    {
        var owners = Storage.Get<OwnershipStore>();
        var cluster = await Storage.AddClusterAsync("again", Token);
        var first = await owners.TryClaimAsync(cluster, Left, Token);
        await Storage.Get<ClusterStore>().RemoveAsync(cluster, Token);
        await Storage.AddClusterAsync("again", Token);

        var second = await owners.TryClaimAsync(cluster, Left, Token);

        Assert.True(second!.Epoch > first!.Epoch);
        await Assert.ThrowsAsync<StaleEpochException>(() => WriteAsync(Storage, first));
    }

    [Fact]
    public async Task Free_clusters_are_shared_without_overlap()
    {
        for (var i = 0; i < 30; i++)
        {
            await Storage.AddClusterAsync($"cluster-{i}", Token);
        }

        await using var other = AnotherProcess();

        var claims = await Task.WhenAll(
            ClaimAllAsync(Storage.Get<OwnershipStore>(), Left), ClaimAllAsync(other.Get<OwnershipStore>(), Right));

        Assert.Equal(30, claims.SelectMany(leases => leases).Select(lease => lease.Cluster).Distinct().Count());
        Assert.Equal(30, claims.Sum(leases => leases.Count));
    }

    [Fact]
    public async Task Two_claimers_racing_a_thousand_times_never_own_together()
    {
        var cluster = await Storage.AddClusterAsync("raced", Token);
        await using var other = AnotherProcess();
        var holders = 0;
        var wins = 0;

        async Task RaceAsync(OwnershipStore owners, Guid process)
        {
            for (var i = 0; i < 1_000; i++)
            {
                if (await owners.TryClaimAsync(cluster, process, Token) is not { } lease)
                {
                    continue;
                }

                Assert.Equal(1, Interlocked.Increment(ref holders));
                Interlocked.Increment(ref wins);
                await Task.Yield();
                Interlocked.Decrement(ref holders);
                Assert.True(await owners.ReleaseAsync(lease, Token));
            }
        }

        await Task.WhenAll(RaceAsync(Storage.Get<OwnershipStore>(), Left), RaceAsync(other.Get<OwnershipStore>(), Right));

        Assert.InRange(wins, 2, 2_000);
    }

    [Fact]
    public async Task A_stale_epoch_writes_nothing()
    {
        var cluster = await Storage.AddClusterAsync("stale", Token);
        var owners = Storage.Get<OwnershipStore>();
        var old = await owners.TryClaimAsync(cluster, Left, Token);
        await WriteAsync(Storage, old!);
        await ExpireAsync("stale");
        var current = await owners.TryClaimAsync(cluster, Right, Token);

        var refused = await Assert.ThrowsAsync<StaleEpochException>(() => WriteAsync(Storage, old!));

        Assert.Contains("nothing was written", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StaleEpochException>(() => WriteAsync(Storage, current! with { Owner = Left }));
        Assert.Equal(1, await CountAsync());
        await WriteAsync(Storage, current!);
        Assert.Equal(2, await CountAsync());
    }

    [Fact]
    public async Task An_expired_lease_writes_nothing_even_when_nobody_took_over()
    {
        var cluster = await Storage.AddClusterAsync("slept", Token);
        var lease = await Storage.Get<OwnershipStore>().TryClaimAsync(cluster, Left, Token);
        await ExpireAsync("slept");

        await Assert.ThrowsAsync<StaleEpochException>(() => WriteAsync(Storage, lease!));

        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_claim_waits_for_the_write_that_began_under_the_lease()
    {
        var cluster = await Storage.AddClusterAsync("waiting", Token);
        await using var other = AnotherProcess();
        var lease = await Storage.Get<OwnershipStore>().TryClaimAsync(cluster, Left, Token);
        await Storage.ExecuteAsync("UPDATE cluster_ownership SET lease_until = clock_timestamp() + interval '3 s'", Token);
        var (checkedLease, mayCommit) = (new TaskCompletionSource(), new TaskCompletionSource());
        var write = Storage.Get<EpochGuard>().WriteAsync(lease!, "write a mark", async (guarded, token) =>
        {
            await MarkAsync(guarded, token);
            checkedLease.SetResult();
            await mayCommit.Task.WaitAsync(token);
            return true;
        }, Token);
        await await Task.WhenAny(checkedLease.Task, write);
        await UntilAsync("SELECT lease_until < clock_timestamp() FROM cluster_ownership");
        var claim = other.Get<OwnershipStore>().TryClaimAsync(cluster, Right, Token);
        await UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')");
        Assert.False(claim.IsCompleted);

        mayCommit.SetResult();

        Assert.True(await write);
        Assert.NotNull(await claim);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task A_holder_stopped_between_check_and_commit_is_cut_off_and_its_write_undone()
    {
        var cluster = await Storage.AddClusterAsync("stopped", Token);
        var settings = new Dictionary<string, string?> { ["Storage:Lease"] = "00:00:06" };
        await using var holder = AnotherProcess(settings);
        await using var other = AnotherProcess(settings);
        var lease = await holder.Get<OwnershipStore>().TryClaimAsync(cluster, Left, Token);
        var (checkedLease, wakes) = (new TaskCompletionSource(), new TaskCompletionSource());
        var write = holder.Get<EpochGuard>().WriteAsync(lease!, "write a mark", async (guarded, token) =>
        {
            await MarkAsync(guarded, token);
            checkedLease.SetResult();
            await wakes.Task.WaitAsync(token); // as a process under SIGSTOP: the connection stays open, nothing is sent
            await MarkAsync(guarded, token);
            return true;
        }, Token);
        await await Task.WhenAny(checkedLease.Task, write);
        var stopped = Stopwatch.StartNew();

        var next = await ClaimUntilHeldAsync(other.Get<OwnershipStore>(), cluster);

        Assert.True(stopped.Elapsed < TimeSpan.FromSeconds(45), $"taken over after {stopped.Elapsed}");
        wakes.SetResult();
        var failure = await Assert.ThrowsAsync<StorageUnavailableException>(() => write);
        Assert.True(failure.Fault is StorageFault.Disconnected or StorageFault.TimedOut, failure.ToString());
        Assert.Equal(0, await CountAsync());
        await Assert.ThrowsAsync<StaleEpochException>(() => WriteAsync(holder, lease!));
        await WriteAsync(other, next);
    }

    [Theory]
    [InlineData("UPDATE cluster_ownership SET epoch = epoch - 1")]
    [InlineData("UPDATE cluster_ownership SET owner = gen_random_uuid(), epoch = epoch + 1, lease_until = now() + interval '1 minute'")]
    [InlineData("UPDATE cluster_ownership SET owner = gen_random_uuid(), lease_until = now() - interval '1 minute'")]
    public async Task The_database_itself_refuses_unsafe_ownership(string sql)
    {
        await Storage.Get<OwnershipStore>().TryClaimAsync(await Storage.AddClusterAsync("fenced", Token), Left, Token);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => Storage.ExecuteAsync(sql, Token));

        Assert.Equal(StorageErrorCodes.UnsafeOwnership, refused.SqlState);
    }

    [Fact]
    public async Task Owners_are_listed_with_the_address_of_their_process()
    {
        var cluster = await Storage.AddClusterAsync("listed", Token);
        await Storage.AddClusterAsync("nobodys", Token);
        var (owners, processes) = (Storage.Get<OwnershipStore>(), Storage.Get<ProcessStore>());
        await processes.HeartbeatAsync(new ProcessInfo(Left, "left", "http://127.0.0.1:1", "1.0"), Token);
        await owners.TryClaimAsync(cluster, Left, Token);

        var all = await owners.ListOwnersAsync(Token);

        Assert.Equal([("listed", "http://127.0.0.1:1", true), ("nobodys", null, false)], all.Select(o => (o.Cluster.Value, o.Address, o.IsHeld)));
        Assert.Equal(Left, (await owners.FindOwnerAsync(cluster, Token))!.Owner);
        Assert.Null(await owners.FindOwnerAsync(new ClusterId("unknown"), Token));
        Assert.Equal(1, Assert.Single(await processes.ListLiveAsync(Token)).OwnedClusters);
    }

    [Fact]
    public async Task A_silent_process_is_not_live()
    {
        var processes = Storage.Get<ProcessStore>();
        await processes.HeartbeatAsync(new ProcessInfo(Left, "left", "a", "1"), Token);
        await processes.HeartbeatAsync(new ProcessInfo(Right, "right", "b", "1"), Token);
        await Storage.ExecuteAsync("UPDATE processes SET last_seen = now() - interval '1 hour' WHERE name = 'left'", Token);

        Assert.Equal("right", Assert.Single(await processes.ListLiveAsync(Token)).Process.Name);
        await processes.RemoveAsync(Right, Token);
        Assert.Empty(await processes.ListLiveAsync(Token));
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Storage.ExecuteAsync("CREATE TABLE marks (epoch bigint)", Token);
    }

    private static async Task<IReadOnlyList<ClusterLease>> ClaimAllAsync(OwnershipStore owners, Guid process)
    {
        var all = new List<ClusterLease>();
        while (await owners.ClaimFreeAsync(process, 2, Token) is { Count: > 0 } leases)
        {
            all.AddRange(leases);
        }

        return all;
    }

    private static Task<bool> WriteAsync(TestStorage storage, ClusterLease lease) =>
        storage.Get<EpochGuard>().WriteAsync(lease, "write a mark", async (guarded, token) => await MarkAsync(guarded, token), Token);

    private static async Task<bool> MarkAsync(GuardedWrite guarded, CancellationToken token)
    {
        await using var command = guarded.Connection.Command("INSERT INTO marks VALUES ($1)", guarded.Lease.Epoch);
        return await command.ExecuteNonQueryAsync(token) == 1;
    }

    private static async Task<ClusterLease> ClaimUntilHeldAsync(OwnershipStore owners, ClusterId cluster)
    {
        while (true)
        {
            if (await owners.TryClaimAsync(cluster, Right, Token) is { } lease)
            {
                return lease;
            }

            await Task.Delay(50, Token);
        }
    }

    private Task<long> CountAsync() => Storage.ScalarAsync<long>("SELECT count(*) FROM marks", Token);

    private Task ExpireAsync(params string[] clusters) => Storage.ExecuteAsync(
        $"UPDATE cluster_ownership SET lease_until = now() - interval '1 second' WHERE cluster IN ('{string.Join("','", clusters)}')", Token);
}
