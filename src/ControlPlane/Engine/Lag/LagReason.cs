namespace ControlPlane.Engine.Lag;

/// <summary>Why a partition has its status: the rule that decided.</summary>
public enum LagReason
{
    NoCommits,
    Incomplete,

    /// <summary>There are commits, but no end offset to compare them with.</summary>
    LagUnknown,
    WithinAllowedLag,

    /// <summary>What is left is a transaction marker, which no consumer ever reads.</summary>
    OnlyMarkers,

    /// <summary>Behind for less time than is worth telling.</summary>
    WithinAllowedTime,
    Silent,

    /// <summary>Silent for too long, and the group has no members.</summary>
    GroupEmpty,

    /// <summary>Silent, but a retained end offset shows that nothing was unread a moment ago.</summary>
    RecentlyCaughtUp,

    /// <summary>Silent for less time than it is used to, or than can be told from so few commits.</summary>
    WithinCadence,

    /// <summary>Drained its backlog and rests; what came since is not more than it has drained before.</summary>
    BatchPause,
    OffsetsWentBack,

    /// <summary>Offsets were set back from outside.</summary>
    OffsetReset,
    CaughtUpInWindow,
    OffsetsFrozen,
    LagNotFalling,
    LagGrowing,
    Progressing,

    /// <summary>Stands at the last stable offset: a transaction that does not end keeps readers of committed records from going on.</summary>
    HeldByTransaction,

    /// <summary>Retention deleted records before they were read, and there are more to read.</summary>
    DataLost,

    /// <summary>Retention deleted all that was unread.</summary>
    ExpiredUnread,

    /// <summary>Nobody reads this partition any more: topic deleted, or no member subscribes to it.</summary>
    Ghost,
}
