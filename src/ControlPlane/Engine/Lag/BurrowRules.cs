namespace ControlPlane.Engine.Lag;

/// <summary>Burrow's judgement of one partition, rule by rule and in its order.</summary>
public static class BurrowRules
{
    private const float Sure = 1;

    /// <summary>The first rule that holds decides.</summary>
    /// <param name="allowedLag">Messages behind that are no lag.</param>
    /// <param name="minimumComplete">Windows filled less than this are OK unseen; Burrow compares in single precision.</param>
    public static LagVerdict Judge(in CommitWindow window, long allowedLag = 0, float minimumComplete = 0)
    {
        var lag = window.CurrentLag;
        if (window.Count == 0)
        {
            return new LagVerdict(PartitionLagStatus.Ok, LagReason.NoCommits, 0, lag, 0);
        }

        if (window.Complete < minimumComplete)
        {
            return Found(window, PartitionLagStatus.Ok, LagReason.Incomplete);
        }

        if (lag < 0)
        {
            return Found(window, PartitionLagStatus.Ok, LagReason.LagUnknown) with { Confidence = 0 };
        }

        return lag <= allowedLag ? Found(window, PartitionLagStatus.Ok, LagReason.WithinAllowedLag) : JudgeLag(window, allowedLag);
    }

    private static LagVerdict JudgeLag(in CommitWindow window, long allowedLag)
    {
        var (silence, span) = (TruncatedNow(window.Now) - window.LastTime, window.LastTime - window.Times[0]);
        if (silence > span && !WasCaughtUp(window))
        {
            return Found(window, PartitionLagStatus.Stop, LagReason.Silent) with { SilenceMs = silence, AllowedMs = span };
        }

        // Only the first drop is looked at: a later one is missed when the first was made good.
        var drop = FirstDrop(window.Offsets);
        if (drop > 0 && !IsRecovered(window.Offsets, drop))
        {
            return Found(window, PartitionLagStatus.Rewind, LagReason.OffsetsWentBack) with
            {
                DropAt = drop,
                Amount = window.Offsets[drop - 1] - window.Offsets[drop],
            };
        }

        if (HasLagWithin(window.Lags, allowedLag))
        {
            return Found(window, PartitionLagStatus.Ok, silence > span ? LagReason.RecentlyCaughtUp : LagReason.CaughtUpInWindow);
        }

        if (AreAllEqual(window.Offsets))
        {
            return Found(window, PartitionLagStatus.Stall, LagReason.OffsetsFrozen);
        }

        return NeverFalls(window.Lags)
            ? Found(window, PartitionLagStatus.Warn, LagReason.LagNotFalling)
            : Found(window, PartitionLagStatus.Ok, LagReason.Progressing);
    }

    /// <summary>Burrow's clock has whole seconds; it rounds down.</summary>
    private static long TruncatedNow(long now) => now - (((now % 1000) + 1000) % 1000);

    /// <summary>Some retained end offset was no further than the last commit: plain zero lag, whatever lag is allowed.</summary>
    private static bool WasCaughtUp(in CommitWindow window)
    {
        foreach (var end in window.EndOffsets)
        {
            if (end <= window.LastOffset)
            {
                return true;
            }
        }

        return false;
    }

    private static int FirstDrop(ReadOnlySpan<long> offsets)
    {
        for (var i = 1; i < offsets.Length; i++)
        {
            if (offsets[i] < offsets[i - 1])
            {
                return i;
            }
        }

        return -1;
    }

    private static bool IsRecovered(ReadOnlySpan<long> offsets, int drop)
    {
        for (var i = drop; i < offsets.Length; i++)
        {
            if (offsets[i] >= offsets[drop - 1])
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasLagWithin(ReadOnlySpan<long> lags, long allowedLag)
    {
        foreach (var lag in lags)
        {
            if (lag >= 0 && lag <= allowedLag)
            {
                return true;
            }
        }

        return false;
    }

    private static bool AreAllEqual(ReadOnlySpan<long> offsets) => !offsets.ContainsAnyExcept(offsets[0]);

    /// <summary>From one known lag to the next; true where none or one is known.</summary>
    private static bool NeverFalls(ReadOnlySpan<long> lags)
    {
        var last = CommitWindow.Unknown;
        foreach (var lag in lags)
        {
            if (lag < 0)
            {
                continue;
            }

            if (lag < last)
            {
                return false;
            }

            last = lag;
        }

        return true;
    }

    private static LagVerdict Found(in CommitWindow window, PartitionLagStatus status, LagReason reason) =>
        new(status, reason, window.Complete, window.CurrentLag, Sure);
}
