namespace ControlPlane.Engine.Lag.Store;

/// <summary>One commit as it was read.</summary>
/// <param name="Timestamp">When the group committed, in ms, by the broker.</param>
/// <param name="Order">Place of the record in its partition of __consumer_offsets: what came later is newer, whatever its timestamp says.</param>
/// <param name="ObservedAt">When we read it, in ms.</param>
public readonly record struct CommitPoint(long Offset, long Timestamp, long Order, long ObservedAt)
{
    /// <summary>How far our clock is ahead of the broker's, in ms; 0 where that is not known.</summary>
    public long SkewMs { get; init; }

    /// <summary>When the group committed, by our clock.</summary>
    public long CommittedAt => Timestamp + SkewMs;
}

/// <summary>What became of a commit.</summary>
public enum CommitOutcome
{
    Appended,

    /// <summary>Took the place of the commit just before it.</summary>
    Merged,

    /// <summary>Came late and was put where it belongs.</summary>
    Inserted,
    Duplicate,

    /// <summary>Older than all that is kept.</summary>
    TooOld,

    /// <summary>Older than the tombstone of its partition.</summary>
    Deleted,
}

/// <summary>The latest commit of one partition of a group; <paramref name="Order"/> is its record's.</summary>
public readonly record struct LatestCommit(string Topic, int Partition, long Offset, long Order);
