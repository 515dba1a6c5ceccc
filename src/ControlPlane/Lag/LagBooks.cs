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

    public IReadOnlyCollection<KeyValuePair<ClusterId, LagBook>> All => [.. _books];

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

    /// <summary>Until clocks have been compared, and a consumer that lives has committed once.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    private readonly LagStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly long _openedAt;
    private readonly Lock _gate = new();
    private IOffsetsFeed? _feed;
    private string? _defect;
    private long _wellAt;
    private int _resuming;

    public LagBook(EndOffsetStore ends, LagStoreOptions options, TimeProvider time)
    {
        (_options, _time, _openedAt, Ends) = (options, time, time.GetTimestamp(), ends);
        (Followed, Shares, Stable) = (new LagShard(options, ends), new LagShard(options, ends), new StableOffsets(time));
        Comparison = new CommitComparison(Followed);
    }

    public EndOffsetStore Ends { get; }

    /// <summary>Null while every commit is followed, or soon will be: windows are kept once.</summary>
    public LagShard? Polled { get; private set; }

    public LagShard Followed { get; }

    /// <summary>What was followed, held against what coordinators say now and then.</summary>
    public CommitComparison Comparison { get; }

    /// <summary>Of share groups: they commit nothing, and are polled whatever is followed.</summary>
    public LagShard Shares { get; }

    /// <summary>following, catching-up, polled, or fallback where following is wanted and not possible; and why in a sentence.</summary>
    public LagFeed Feed { get; private set; } = new("polled", "Groups are polled; commits between two polls are not seen.");

    public BrokerClocks Clocks { get; } = new();

    public RebalanceCount Rebalances { get; } = new();

    public StableOffsets Stable { get; }

    /// <summary>Null where nobody asks for them.</summary>
    public CommitCounts? Commits { get; init; }

    /// <summary>Judgements of the first minute, or made while commits are still being read, are worth a look, and neither an alarm nor the end of one.</summary>
    public bool IsSettled => _time.GetElapsedTime(_openedAt) > Settling && Feed.Word != "catching-up";

    /// <summary>Of groups that commit: what is believed now.</summary>
    public LagShard Shard => Polled ?? Followed;

    public bool AreFollowed => Feed.Word == "following";

    /// <summary>Who reads how many partitions of the offsets topic; null is this process.</summary>
    public IEnumerable<(string? Reader, int Partitions)> Readers =>
        _feed?.Status is { Partitions: > 0 } status ? [(null, status.Partitions - status.Others.Sum(one => one.Partitions)), .. status.Others.Select(one => (one.Name, one.Partitions))] : [];

    /// <summary>Records of the offsets topic that were read.</summary>
    public long Records => _feed?.Records ?? 0;

    /// <summary>
    /// Nothing is judged yet: the windows of an earlier owner are here, what was committed since is being read, and a judgement by polls alone
    /// would take back what was known.
    /// </summary>
    public bool IsWithheld => Volatile.Read(ref _resuming) != 0 && Feed.Word == "catching-up";

    /// <summary>From now on it matters how following goes; <paramref name="isResumed"/>: it goes on from what an earlier owner knew.</summary>
    public void Follow(IOffsetsFeed feed, bool isResumed)
    {
        (_wellAt, _resuming) = (_time.GetTimestamp(), isResumed ? 1 : 0);
        _feed = feed;
        Review();
    }

    /// <summary>It has to read all of something after all; whether this is the first that is heard of it.</summary>
    public bool EndResume() => Interlocked.Exchange(ref _resuming, 0) != 0;

    /// <summary>Following ended by an error of ours.</summary>
    public void GiveUp(string why) => _defect = why;

    /// <summary>From now on polls tell commits, beginning with the windows that were followed. Any thread may call.</summary>
    public void KeepPolled()
    {
        lock (_gate)
        {
            if (Polled is null)
            {
                var polled = new LagShard(_options, Ends);
                polled.TakeOver(Followed, Clocks.SkewOf);
                Polled = polled;
            }
        }
    }

    /// <summary>The polled windows of an earlier owner, to be filled: what it had polled last is newer than what it had followed before.</summary>
    public LagShard RecallPolled()
    {
        lock (_gate)
        {
            return Polled ??= new LagShard(_options, Ends);
        }
    }

    public ImmutableArray<CommittedOffset> Of(string group, ImmutableArray<CommittedOffset> asked) => Comparison.Merge(group, asked);

    public bool Differs(string group, ImmutableArray<CommittedOffset>? before, ImmutableArray<CommittedOffset> asked, Func<string, bool> isVisible) =>
        Comparison.Check(group, before, asked, isVisible, _time.GetUtcNow().ToUnixTimeMilliseconds());

    public void Gone(string group) => Comparison.Gone(group);

    /// <summary>Looks at how following goes; before each judgement.</summary>
    public void Review()
    {
        Look();
        if (Feed.Word == "following")
        {
            lock (_gate)
            {
                Polled = null;
            }
        }
        else if (!IsWithheld)
        {
            KeepPolled();
        }
    }

    private void Look()
    {
        if (_feed is not { Status: var status })
        {
            return;
        }

        Clocks.IsLive = status.IsLive;
        _wellAt = status.Problem is null ? _time.GetTimestamp() : _wellAt;
        Feed = (_defect ?? (_time.GetElapsedTime(_wellAt) > Patience || (!status.IsCaughtUp && status.Problem is not null && Volatile.Read(ref _resuming) == 0) ? status.Problem : null)) is { } problem
            ? new LagFeed("fallback", $"Groups are polled, commits between two polls are not seen: {problem}")
            : status.IsCaughtUp ? new LagFeed("following", $"Every commit is read from __consumer_offsets{Shared(status)}.")
            : new LagFeed("catching-up", $"__consumer_offsets is being read{(status.Behind is { } behind ? string.Create(CultureInfo.InvariantCulture, $", {behind:N0} records to go") : "")}; until then {(Volatile.Read(ref _resuming) != 0 ? "groups keep their last judgement" : "groups are judged by polls")}.");
    }

    private static string Shared(OffsetsFeedStatus status) => status.Others.Count == 0 ? ""
        : $"; of its {status.Partitions} partitions {string.Join(" and ", status.Others.Select(one => $"{one.Partitions} by the process at {one.Name}"))}";
}

/// <summary>Where commits come from: following, catching-up, polled or fallback.</summary>
internal sealed record LagFeed(string Word, string Sentence);
