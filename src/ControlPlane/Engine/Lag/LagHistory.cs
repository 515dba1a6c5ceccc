namespace ControlPlane.Engine.Lag;

/// <summary>Questions to a window that our own rules ask.</summary>
internal static class LagHistory
{
    /// <summary>A pause is explained by what was drained before it; how many times as much may come until it is not.</summary>
    private const int DrainedTimes = 3;

    /// <summary>The same for one that reads so much faster than is written that it can't be used to reading all the time. The window shows only the end of its run.</summary>
    private const int FastTimes = 30;
    private const int Fast = 3;

    private const int LeastFrozen = 4;
    private const int LeastKnownLags = 3;
    private const int MostLags = 64;
    private const int LastRise = 3;

    /// <summary>So much of the growth lies outside its two largest steps.</summary>
    private const int SpreadShare = 4;

    /// <summary>So many lags that never fall are a trend by themselves.</summary>
    private const int TrendLags = 7;

    /// <summary>Work that is done in this time is no trouble yet, however it came about.</summary>
    private const long LeastWorkMs = 30_000;

    /// <summary>Lag that sways is no news where the group came down from as much before; more work than this always is.</summary>
    private const long SwayMs = 120_000;

    /// <summary>How long records have been waiting without a commit: since the last commit, or since there was something to read if that came later.</summary>
    public static long WaitingMs(in CommitWindow window)
    {
        var silence = window.Now - window.LastTime;
        if (window.EndTimes.Length != window.EndOffsets.Length)
        {
            return silence;
        }

        var curve = new EndOffsetCurve(window.EndTimes, window.EndOffsets);
        var lag = curve.LeastLagOf(window.LastOffset, window.Now);
        return lag.Kind != TimeLagKind.Known ? silence
            : IsOfBlindTime(window, curve) ? Math.Min(silence, Math.Min(lag.Milliseconds, Math.Max(0, window.Now - window.Blind.Until)))
            : Math.Min(silence, lag.Milliseconds);
    }

    /// <summary>What waits was written while nobody of us looked: when is not known, and an absence of ours is no silence of theirs.</summary>
    private static bool IsOfBlindTime(in CommitWindow window, in EndOffsetCurve curve) =>
        window.Blind.Until > 0 && curve.EndBefore(window.Blind.From) <= window.LastOffset && curve.EndBefore(window.Blind.Until) >= window.LastOffset;

