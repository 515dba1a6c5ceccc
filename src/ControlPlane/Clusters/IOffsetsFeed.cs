namespace ControlPlane.Clusters;

/// <summary>How following the offsets topic goes.</summary>
/// <param name="IsCaughtUp">All that was there at the start has been read; before, groups are known in part only.</param>
/// <param name="Problem">Why it can't be followed, and what to do; null where it can.</param>
/// <param name="Behind">Records of the topic that are still to be read; null where that is not known.</param>
internal sealed record OffsetsFeedStatus(bool IsCaughtUp, string? Problem, long? Behind);

/// <summary>
/// Follows __consumer_offsets of one cluster. Each of its partitions has a listener of its own, called by one thread at a time;
/// those of different partitions may be called at once.
/// </summary>
internal interface IOffsetsFeed
{
    OffsetsFeedStatus Status { get; }

    /// <summary>Until cancelled; what goes wrong on the way is in <see cref="Status"/> and tried again.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
