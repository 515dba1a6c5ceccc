using System.Collections.Concurrent;
using System.Globalization;
using ControlPlane.Clusters;
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
internal sealed class LagBook(EndOffsetStore ends, LagStoreOptions options, TimeProvider time)
{
    /// <summary>A leader that moves is no reason to judge by polls; a topic that can't be read for so long is.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private IOffsetsFeed? _feed;
    private string? _defect;
    private long _wellAt;

    public EndOffsetStore Ends => ends;

    public LagShard Polled { get; } = new(options, ends);

    public LagShard Followed { get; } = new(options, ends);

    /// <summary>following, catching-up, polled, or fallback where following is wanted and not possible; and why in a sentence.</summary>
    public LagFeed Feed { get; private set; } = new("polled", "Groups are polled; commits between two polls are not seen.");

    public LagShard Shard => Feed.Word == "following" ? Followed : Polled;

    public void Follow(IOffsetsFeed feed)
    {
        (_feed, _wellAt) = (feed, time.GetTimestamp());
        Feed = new LagFeed("catching-up", "__consumer_offsets is being read; until then groups are judged by polls.");
    }

    /// <summary>Following ended by an error of ours.</summary>
    public void GiveUp(string why) => _defect = why;

    /// <summary>Looks at how following goes; before each judgement.</summary>
    public void Review()
    {
        if (_feed is not { Status: var status })
        {
            return;
        }

        _wellAt = status.Problem is null ? time.GetTimestamp() : _wellAt;
        Feed = (_defect ?? (time.GetElapsedTime(_wellAt) > Patience || (!status.IsCaughtUp && status.Problem is not null) ? status.Problem : null)) is { } problem
            ? new LagFeed("fallback", $"Groups are polled, commits between two polls are not seen: {problem}")
            : status.IsCaughtUp ? new LagFeed("following", "Every commit is read from __consumer_offsets.")
            : new LagFeed("catching-up", $"__consumer_offsets is being read{(status.Behind is { } behind ? string.Create(CultureInfo.InvariantCulture, $", {behind:N0} records to go") : "")}; until then groups are judged by polls.");
    }
}

/// <summary>Where commits come from: following, catching-up, polled or fallback.</summary>
internal sealed record LagFeed(string Word, string Sentence);