    /// <summary>Nothing was unread when some retained end offset was polled. Only asked where polls have no times; with times, waiting is measured.</summary>
    public static bool WasCaughtUp(in CommitWindow window)
    {
        if (window.EndTimes.Length == window.EndOffsets.Length)
        {
            return false;
        }

        foreach (var end in window.EndOffsets)
        {
            if (end <= window.LastOffset)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A batch: lag fell to nothing over the window, and since then no more than a few times as much has come.</summary>
    public static bool IsDrained(in CommitWindow window, long lag, in LagPolicy policy)
    {
        var (first, last) = (CommitWindow.Unknown, CommitWindow.Unknown);
        foreach (var known in window.Lags)
        {
            if (known < 0)
            {
                continue;
            }

            if (first < 0)
            {
                first = known;
            }
            else if (known > last + Math.Max(policy.Floor, first / 20))
            {
                return false; // it rose on the way
            }

            last = known;
        }

        return first > policy.Floor && last <= Math.Max(policy.Floor, first / 20) && lag / (IsFast(window) ? FastTimes : DrainedTimes) <= first;
    }

    /// <summary>Read several times what was written meanwhile. Where the log ended at a commit is its offset and its lag.</summary>
    private static bool IsFast(in CommitWindow window)
    {
        var (read, lag) = (window.LastOffset - window.Offsets[0], window.Lags[^1] - window.Lags[0]);
        return window.Lags[0] >= 0 && window.Lags[^1] >= 0 && read > 0 && read >= Fast * (read + lag);
    }

    /// <summary>The last commits repeat one offset, with something left to read at each of them, for long enough.</summary>
    public static bool IsFrozen(in CommitWindow window, in LagPolicy policy)
    {
        var first = window.Count - 1;
        while (first > 0 && window.Offsets[first - 1] == window.LastOffset && !(window.Lags[first - 1] >= 0 && window.Lags[first - 1] <= policy.Floor))
        {
            first--;
        }

        var isBehind = window.Lags[^1] < 0 || window.Lags[^1] > policy.Floor;
        return isBehind && window.Count - first >= LeastFrozen && window.LastTime - window.Times[first] >= policy.StallMs && !WasCaughtUp(window);
    }

    /// <summary>How much lag grew over the window where that is a trend and worth telling; 0 otherwise.</summary>
    public static long Growth(in CommitWindow window, long lag, in Cadence cadence)
    {
        Span<long> known = stackalloc long[MostLags];
        known = known[..Smoothed(window, known)];
        var count = known.Length;
        var read = window.LastOffset - window.Offsets[0];
        var span = window.LastTime - window.Times[0];
        if (count < LeastKnownLags || read <= 0 || span <= 0)
        {
            return 0;
        }

        var (isSteady, workMs) = (NeverFalls(known) && count >= TrendLags && known[^1] >= 2 * known[0], (double)known[^1] * span / read);
        var least = isSteady ? LeastWorkMs / 2 : Math.Max(LeastWorkMs, 2 * cadence.UsualGapMs);
        var isNews = workMs > SwayMs || known[^1] > window.WorkedOff + (window.WorkedOff / 4);
        return workMs > least && isNews && lag > known[0] && IsSpread(known) && (isSteady || IsHigherLater(known, lag)) ? known[^1] - known[0] : 0;
    }

    /// <summary>
    /// Lags at the commits, each averaged with the one before. Polls are rarer than the commits of most groups, so that the lag falls from poll to
    /// poll whatever the consumer does.
    /// </summary>
    private static int Smoothed(in CommitWindow window, Span<long> to)
    {
        var (count, last) = (0, CommitWindow.Unknown);
        for (var i = Math.Max(0, window.Count - to.Length); i < window.Count; i++)
        {
            var lag = window.Lags[i];
            if (lag >= 0 && last >= 0)
            {
                to[count++] = last + ((lag - last) / 2);
            }

            last = lag >= 0 ? lag : last;
        }

        return count;
    }

    public static bool IsWithin(ReadOnlySpan<long> lags, long floor)
    {
        foreach (var lag in lags)
        {
            if (lag >= 0 && lag <= floor)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A burst of records is one rise (two, averaged); a consumer that is too slow falls behind all the time.</summary>
    private static bool IsSpread(ReadOnlySpan<long> lags)
    {
        var (largest, second) = (0L, 0L);
        for (var i = 1; i < lags.Length; i++)
        {
            var rise = lags[i] - lags[i - 1];
            (largest, second) = rise > largest ? (rise, largest) : (largest, Math.Max(second, rise));
        }

        var growth = lags[^1] - lags[0];
        return growth - largest - second >= growth / SpreadShare;
    }

    private static bool NeverFalls(ReadOnlySpan<long> lags)
    {
        for (var i = 1; i < lags.Length; i++)
        {
            if (lags[i] < lags[i - 1])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The middle of the later half lies above everything in the earlier half, and it is not coming down from a single burst.</summary>
    private static bool IsHigherLater(Span<long> lags, long lag)
    {
        var half = lags.Length / 2;
        var highest = 0L;
        foreach (var early in lags[..half])
        {
            highest = Math.Max(highest, early);
        }

        Span<long> later = stackalloc long[lags.Length - half];
        lags[half..].CopyTo(later);
        later.Sort();
        var middle = later[later.Length / 2];
        return middle > highest && lag >= middle && lags[^1] > lags[0] && NeverFalls(lags[^LastRise..]);
    }
}
