using ControlPlane.Clusters;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Anomalies;

public sealed class AnomalyWatchTests(StorageServer server) : StorageTests(server)
{
    [Fact]
    public async Task A_restart_goes_on_with_the_same_anomaly()
    {
        await using var bench = await BenchAsync();
        var lease = await bench.ClaimAsync();
        await bench.StartAsync(lease);
        bench.Down.Add(2);
        await bench.UntilAsync(() => StoredAsync(bench, AnomalyState.Active), "active and stored");
        var before = Assert.Single(await bench.Store.LoadOpenAsync(bench.Cluster, Token));

        await bench.StopAsync();
        Assert.Empty(bench.Open);
        await bench.ReleaseAsync(lease);
        await bench.StartAsync(await bench.ClaimAsync());
        await bench.UntilAsync(() => bench.Open is [{ LastSeen: var seen }] && seen > before.LastSeen, "seen again");

        var after = Assert.Single(bench.Open);
        Assert.Equal((before.Id, before.FirstSeen, before.ActiveAt, before.Last.Since), (after.Id, after.FirstSeen, after.ActiveAt, after.Last.Since));
        bench.Down.Clear();
        await bench.UntilAsync(async () => (await bench.Store.FindAsync(before.Id, Token))!.State is AnomalyState.Resolved, "resolved");
        Assert.Empty(bench.Open);
        Assert.Equal(1, (await bench.Store.ListAsync(new AnomalyFilter { States = Enum.GetValues<AnomalyState>() }, 0, 10, Token)).Total);
    }

    [Fact]
    public async Task A_pending_one_is_held_on_over_a_restart()
    {
        await using var bench = await BenchAsync();
        var lease = await bench.ClaimAsync();
        await bench.StartAsync(lease);
        bench.Down.Add(3);
        await bench.UntilAsync(() => StoredAsync(bench, AnomalyState.Pending), "pending and stored");
        var before = Assert.Single(await bench.Store.LoadOpenAsync(bench.Cluster, Token));

        await bench.StopAsync();
        await bench.StartAsync(lease);
        await bench.UntilAsync(() => StoredAsync(bench, AnomalyState.Active), "active");

        var after = Assert.Single(await bench.Store.LoadOpenAsync(bench.Cluster, Token));
        Assert.Equal((before.Id, before.FirstSeen), (after.Id, after.FirstSeen));
        // Not before the fence (9 s after the last heartbeat), which is the proof; the restart in between did not make it anew.
        Assert.InRange((after.ActiveAt - after.FirstSeen)!.Value, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_sink_that_throws_undoes_the_whole_and_hears_it_again()
    {
        await Storage.ExecuteAsync(RowSink.Table, Token);
        var (calm, failing) = (new RowSink(), new RowSink(failures: 2));
        await using var bench = await BenchAsync(calm, failing);
        await bench.StartAsync(await bench.ClaimAsync());
        bench.Down.Add(2);
        await bench.UntilAsync(() => !calm.Heard.IsEmpty, "the first try");
        Assert.True(failing.Heard.IsEmpty || calm.Heard.Count > failing.Heard.Count);

        await bench.UntilAsync(() => StoredAsync(bench, AnomalyState.Active), "stored in the end");
        await bench.UntilAsync(() => failing.Heard.Contains("Pending>Active"), "told");

        Assert.Single(failing.Heard, told => told == "new>Pending");
        Assert.Equal(2, await Storage.ScalarAsync<long>("SELECT count(*) FROM heard WHERE state = 'Pending'", Token)); // one of each sink: failed tries left nothing
        Assert.True(failing.Committed > 0);
    }

    [Fact]
    public async Task While_a_sink_fails_nothing_is_stored_and_detection_goes_on()
    {
        await Storage.ExecuteAsync(RowSink.Table, Token);
        var broken = new RowSink(failures: int.MaxValue);
        await using var bench = await BenchAsync(broken);
        await bench.StartAsync(await bench.ClaimAsync());
        bench.Down.Add(2);

        await bench.UntilAsync(() => bench.Open is [{ State: AnomalyState.Active }], "active in memory");

        Assert.Equal(0, await bench.Store.CountOpenAsync(null, Token));
        Assert.Equal(0, await Storage.ScalarAsync<long>("SELECT count(*) FROM heard", Token));
        Assert.Equal(0, broken.Committed);
    }

    [Fact]
    public async Task A_stale_epoch_stores_nothing_and_tells_nobody()
    {
        await Storage.ExecuteAsync(RowSink.Table, Token);
        var sink = new RowSink();
        await using var bench = await BenchAsync(sink);
        var stale = await bench.ClaimAsync();
        await bench.StartAsync(stale);
        await bench.ReleaseAsync(stale);
        var current = await bench.ClaimAsync(); // somebody else has it now
        bench.Down.Add(2);

        await bench.UntilAsync(() => bench.Open is [{ State: AnomalyState.Active }], "active in the memory of the former owner");

        var transition = new AnomalyTransition(bench.Open[0], null);
        await Assert.ThrowsAsync<StaleEpochException>(() => bench.Writer.WriteAsync(stale, [transition], Token));
        Assert.Equal(0, await bench.Store.CountOpenAsync(bench.Cluster, Token));
        Assert.Empty(sink.Heard);
        Assert.Single(await bench.Writer.WriteAsync(current, [transition], Token));
    }

    [Fact]
    public async Task Pages_hear_of_it_after_it_was_stored()
    {
        await using var bench = await BenchAsync();
        await using var changes = bench.Changes.WatchAsync(Token).GetAsyncEnumerator(Token);
        var told = changes.MoveNextAsync().AsTask();
        await bench.StartAsync(await bench.ClaimAsync());
        bench.Down.Add(2);
        await bench.UntilAsync(
            async () =>
            {
                while (told.IsCompleted && changes.Current.Kind is not ChangeKind.Anomalies)
                {
                    told = changes.MoveNextAsync().AsTask();
                }

                return told.IsCompleted && await told;
            },
            "told");

        Assert.Equal((bench.Cluster, ChangeKind.Anomalies), (changes.Current.Cluster, changes.Current.Kind));
        Assert.Equal(1, await bench.Store.CountOpenAsync(bench.Cluster, Token));
    }

    private static async Task<bool> StoredAsync(AnomalyBench bench, AnomalyState state) =>
        await bench.Store.LoadOpenAsync(bench.Cluster, Token) is [{ } one] && one.State == state;

    private async Task<AnomalyBench> BenchAsync(params IAnomalySink[] sinks) => new(Storage, await Storage.AddClusterAsync("orders", Token), sinks);
}
