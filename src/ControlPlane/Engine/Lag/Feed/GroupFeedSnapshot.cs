namespace ControlPlane.Engine.Lag.Feed;

/// <summary>What a feed knows, to be stored with the position up to which it read.</summary>
public sealed record GroupFeedSnapshot(IReadOnlyList<OffsetPlace> Offsets, IReadOnlyList<GroupFactPlace> Facts)
{
    /// <summary>Of transactions that had not ended.</summary>
    public IReadOnlyList<OpenCommitPlace> Open { get; init; } = [];
}

/// <summary>A commit of a transaction that has not ended.</summary>
public readonly record struct OpenCommitPlace(long ProducerId, string Group, string Topic, int Partition, CommitRecord Commit);

/// <summary>A partition of which a group has an offset, and where the record of that offset stands.</summary>
public readonly record struct OffsetPlace(string Group, string Topic, int Partition, long RecordOffset);

/// <summary>One record of a group.</summary>
public readonly record struct GroupFactPlace(string Group, GroupRecordKey Key, GroupFact Fact);

/// <summary>How much a feed keeps of what strangers wrote.</summary>
/// <param name="MaxOpenCommits">Commits of open transactions; more are refused and counted.</param>
public readonly record struct GroupFeedLimits(int MaxOpenCommits)
{
    public static GroupFeedLimits Default { get; } = new(1_000_000);
}

/// <summary>What a feed did. Written by its one thread, read by any.</summary>
public sealed class GroupFeedCounters
{
    private long _committed;
    private long _deleted;
    private long _aborted;
    private long _older;
    private long _negative;
    private long _openCommitsRefused;

    /// <summary>Commits that count.</summary>
    public long Committed { get => Volatile.Read(ref _committed); internal set => _committed = value; }

    public long Deleted { get => Volatile.Read(ref _deleted); internal set => _deleted = value; }

    /// <summary>Commits whose transaction was aborted.</summary>
    public long Aborted { get => Volatile.Read(ref _aborted); internal set => _aborted = value; }

    /// <summary>Commits that came when a later record already counted.</summary>
    public long Older { get => Volatile.Read(ref _older); internal set => _older = value; }

    /// <summary>Commits of an offset below zero.</summary>
    public long Negative { get => Volatile.Read(ref _negative); internal set => _negative = value; }

    /// <summary>Commits of open transactions beyond the limit.</summary>
    public long OpenCommitsRefused { get => Volatile.Read(ref _openCommitsRefused); internal set => _openCommitsRefused = value; }
}
