using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Store;

namespace ControlPlane.Engine.Tests.Lag.Store;

public sealed class LagShardTests
{
    private readonly EndOffsetStore _ends = new();

    [Fact]
    public void A_window_comes_back_as_it_was_committed()
    {
        var shard = Shard();
        Poll(500);
        Commit(shard, 100, 1_000, 1);
        Poll(700);
        Commit(shard, 600, 2_000, 2);

        Assert.Equal([(100, 1_000, 400), (600, 2_000, 100)], Read(shard));
    }

    [Fact]
    public void Windows_that_are_taken_over_have_times_of_our_clock()
    {
        var (followed, polled) = (Shard(), Shard());
        Commit(followed, 100, 50_000, 7_000_001);
        Commit(followed, 110, 60_000, 7_000_002);
        Commit(followed, 900, 50_000, 7_000_003, group: "other");

        polled.TakeOver(followed, group => group == "g" ? -20_000 : 0); // the broker's clock is 20 s ahead of ours

        Assert.Equal([(100, 30_000, -1), (110, 40_000, -1)], Read(polled));
        Assert.Equal(CommitOutcome.Appended, Commit(polled, 120, 41_000, 41_000)); // polled a second later, which by the broker's stamps came before
        Assert.Equal(50_000, Assert.Single(Times(polled, "other")));
        Assert.Equal([(100, 50_000, -1), (110, 60_000, -1)], Read(followed));

        static long[] Times(LagShard shard, string group)
        {
            var snapshot = new LagSnapshot();
            Assert.True(shard.TryRead(group, snapshot));
            return snapshot.Window(0, 0).Times.ToArray();
        }
    }

