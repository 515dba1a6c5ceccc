using ControlPlane.Engine.Lag.Feed;

namespace ControlPlane.Clusters;

/// <summary>How following the offsets topic goes.</summary>
/// <param name="IsCaughtUp">All that was there at the start has been read; before, groups are known in part only.</param>
/// <param name="Problem">Why it can't be followed, and what to do; null where it can.</param>
/// <param name="Behind">Records of the topic that are still to be read; null where that is not known.</param>
internal sealed record OffsetsFeedStatus(bool IsCaughtUp, string? Problem, long? Behind)
{
    /// <summary>What is read now has just been written; not so for a moment after somebody else went on with a partition.</summary>
    public bool IsLive { get; init; } = IsCaughtUp;

    /// <summary>Other processes that read partitions of it for this one.</summary>
    public IReadOnlyList<OffsetsReader> Others { get; init; } = [];

    /// <summary>Of the topic, where that is known.</summary>
    public int Partitions { get; init; }
}

/// <summary>Another process, by its address, and how many partitions of the offsets topic it reads for this one.</summary>
internal sealed record OffsetsReader(string Name, int Partitions);

/// <summary>Where to go on with one partition of the offsets topic, and what was known there.</summary>
internal sealed record OffsetsPosition(int Partition, long Offset, GroupFeedSnapshot Groups)
{
    /// <summary>Of the offsets topic, where it was known: another topic of that name has other records at these offsets.</summary>
    public Guid TopicId { get; init; }

    /// <summary>Of the last batch read: a log that lost it to another leader says so when it is asked to go on here. -1: not known.</summary>
    public int LeaderEpoch { get; init; } = -1;
}

/// <summary>
/// Follows __consumer_offsets of one cluster. Each of its partitions has a listener of its own, called by one thread at a time;
/// those of different partitions may be called at once.
/// </summary>
internal interface IOffsetsFeed
{
    OffsetsFeedStatus Status { get; }

    /// <summary>Of the topic that is followed; zero before it was looked up, and where brokers give topics no id.</summary>
    Guid TopicId { get; }

    /// <summary>Records read since the start.</summary>
    long Records { get; }

    /// <summary>How far each partition was read.</summary>
    IReadOnlyList<(int Partition, long Position)> Positions { get; }

    /// <summary>Hands out where a partition is, while its listener is told nothing; false where that is not known, or is being proven anew.</summary>
    bool TryCapture(int partition, Action<OffsetsPosition> take);

    /// <summary>Until cancelled; what goes wrong on the way is in <see cref="Status"/> and tried again.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
