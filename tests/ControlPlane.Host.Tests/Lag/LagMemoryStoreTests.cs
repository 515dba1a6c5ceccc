using System.Diagnostics.Metrics;
using ControlPlane.Engine.Lag.Memory;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Host.Tests.Simulation;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Lag;
using ControlPlane.Lag.Memory;
using ControlPlane.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>What one owner knew of lag, as the next one finds it in the database.</summary>
public sealed class LagMemoryStoreTests(StorageServer server) : StorageTests(server), IDisposable
{
    private static readonly Guid Offsets = Guid.NewGuid();

    private readonly ManualTime _time = new(TimeProvider.System.GetUtcNow());
    private readonly ServiceProvider _meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private ClusterLease _lease = null!;
    private LagMemoryMeter _meter = null!;
    private LagKeeper _keeper = null!;

    private LagMemoryStore Store => Storage.Get<LagMemoryStore>();

    [Fact]
    public async Task The_next_owner_goes_on_where_the_last_one_was()
    {
        var (book, feed) = (NewBook(), new StillFeed(Offsets));
        Commit(book, feed, partition: 0, "billing", 100, 110, 120);
        Commit(book, feed, partition: 7, "audit", 5);
        await _keeper.SaveAsync(_lease, book, feed, Token);
        await _keeper.SaveAsync(_lease, book, feed, Token);

        var next = NewBook();
        var remembered = await Memory().LoadAsync(_lease.Cluster, next, Token);

        Assert.Equal([(0, 3L), (7, 1L)], remembered.Positions.Select(one => (one.Partition, one.Offset)));
        Assert.Equal(["audit"], remembered.GroupsOf(7));
        Assert.All(remembered.Positions, one => Assert.Equal((Offsets, 7), (one.TopicId, one.LeaderEpoch)));
        Assert.Equal([100, 110, 120], Window(next, "billing"));
        Assert.Equal(500, next.Ends.Newest(next.Ends.Find("orders"), 0));
    }

    [Fact]
    public async Task What_did_not_change_is_not_written_again_but_holds_on()
    {
        var (book, feed) = (NewBook(), new StillFeed(Offsets));
        Commit(book, feed, partition: 0, "billing", 100);
        Commit(book, feed, partition: 1, "audit", 5);
        await _keeper.SaveAsync(_lease, book, feed, Token);
        await Storage.ExecuteAsync("CREATE TABLE seen AS SELECT part, xmin::text AS version, at FROM lag_memory WHERE kind = 0", Token);
        _time.Pass(15 * 3_600);
        Commit(book, feed, partition: 1, "audit", 6);

        await _keeper.SaveAsync(_lease, book, feed, Token);

        Assert.Equal(2, await Storage.ScalarAsync<long>("SELECT count(*) FROM lag_memory m JOIN seen s USING (part) WHERE m.kind = 0 AND m.at > s.at", Token));
        _time.Pass(15 * 3_600);
        Assert.Equal(2, (await Memory().LoadAsync(_lease.Cluster, NewBook(), Token)).Positions.Count);
    }