    [Fact]
    public void A_broker_that_looks_behind_is_no_lag_and_one_never_asked_is_unknown()
    {
        var shard = Shard();
        Commit(shard, 100, 1_000, 1);
        Poll(50);
        Commit(shard, 200, 2_000, 2);

        Assert.Equal([(100, 1_000, -1), (200, 2_000, 0)], Read(shard));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 5)]
    [InlineData(10, 0)]
    [InlineData(10, 7)]
    [InlineData(10, 40)]
    public void Any_order_of_arrival_ends_as_in_Burrows_ring(int slots, long minDistance)
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            var (shard, ring) = (new LagShard(new LagStoreOptions(slots, minDistance), _ends), new BurrowRing(slots, minDistance));
            Poll(1_000_000);
            for (var i = 0; i < 40; i++)
            {
                var order = i + random.Next(-12, 3) + 20;
                var (offset, time) = (order * 10L + random.Next(30), 100_000 + order * 10L + random.Next(-15, 15));
                Commit(shard, offset, time, order);
                ring.Add(offset, time, order, 1_000_000 - offset);
                Assert.Equal(ring.Commits, Read(shard));
            }
        }
    }

    [Fact]
    public void The_order_in_which_late_commits_come_does_not_matter()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var orders = Enumerable.Range(1, 25).ToArray();
            new Random(seed).Shuffle(orders);
            var shard = Shard(minDistance: 0);
            foreach (var order in orders)
            {
                Commit(shard, order * 7, 1_000 + (order * 100), order);
            }

            Assert.Equal(Enumerable.Range(16, 10).Select(order => (order * 7L, 1_000L + (order * 100))), Read(shard).Select(commit => (commit.Offset, commit.Time)));
        }
    }

    [Fact]
    public void A_fast_committer_still_rolls_through_its_window()
    {
        var shard = Shard(minDistance: 1_000);
        for (var i = 0; i < 1_000; i++)
        {
            Commit(shard, i, 100_000 + (i * 10), i);
        }

        var window = Read(shard);
        Assert.Equal((10, 999L), (window.Count, window[^1].Offset));
        Assert.All(window.Zip(window.Skip(1)), pair => Assert.True(pair.Second.Time - pair.First.Time >= 1_000));
    }

    [Fact]
    public void Numbers_far_apart_are_kept_as_they_are()
    {
        var shard = Shard();
        Poll(long.MaxValue);
        Commit(shard, 5, 1_000, 1);
        Commit(shard, long.MaxValue - 7, 2_000, 5_000_000_000);
        Commit(shard, long.MaxValue - 3, 3_000, 5_000_000_001);

        Assert.Equal([(long.MaxValue - 7, 2_000, 7), (long.MaxValue - 3, 3_000, 3)], Read(shard)); // the first is out of reach of the newest

        var wide = Shard();
        Commit(wide, 5, 1_000, 1);
        Commit(wide, 6, 3_000, 3);
        Commit(wide, 7, 2_500, 2);
        Commit(wide, 8, 5_000, 4);
        Assert.Equal([(5, 1_000, long.MaxValue - 5), (7, 2_500, -1), (6, 3_000, long.MaxValue - 6), (8, 5_000, long.MaxValue - 8)], Read(wide));
    }

    [Fact]
    public void A_tombstone_ends_a_partition_and_a_late_commit_does_not_bring_it_back()
    {
        var shard = Shard();
        Commit(shard, 1, 1_000, 1);
        shard.Forget("g", "t", 0, order: 5, observedAt: 2_000);

        Assert.False(shard.TryRead("g", new LagSnapshot()));
        Assert.Equal(CommitOutcome.Deleted, Commit(shard, 2, 2_000, 4));
        Assert.Equal(CommitOutcome.Appended, Commit(shard, 3, 3_000, 6));
        shard.Forget("g", "t", 0, order: 4, observedAt: 3_000); // older than what is there now
        Assert.Equal([(3, 3_000, -1)], Read(shard));
    }

    [Fact]
    public void A_group_goes_with_its_last_partition()
    {
        var shard = Shard();
        for (var partition = 0; partition < 5; partition++)
        {
            Commit(shard, 1, 1_000, partition, partition: partition);
        }

        shard.Forget("g", "t", 2, 9, 0);
        var snapshot = new LagSnapshot();
        Assert.True(shard.TryRead("g", snapshot));
        Assert.Equal([0, 1, 3, 4], Enumerable.Range(0, snapshot.Count).Select(snapshot.Partition).Order());
        Assert.True(shard.ForgetGroup("g"));
        Assert.False(shard.ForgetGroup("g"));
        Assert.Equal((0, 0L), (shard.Groups, shard.Partitions));
    }

    [Fact]
    public void A_topic_that_is_gone_leaves_every_group()
    {
        var shard = Shard();
        Commit(shard, 1, 1_000, 1, group: "a");
        Commit(shard, 1, 1_000, 2, group: "a", topic: "other");
        Commit(shard, 1, 1_000, 3, group: "b");

        Assert.Equal(2, shard.ForgetTopic("t"));
        Assert.Equal(0, shard.ForgetTopic("never seen"));
        var snapshot = new LagSnapshot();
        Assert.True(shard.TryRead("a", snapshot));
        Assert.Equal((1, "other"), (snapshot.Count, snapshot.Topic(0)));
        Assert.False(shard.TryRead("b", snapshot));
    }

    [Fact]
    public void A_topic_made_anew_keeps_only_commits_since_then()
    {
        var shard = Shard();
        Commit(shard, 900, 1_000, 1);
        Commit(shard, 5, 3_000, 2);
        Commit(shard, 900, 1_000, 3, partition: 1);

        Assert.Equal(1, shard.ForgetTopic("t", madeAt: 2_000));
        Assert.Equal([(5, 3_000, -1)], Read(shard));
    }

    [Fact]
    public void What_nobody_commits_to_expires_and_what_is_too_old_is_not_taken()
    {
        var shard = Shard(expireAfter: 10_000);
        Commit(shard, 1, 1_000, 1, group: "old");
        Commit(shard, 1, 9_000, 2, group: "new");

        Assert.Equal(1, shard.Expire(now: 12_000));
        Assert.False(shard.TryRead("old", new LagSnapshot()));
        Assert.True(shard.TryRead("new", new LagSnapshot()));
        Assert.Equal(CommitOutcome.TooOld, shard.Commit("g", "t", 0, new CommitPoint(1, 1_000, 3, 12_000)));
    }

    [Fact]
    public void Places_are_used_again()
    {
        var shard = Shard();
        for (var i = 0; i < 50_000; i++)
        {
            Commit(shard, 1, 1_000, i, group: $"g{i}");
            shard.ForgetGroup($"g{i}");
        }

        Assert.Equal((1, 0), (shard.Places, shard.Groups));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-5_000, 0)]
    [InlineData(127_999, 127_000)]
    [InlineData(128_000, 120_000)]
    [InlineData(3_600_000, 3_600_000)]
    [InlineData(86_400_000, 7_740_000)]
    public void When_a_commit_was_read_is_known_roughly(long after, long known)
    {
        var shard = Shard();
        shard.Commit("g", "t", 0, new CommitPoint(1, 1_000_000, 1, 1_000_000 + after));
        shard.Commit("g", "t", 0, new CommitPoint(2, 5_000_000, 2, 5_000_000));
        var snapshot = new LagSnapshot();

        Assert.True(shard.TryRead("g", snapshot));
        Assert.Equal((1_000_000 + known, 5_000_000L), (snapshot.ObservedAt(0, 0), snapshot.ObservedAt(0, 1)));
    }

    [Fact]
    public async Task A_reader_sees_whole_windows_while_a_writer_writes()
    {
        var shard = Shard(minDistance: 0);
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < 300_000; i++)
            {
                Commit(shard, i, i, i);
            }
        }, TestContext.Current.CancellationToken);
        var (snapshot, looks) = (new LagSnapshot(), 0);
        while (!writing.IsCompleted)
        {
            looks += shard.TryRead("g", snapshot) && IsRow(snapshot.Window(0, 0)) ? 1 : 0;
        }

        await writing;
        Assert.True(looks > 0);

        static bool IsRow(in CommitWindow window)
        {
            for (var i = 0; i < window.Count; i++)
            {
                Assert.Equal((window.Offsets[0] + i, window.Offsets[i]), (window.Offsets[i], window.Times[i]));
            }

            return true;
        }
    }

    private static CommitOutcome Commit(LagShard shard, long offset, long time, long order, string group = "g", string topic = "t", int partition = 0) =>
        shard.Commit(group, topic, partition, new CommitPoint(offset, time, order, time));

    private static List<(long Offset, long Time, long Lag)> Read(LagShard shard)
    {
        var (snapshot, commits) = (new LagSnapshot(), new List<(long, long, long)>());
        if (shard.TryRead("g", snapshot))
        {
            var window = snapshot.Window(0, 0);
            for (var i = 0; i < window.Count; i++)
            {
                commits.Add((window.Offsets[i], window.Times[i], window.Lags[i]));
            }
        }

        return commits;
    }

    private LagShard Shard(long minDistance = 1_000, long expireAfter = 86_400_000) => new(new LagStoreOptions(10, minDistance, expireAfter), _ends);

    private long _polledAt;

    private void Poll(long end) => _ends.Add(_ends.IdOf("t"), 0, end, ++_polledAt);
}
