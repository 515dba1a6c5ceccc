namespace ControlPlane.Engine.Lag;

/// <summary>How much is known of a time.</summary>
public enum TimeLagKind
{
    /// <summary>There is nothing to tell it by.</summary>
    Unknown,

    /// <summary>At least so long: the record is older than the history.</summary>
    AtLeast,
    Known,
}

/// <summary>How long the next record to read has been waiting: 0 when nothing waits, never negative, never made up.</summary>
public readonly record struct TimeLag(TimeLagKind Kind, long Milliseconds)
{
    public static TimeLag None { get; } = new(TimeLagKind.Known, 0);

    public static TimeLag Unknown { get; } = new(TimeLagKind.Unknown, 0);

    /// <summary>Of a window whose end offsets have times; unknown without them.</summary>
    public static TimeLag Of(in CommitWindow window) =>
        window.CurrentLag == 0 ? None
        : window.Count == 0 || window.EndTimes.Length != window.EndOffsets.Length ? Unknown
        : new EndOffsetCurve(window.EndTimes, window.EndOffsets).LagOf(Math.Max(window.LastOffset, window.LogStartOffset), window.Now);

    /// <summary>From the timestamp of the record itself, asked for where the history is too short. A producer's clock may run ahead of ours.</summary>
    public static TimeLag OfRecord(long timestamp, long now) => timestamp < 0 ? Unknown : new(TimeLagKind.Known, Math.Max(0, now - timestamp));

    /// <summary>The later to be read of two partitions: a group waits as long as its worst one.</summary>
    public static TimeLag Worse(TimeLag x, TimeLag y) =>
        x.Kind == TimeLagKind.Unknown ? y
        : y.Kind == TimeLagKind.Unknown ? x
        : x.Milliseconds != y.Milliseconds ? (x.Milliseconds > y.Milliseconds ? x : y)
        : x.Kind == TimeLagKind.AtLeast ? x : y;

    public string Sentence => Kind switch
    {
        TimeLagKind.Unknown => "unknown",
        TimeLagKind.AtLeast => $"at least {LagSentences.Time(Milliseconds)} behind",
        _ => Milliseconds == 0 ? "nothing waits" : $"{LagSentences.Time(Milliseconds)} behind",
    };
}
