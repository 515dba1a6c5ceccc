using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Lag;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>Which windows a cluster is judged by while following its offsets topic goes well, goes badly, or goes on from memory.</summary>
public sealed class LagBookTests
{
    private readonly FakeTime _time = new();
    private readonly StillFeed _feed = new(Guid.NewGuid());
    private readonly LagBook _book;

    public LagBookTests() => _book = new LagBook(new EndOffsetStore(), new LagStoreOptions(MinDistanceMs: 0), _time);

    [Fact]
    public void Windows_are_kept_once_and_go_on_as_polled_ones_when_following_ends()
    {
        _book.Follow(_feed, isResumed: false);
        var start = _time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var commit = 0; commit < 5; commit++)
        {
            _book.Followed.Commit("billing", "orders", 0, new CommitPoint(100 + commit, start + (commit * 1_000), 7_000_000 + commit, start + (commit * 1_000)));
        }

        Assert.Null(_book.Polled);
        Assert.Same(_book.Followed, _book.Shard);

        _feed.Status = new OffsetsFeedStatus(true, "no broker answers", 0);
        _book.Review();
        Assert.Same(_book.Followed, _book.Shard); // for a minute a problem is no reason
        _time.Advance(TimeSpan.FromMinutes(2));
        _book.Review();

        Assert.Equal("fallback", _book.Feed.Word);
        Assert.Same(_book.Polled, _book.Shard);
        Assert.Equal([100, 101, 102, 103, 104], Offsets());
        var polledAt = _time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Equal(CommitOutcome.Appended, _book.Shard.Commit("billing", "orders", 0, new CommitPoint(110, polledAt, polledAt, polledAt)));

        _feed.Status = new OffsetsFeedStatus(true, null, 0);
        _book.Review();
        Assert.Same(_book.Followed, _book.Shard);
        Assert.Equal([100, 101, 102, 103, 104], Offsets());
    }

    [Fact]
    public void What_goes_on_from_memory_is_withheld_until_it_has_caught_up()
    {
        _feed.Status = new OffsetsFeedStatus(false, null, 500);
        _book.Follow(_feed, isResumed: true);
        Assert.True(_book.IsWithheld);
        Assert.Equal("catching-up", _book.Feed.Word);
        Assert.Contains("500 records to go", _book.Feed.Sentence, StringComparison.Ordinal);

        _feed.Status = new OffsetsFeedStatus(true, null, 0);
        _book.Review();

        Assert.False(_book.IsWithheld);
    }

    [Fact]
    public void A_log_that_must_be_read_anew_after_all_is_judged_by_polls_meanwhile()
    {
        _feed.Status = new OffsetsFeedStatus(false, null, 500);
        _book.Follow(_feed, isResumed: true);

        Assert.True(_book.EndResume());
        Assert.False(_book.EndResume());

        Assert.False(_book.IsWithheld);
        Assert.Null(_book.Polled);
        _book.Review();
        Assert.NotNull(_book.Polled);
        Assert.Same(_book.Polled, _book.Shard);
    }

    private long[] Offsets()
    {
        var snapshot = new LagSnapshot();
        Assert.True(_book.Shard.TryRead("billing", snapshot));
        return snapshot.Window(0, 0).Offsets.ToArray();
    }
}
