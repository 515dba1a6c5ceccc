using ControlPlane.Clusters;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Simulation;
using ControlPlane.Lag;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>Commits stamped by a broker whose clock is minutes apart from ours, by the way the product goes: measured, told, and reckoned in.</summary>
public sealed class SkewedClockTests
{
    private const string Name = "billing";
    private readonly ManualTime _time = new(SimulatedWorld.Start);

    [Theory]
    [InlineData(0, null)]
    [InlineData(10, "The clock of broker 7 is 600 s ahead of ours; that is reckoned in.")]
    [InlineData(-10, "The clock of broker 7 is 600 s behind ours; that is reckoned in.")]
    public void No_stop_is_false_and_none_is_missed(int minutesAhead, string? told)
    {
        var book = Book();
        var (events, end) = (new ShardEvents(book, 0, _time, [], () => { }), 0L);
        for (var second = 0; second < 300; second++)
        {
            end = Second(book, end);
            if (second % 5 == 0)
            {
                events.Committed(new OffsetCommitted(Name, "orders", 0, null, end - 20, null, Now + (minutesAhead * 60_000L), second, false));
            }

            if (second > 30) // the first commits measure the clock
            {
                Assert.Equal("OK", Judge(book).Word);
            }
        }

        Assert.Equal(told, book.Clocks.Sentence);
        var silent = 0;
        while (Judge(book).Word != "ERR")
        {
            end = Second(book, end);
            Assert.True(++silent < 80, $"not found within {silent} s: {Judge(book).Sentence}");
        }

        Assert.InRange(silent, 40, 80);
        Assert.InRange(Judge(book).TimeLagMs!.Value, 40_000, 90_000);
    }

    [Fact]
    public void What_was_committed_before_we_looked_is_old_and_no_skew()
    {
        var book = Book(isCaughtUp: false);
        var events = new ShardEvents(book, 0, _time, [], () => { });
        for (var order = 0; order < 20; order++)
        {
            events.Committed(new OffsetCommitted(Name, "orders", 0, null, 10 + order, null, Now - 600_000 + (order * 5_000), order, false));
        }

        Assert.Null(book.Clocks.Sentence);
        events.Committed(new OffsetCommitted(Name, "orders", 0, null, 40, null, Now - 600_000, 21, IsTransactional: true));
        Assert.Null(book.Clocks.Sentence);
    }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A hundred records a second, polled every ten.</summary>
    private long Second(LagBook book, long end)
    {
        _time.Pass(1);
        book.Review();
        end += 100;
        if (Now / 1_000 % 10 == 0)
        {
            book.Ends.Add(book.Ends.IdOf("orders"), 0, end, Now);
        }

        return end;
    }

    private GroupJudgement Judge(LagBook book)
    {
        var (look, group) = (new GroupLook(book), new Group(Name, "classic", "consumer", "Stable", 7, []));
        Assert.True(look.TryTake(group, _time.GetUtcNow()));
        return new GroupJudge(LagPolicy.Usual, TimeSpan.FromMinutes(5)).Judge(look.Snapshot, group, new ClusterModel(new ClusterId("c"), 1, _time.GetUtcNow()), look.At, look.Evidence);
    }

    private LagBook Book(bool isCaughtUp = true)
    {
        var book = new LagBook(new EndOffsetStore(), new LagStoreOptions(), _time);
        book.Follow(new StillFeed(Guid.Empty) { Status = new OffsetsFeedStatus(isCaughtUp, null, 0) }, isResumed: false);
        book.Clocks.Look(new ClusterModel(new ClusterId("c"), 1, _time.GetUtcNow())
        {
            Brokers = [new Broker(7, "b", 9092, null, BrokerState.Active, _time.GetUtcNow(), "answers", false)],
            Partitions = new PartitionTable
            {
                TopicName = ["__consumer_offsets"],
                TopicId = [Guid.Empty],
                TopicInternal = [true],
                TopicMinInSync = [1],
                TopicStart = [0, 1],
                Topic = [0],
                Leader = [0],
                LeaderEpoch = [0],
                ReplicaStart = [0, 1],
                ReplicaBroker = [0],
                ReplicaFlags = [ReplicaFlags.InSync],
            },
        });
        book.Review();
        return book;
    }
}
