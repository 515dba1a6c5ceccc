namespace ControlPlane.Kafka.Tail;

/// <summary>A place in a partition's log.</summary>
/// <param name="Offset">The next record wanted.</param>
/// <param name="LeaderEpoch">Of the last batch before it; -1: not known, and not compared.</param>
public readonly record struct TailPlace(long Offset, int LeaderEpoch = -1);

/// <summary>Which topic is followed, and how much is asked for at once.</summary>
public sealed record TopicTailOptions
{
    public const string OffsetsTopic = "__consumer_offsets";

    public string Topic { get; init; } = OffsetsTopic;

    /// <summary>Of one answer of one broker; also bounds the memory that following takes.</summary>
    public int MaxBytes { get; init; } = 16 * 1024 * 1024;

    public int MaxPartitionBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>How long a broker holds the question while there is nothing new: the most that news is late.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Partitions of one answer that are decoded at the same time.</summary>
    public int Parallelism { get; init; } = Math.Max(1, Environment.ProcessorCount);

    /// <summary>How often leaders and partitions are looked up where nothing says that they changed.</summary>
    public TimeSpan RefreshEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Partitions that are followed; null: all of them.</summary>
    public Func<int, bool>? Only { get; init; }

    /// <summary>Awaited before each fetch: until what was fetched before has gone on.</summary>
    public Func<CancellationToken, ValueTask>? Room { get; init; }

    /// <summary>Where to go on, by partition; the others begin at the beginning.</summary>
    public IReadOnlyDictionary<int, TailPlace> Positions { get; init; } = new Dictionary<int, TailPlace>();

    /// <summary>The topic that these are positions of; zero: not known.</summary>
    public Guid PositionsOf { get; init; }
}
