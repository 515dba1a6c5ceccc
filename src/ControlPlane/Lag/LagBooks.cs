using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Judging;
using ControlPlane.Engine.Lag.Store;
using ControlPlane.Engine.Model;

namespace ControlPlane.Lag;

/// <summary>The commits and end offsets that this process keeps of the clusters it owns, for whoever wants the evidence behind a judgement.</summary>
internal sealed class LagBooks
{
    private readonly ConcurrentDictionary<ClusterId, LagBook> _books = new();

    public LagBook? Find(ClusterId cluster) => _books.GetValueOrDefault(cluster);

    public void Open(ClusterId cluster, LagBook book) => _books[cluster] = book;

    /// <summary>Only the book that was opened: another owner of this process may have opened a newer one.</summary>
    public void Close(ClusterId cluster, LagBook book) => _books.TryRemove(new(cluster, book));
}

/// <summary>What is kept of one cluster: what was polled, what was followed, and which of the two is believed now.</summary>
internal sealed class LagBook : IKnownCommits
{
    /// <summary>A leader that moves is no reason to judge by polls; a topic that can't be read for so long is.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private IOffsetsFeed? _feed;
    private string? _defect;
    private long _wellAt;

    public LagBook(EndOffsetStore ends, LagStoreOptions options, TimeProvider time)
    {
        (_time, Ends, Polled, Followed) = (time, ends, new LagShard(options, ends), new LagShard(options, ends));
        Comparison = new CommitComparison(Followed);
    }

    public EndOffsetStore Ends { get; }

    public LagShard Polled { get; }

    public LagShard Followed { get; }

    /// <summary>What was followed, held against what coordinators say now and then.</summary>
    public CommitComparison Comparison { get; }

    /// <summary>following, catching-up, polled, or fallback where following is wanted and not possible; and why in a sentence.</summary>
    public LagFeed Feed { get; private set; } = new("polled", "Groups are polled; commits between two polls are not seen.");

    public LagShard Shard => AreFollowed ? Followed : Polled;

    public bool AreFollowed => Feed.Word == "following";

    public void Follow(IOffsetsFeed feed) => (_feed, _wellAt) = (feed, _time.GetTimestamp());

    /// <summary>Following ended by an error of ours.</summary>
    public void GiveUp(string why) => _defect = why;

    public ImmutableArray<CommittedOffset> Of(string group, ImmutableArray<CommittedOffset> asked) => Comparison.Merge(group, asked);

    public bool Differs(string group, ImmutableArray<CommittedOffset>? before, ImmutableArray<CommittedOffset> asked, Func<string, bool> isVisible) =>
        Comparison.Check(group, before, asked, isVisible, _time.GetUtcNow().ToUnixTimeMilliseconds());

    public void Gone(string group) => Comparison.Gone(group);

    /// <summary>Looks at how following goes; before each judgement.</summary>
    public void Review()
    {
        if (_feed is not { Status: var status })
        {
            return;
        }

        _wellAt = status.Problem is null ? _time.GetTimestamp() : _wellAt;
        Feed = (_defect ?? (_time.GetElapsedTime(_wellAt) > Patience || (!status.IsCaughtUp && status.Problem is not null) ? status.Problem : null)) is { } problem
            ? new LagFeed("fallback", $"Groups are polled, commits between two polls are not seen: {problem}")
            : status.IsCaughtUp ? new LagFeed("following", "Every commit is read from __consumer_offsets.")
            : new LagFeed("catching-up", $"__consumer_offsets is being read{(status.Behind is { } behind ? string.Create(CultureInfo.InvariantCulture, $", {behind:N0} records to go") : "")}; until then groups are judged by polls.");
    }
}

/// <summary>Where commits come from: following, catching-up, polled or fallback.</summary>
internal sealed record LagFeed(string Word, string Sentence);
