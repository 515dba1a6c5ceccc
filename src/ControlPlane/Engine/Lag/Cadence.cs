namespace ControlPlane.Engine.Lag;

/// <summary>How often a group commits a partition, learned from the window, and the silence that is therefore in order; in ms.</summary>
public readonly record struct Cadence(long UsualGapMs, long LongestGapMs, int Gaps, long AllowedMs)
{
    private const int MostGaps = 64;

    /// <summary>Beyond this share of the usual gap the cadence is irregular.</summary>
    private const int Irregular = 3;

    /// <summary>What a missed commit takes beyond its time.</summary>
    private const long MissedMs = 30_000;

    public static Cadence Of(in CommitWindow window, in LagPolicy policy)
    {
        Span<long> gaps = stackalloc long[MostGaps];
        var count = Math.Min(window.Count - 1, MostGaps);
        if (count <= 0)
        {
            return new Cadence(0, 0, 0, policy.UnknownCadenceMs);
        }

        gaps = gaps[..count];
        var curve = window.EndTimes.Length == window.EndOffsets.Length ? new EndOffsetCurve(window.EndTimes, window.EndOffsets) : default;
        var first = window.Count - 1 - count;
        for (var i = 0; i < count; i++)
        {
            gaps[i] = GapAfter(window, curve, first + i);
        }

        gaps.Sort();
        var (usual, longest) = (gaps[count / 2], gaps[^1]);
        return new Cadence(usual, longest, count, Allowed(window, policy, usual, longest, count));
    }

    /// <summary>Time between two commits in which there was something to read, where the curve of end offsets can tell.</summary>
    private static long GapAfter(in CommitWindow window, in EndOffsetCurve curve, int commit)
    {
        var gap = Math.Max(0, window.Times[commit + 1] - window.Times[commit]);
        var wait = curve.IsEmpty ? TimeLag.Unknown : curve.LeastLagOf(window.Offsets[commit], window.Times[commit + 1]);
        return wait.Kind == TimeLagKind.Known && wait.Milliseconds > 0 ? Math.Min(gap, wait.Milliseconds) : gap;
    }

    private static long Allowed(in CommitWindow window, in LagPolicy policy, long usual, long longest, int gaps)
    {
        var learned = gaps == 1 ? Math.Max(policy.FirstGapMs, Irregular * longest)
            : longest > Irregular * usual ? 2 * longest
            : Math.Max(2 * usual, longest + (longest / 2)) + MissedMs; // a deploy may cost one commit
        return Math.Max(Math.Max(policy.LeastSilenceMs, learned), window.LongestWait + (window.LongestWait / 2));
    }
}