    [Fact]
    public async Task Windows_that_are_polled_are_there_again_and_are_forgotten_when_commits_are_followed()
    {
        var (book, feed, now) = (NewBook(), new StillFeed(Offsets), _time.GetUtcNow().ToUnixTimeMilliseconds());
        book.KeepPolled();
        foreach (var (shard, group) in new[] { (book.Polled!, "billing"), (book.Shares, "share") })
        {
            foreach (var offset in new[] { 100, 110, 120 })
            {
                shard.Commit(group, "orders", 3, new CommitPoint(offset, now + offset, now + offset, now + offset));
            }
        }

        await _keeper.SaveAsync(_lease, book, null, Token);
        await Storage.ExecuteAsync("CREATE TABLE seen AS SELECT kind, part, xmin::text AS version, body FROM lag_memory WHERE kind > 1", Token);
        _time.Pass(60);
        await _keeper.SaveAsync(_lease, book, null, Token);
        Assert.Equal(2, await Storage.ScalarAsync<long>("SELECT count(*) FROM lag_memory m JOIN seen s USING (kind, part, body)", Token));

        var next = NewBook();
        var remembered = await Memory().LoadAsync(_lease.Cluster, next, Token);
        Assert.True(remembered.IsNothing);
        next.KeepPolled();
        Assert.Equal([100, 110, 120], Window(next.Polled!, "billing"));
        Assert.Equal([100, 110, 120], Window(next.Shares, "share"));
        Assert.Equal(0, next.Followed.Groups);

        next.Follow(feed, isResumed: false);
        await new LagKeeper(Store, _meter, _time).SaveAsync(_lease, next, feed, Token);

        Assert.Null(next.Polled);
        Assert.Equal(1, await Storage.ScalarAsync<long>("SELECT count(*) FROM lag_memory WHERE kind > 1", Token));
        var last = NewBook();
        await Memory().LoadAsync(_lease.Cluster, last, Token);
        Assert.Null(last.Polled);
    }

    /// <summary>Following had ended, and polls went on: what they saw is newer.</summary>
    [Fact]
    public async Task Of_windows_that_were_followed_and_polled_since_the_polled_ones_count_until_the_topic_is_read()
    {
        var (book, feed) = (NewBook(), new StillFeed(Offsets));
        Commit(book, feed, partition: 0, "billing", 100, 110);
        Commit(book, feed, partition: 0, "gone", 5);
        book.KeepPolled();
        book.Polled!.ForgetGroup("gone");
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds() + 60_000;
        book.Polled.Commit("billing", "orders", 0, new CommitPoint(130, now, now, now));
        await _keeper.SaveAsync(_lease, book, feed, Token);

        var next = NewBook();
        var remembered = await Memory().LoadAsync(_lease.Cluster, next, Token);
        next.KeepPolled();

        Assert.Equal(2, Assert.Single(remembered.Positions).Groups.Offsets.Count);
        Assert.Equal([100, 110], Window(next.Followed, "billing"));
        Assert.Equal([100, 110, 130], Window(next.Polled!, "billing"));
        Assert.Equal(["billing"], next.Polled!.Names());
    }

    [Theory]
    [InlineData("UPDATE lag_memory SET body = substring(body FROM 1 FOR length(body) - 1) WHERE kind = 0 AND part = 1")]
    [InlineData("UPDATE lag_memory SET body = set_byte(body, length(body) / 2, get_byte(body, length(body) / 2) # 4) WHERE kind = 0 AND part = 1")]
    [InlineData("UPDATE lag_memory SET body = set_byte(body, 5, 9) WHERE kind = 0 AND part = 1")]
    [InlineData("UPDATE lag_memory SET body = '' WHERE kind = 0 AND part = 1")]
    [InlineData("UPDATE lag_memory SET at = at - interval '21 hours' WHERE kind = 0 AND part = 1")]
    public async Task A_part_that_is_no_good_is_left_out_and_the_others_count(string damage)
    {
        var (book, feed) = (NewBook(), new StillFeed(Offsets));
        Commit(book, feed, partition: 0, "billing", 100);
        Commit(book, feed, partition: 1, "audit", 5);
        await _keeper.SaveAsync(_lease, book, feed, Token);
        await Storage.Get<EpochGuard>().WriteAsync(_lease, "damage", async (write, token) =>
        {
            await using var command = write.Connection.Command(damage);
            return await command.ExecuteNonQueryAsync(token);
        }, Token);

        var next = NewBook();
        var remembered = await Memory().LoadAsync(_lease.Cluster, next, Token);

        Assert.Equal(0, Assert.Single(remembered.Positions).Partition);
        Assert.Equal((1, 1L), (next.Followed.Groups, next.Followed.Partitions));
    }

