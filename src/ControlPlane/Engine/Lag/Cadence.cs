namespace ControlPlane.Engine.Lag;

/// <summary>How often a group commits a partition, learned from the window, and the silence that is therefore in order; in ms.</summary>
public readonly record struct Cadence(long UsualGapMs, long LongestGapMs, int Gaps, long AllowedMs)
{
    private const int MostGaps = 64;

    /// <summary>So many waits are worth more than the gaps of one window, which also count the time in which there was nothing to read.</summary>
    private const int TrustedWaits = 10;

    /// <summary>Beyond this share of the usual gap the cadence is irregular.</summary>
    private const int Irregular = 3;

    public static Cadence Of(in CommitWindow window, in LagPolicy policy)
    {
        Span<long> gaps = stackalloc long[MostGaps];
        var count = Math.Min(window.Count - 1, MostGaps);
        if (count <= 0)
        {
            return new Cadence(0, 0, 0, Math.Max(policy.UnknownCadenceMs, 2 * window.LongestWait));
        }

        gaps = gaps[..count];
        var first = window.Count - 1 - count;
        for (var i = 0; i < count; i++)
        {
            gaps[i] = Math.Max(0, window.Times[first + i + 1] - window.Times[first + i]);
        }

        gaps.Sort();
        var (usual, longest) = (gaps[count / 2], gaps[^1]);
        return new Cadence(usual, longest, count, Allowed(window, policy, usual, longest, count));
    }

    private static long Allowed(in CommitWindow window, in LagPolicy policy, long usual, long longest, int gaps)
    {
        if (window.Waits >= TrustedWaits)
        {
            return Math.Max(policy.LeastSilenceMs, 2 * window.LongestWait);
        }

        var learned = gaps == 1 ? Math.Max(policy.FirstGapMs, Irregular * longest)
            : longest > Irregular * usual ? 2 * longest
            : Math.Max(2 * usual, longest + (longest / 2));
        return Math.Max(Math.Max(policy.LeastSilenceMs, learned), 2 * window.LongestWait);
    }
}
