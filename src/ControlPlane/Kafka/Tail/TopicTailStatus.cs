namespace ControlPlane.Kafka.Tail;

/// <summary>Whether a topic can be followed.</summary>
public enum TopicTailState
{
    /// <summary>Not looked up yet.</summary>
    Starting,

    /// <summary>The cluster has no such topic: for the offsets topic, nobody has committed yet.</summary>
    NoTopic,

    /// <summary>Our principal may not describe or read it.</summary>
    Unauthorized,

    /// <summary>No broker answers.</summary>
    Unreachable,

    Following,
}

/// <summary>How far following has come.</summary>
/// <param name="State">Whether it can be followed at all.</param>
/// <param name="Problem">What is wrong and what to do; null where all is well.</param>
/// <param name="Partitions">One entry each, in their order.</param>
public sealed record TopicTailStatus(TopicTailState State, string? Problem, IReadOnlyList<PartitionTailStatus> Partitions)
{
    /// <summary>Everything that was there at the start has been read, in every partition.</summary>
    public bool IsCaughtUp => State == TopicTailState.Following && Partitions.Count > 0 && Partitions.All(partition => partition.IsCaughtUp);
}

/// <summary>How far one partition has come.</summary>
/// <param name="Partition">Its index.</param>
/// <param name="LeaderId">The broker that is asked; null where none is known.</param>
/// <param name="Position">The next offset wanted; null before the log was first asked.</param>
/// <param name="EndAtStart">Where the log ended when following began, or began again.</param>
/// <param name="HighWatermark">Where the log ended at the last answer.</param>
/// <param name="IsCaughtUp">The position has reached <paramref name="EndAtStart"/>.</param>
/// <param name="Problem">Why it does not come on; null where it does.</param>
public sealed record PartitionTailStatus(int Partition, int? LeaderId, long? Position, long? EndAtStart, long? HighWatermark, bool IsCaughtUp, string? Problem);

/// <summary>What following has done so far.</summary>
public sealed class TopicTailCounters
{
    private long _fetches;
    private long _bytes;
    private long _failures;
    private long _restarts;

    /// <summary>Fetches answered.</summary>
    public long Fetches => Volatile.Read(ref _fetches);

    /// <summary>Of record batches, as they came.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Fetches, or partitions of them, that were refused or not answered.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Partitions begun again because their place in the log was gone.</summary>
    public long Restarts => Volatile.Read(ref _restarts);

    internal void CountFetch(long bytes)
    {
        Interlocked.Increment(ref _fetches);
        Interlocked.Add(ref _bytes, bytes);
    }

    internal void CountFailure() => Interlocked.Increment(ref _failures);

    internal void CountRestart() => Interlocked.Increment(ref _restarts);
}