    /// <summary>The offsets topic was made anew, and not all of it had been written when the process ended.</summary>
    [Fact]
    public async Task Parts_of_an_offsets_topic_that_is_no_more_are_left_out()
    {
        var book = NewBook();
        var old = new StillFeed(Guid.NewGuid());
        Commit(book, old, partition: 1, "audit", 5);
        await _keeper.SaveAsync(_lease, book, old, Token);
        _time.Pass(60);
        var (again, feed) = (NewBook(), new StillFeed(Offsets));
        Commit(again, feed, partition: 0, "billing", 100);
        await Store.SaveAsync(_lease, Part(again, feed), Token);

        var next = NewBook();
        var remembered = await Memory().LoadAsync(_lease.Cluster, next, Token);

        Assert.Equal((0, Offsets), remembered.Positions.Select(one => (one.Partition, one.TopicId)).Single());
        Assert.Equal(1, next.Followed.Groups);
    }

    [Fact]
    public async Task Large_parts_are_cut_and_one_that_grew_smaller_leaves_nothing_behind()
    {
        var random = new Random(1);
        var large = new byte[3_500_000];
        random.NextBytes(large);
        foreach (var body in new[] { large, [1, 2, 3] })
        {
            await Store.SaveAsync(_lease, new LagMemoryPart(9, 4, _time.GetUtcNow(), body), Token);
            var read = new List<LagMemoryPart>();
            await Store.ReadAsync(_lease.Cluster, read.Add, Token);
            Assert.Equal(body, Assert.Single(read).Body);
        }
    }

    [Fact]
    public async Task Who_owns_the_cluster_no_more_does_not_write_over_the_memory_of_the_next_owner()
    {
        var (book, feed) = (NewBook(), new StillFeed(Offsets));
        Commit(book, feed, partition: 0, "billing", 100);

        await Assert.ThrowsAsync<StaleEpochException>(() => _keeper.SaveAsync(_lease with { Epoch = _lease.Epoch - 1 }, book, feed, Token));

        Assert.Equal(0, await Storage.ScalarAsync<long>("SELECT count(*) FROM lag_memory", Token));
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var cluster = await Storage.AddClusterAsync("orders", Token);
        _lease = (await Storage.Get<OwnershipStore>().TryClaimAsync(cluster, Guid.NewGuid(), Token))!;
        _meter = new LagMemoryMeter(_meters.GetRequiredService<IMeterFactory>(), new LagBooks());
        _keeper = new LagKeeper(Store, _meter, _time);
    }

    public void Dispose() => _meters.Dispose();

    private LagMemory Memory() => new(Store, _meter, Options.Create(new LagOptions()), _time, NullLogger<LagMemory>.Instance);

    private LagBook NewBook() => new(new EndOffsetStore(), new LagStoreOptions(MinDistanceMs: 0), _time);

    private LagMemoryPart Part(LagBook book, StillFeed feed)
    {
        var writer = new MemoryWriter();
        feed.TryCapture(0, taken => new FeedMemory(0, taken.TopicId, taken.Offset, taken.Groups).Write(writer, book.Followed));
        return new LagMemoryPart(0, 0, _time.GetUtcNow(), MemoryFrame.Seal(MemoryKind.OffsetsPartition, writer.Written));
    }

    private void Commit(LagBook book, StillFeed feed, int partition, string group, params long[] offsets)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        book.Ends.Add(book.Ends.IdOf("orders"), 0, 500, now);
        foreach (var offset in offsets)
        {
            var record = feed.Next(partition, group);
            book.Followed.Commit(group, "orders", 0, new CommitPoint(offset, now + offset, record, now + offset));
        }
    }

    private static long[] Window(LagBook book, string group) => Window(book.Followed, group);

    private static long[] Window(LagShard shard, string group)
    {
        var snapshot = new LagSnapshot();
        Assert.True(shard.TryRead(group, snapshot));
        return snapshot.Window(0, 0).Offsets.ToArray();
    }
}
