namespace ControlPlane.Engine.Lag;

/// <summary>What is known of one partition of a group at one moment: its last commits and the last log end offsets.</summary>
/// <remarks>Spans over flat arrays, so that a store of a million partitions is judged without copying objects. Unknown is <see cref="Unknown"/> in here.</remarks>
public readonly ref struct CommitWindow
{
    /// <summary>No value, in arrays of offsets, lags and times.</summary>
    public const long Unknown = -1;

    /// <summary>Committed offsets, oldest first; filled slots only.</summary>
    public required ReadOnlySpan<long> Offsets { get; init; }

    /// <summary>Commit timestamps in ms, one for each offset.</summary>
    public required ReadOnlySpan<long> Times { get; init; }

    /// <summary>Lag when each commit was made; unknown for commits that came late.</summary>
    public required ReadOnlySpan<long> Lags { get; init; }

    /// <summary>The last polled log end offsets, oldest first.</summary>
    public required ReadOnlySpan<long> EndOffsets { get; init; }

    /// <summary>When each end offset was polled, in ms; empty where that is not known.</summary>
    public ReadOnlySpan<long> EndTimes { get; init; }

    /// <summary>Length of the window with its empty slots.</summary>
    public required int Slots { get; init; }

    /// <summary>The moment of the judgement, in ms.</summary>
    public required long Now { get; init; }

    /// <summary>Lag now; unknown where there is no end offset or no commit.</summary>
    public required long CurrentLag { get; init; }

    /// <summary>Where the log begins; unknown unless it was asked for.</summary>
    public long LogStartOffset { get; init; } = Unknown;

    /// <summary>Where the first open transaction begins, or the log's end; unknown unless it was asked for.</summary>
    public long LastStableOffset { get; init; } = Unknown;

    /// <summary>The longest the group was seen to let records of this partition wait between commits, in ms; 0 when nothing was learned.</summary>
    public long LongestWait { get; init; }

    /// <summary>The largest lag the group was seen to come down from on this partition, in messages; 0 when nothing was learned.</summary>
    public long WorkedOff { get; init; }

    /// <summary>When nobody polled end offsets because the product was away, in ms; zeros where there was no such time.</summary>
    public (long From, long Until) Blind { get; init; }

    public PartitionUse Use { get; init; }

    public CommitWindow()
    {
    }

    public int Count => Offsets.Length;

    public long LastOffset => Offsets[^1];

    public long LastTime => Times[^1];

    /// <summary>Filled slots of all slots; as single precision, because Burrow compares and prints it so.</summary>
    public float Complete => Count == 0 ? 0 : Count >= Slots ? 1 : (float)Count / Slots;

    /// <summary>Lag of a commit against the newest end offset; a broker that looks behind counts as zero lag.</summary>
    public static long LagOf(ReadOnlySpan<long> offsets, ReadOnlySpan<long> endOffsets) =>
        offsets.IsEmpty || endOffsets.IsEmpty || endOffsets[^1] < 0 ? Unknown : Math.Max(0, endOffsets[^1] - offsets[^1]);

    /// <summary>The part of the window from one commit on.</summary>
    public CommitWindow From(int commit) => new()
    {
        Offsets = Offsets[commit..],
        Times = Times[commit..],
        Lags = Lags[commit..],
        EndOffsets = EndOffsets,
        EndTimes = EndTimes,
        Slots = Slots,
        Now = Now,
        CurrentLag = CurrentLag,
        LogStartOffset = LogStartOffset,
        LastStableOffset = LastStableOffset,
        LongestWait = LongestWait,
        WorkedOff = WorkedOff,
        Blind = Blind,
        Use = Use,
    };
}
