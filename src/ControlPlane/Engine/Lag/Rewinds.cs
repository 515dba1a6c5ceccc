namespace ControlPlane.Engine.Lag;

/// <summary>Every place of a window where offsets go back, and what is to be thought of it.</summary>
/// <param name="Drop">The last commit that went back, was never made good and has no explanation; -1 for none.</param>
/// <param name="Reset">The last commit that was set back from outside; -1 for none.</param>
public readonly record struct Rewinds(int Drop, int Reset)
{
    /// <summary>Kafka refuses to reset a group that has members, so that a reset lies within a pause of its commits.</summary>
    private const int PauseGaps = 3;
    private const long LeastPauseMs = 15_000;
    private const int LeastGaps = 3;

    public static Rewinds Find(in CommitWindow window, in LagPolicy policy, in Cadence cadence)
    {
        var (drop, reset) = (-1, -1);
        var offsets = window.Offsets;
        var noise = Math.Max(policy.Floor, UsualStep(offsets));
        for (var i = 1; i < offsets.Length; i++)
        {
            if (offsets[i] >= offsets[i - 1] - noise || IsMadeGood(offsets, i))
            {
                continue;
            }

            if (IsReset(window, i, cadence))
            {
                (drop, reset) = (-1, i); // what went wrong before is undone by it
            }
            else
            {
                drop = i;
            }
        }

        return new Rewinds(drop, reset);
    }

    /// <summary>Half the messages from one commit to the next: what a new owner usually reads and commits again after a rebalance.</summary>
    private static long UsualStep(ReadOnlySpan<long> offsets)
    {
        var (read, steps) = (0L, 0);
        for (var i = 1; i < offsets.Length; i++)
        {
            read += Math.Max(0, offsets[i] - offsets[i - 1]);
            steps += offsets[i] > offsets[i - 1] ? 1 : 0;
        }

        return steps == 0 ? 0 : read / steps / 2;
    }

    private static bool IsMadeGood(ReadOnlySpan<long> offsets, int drop)
    {
        for (var i = drop + 1; i < offsets.Length; i++)
        {
            if (offsets[i] >= offsets[drop - 1])
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsReset(in CommitWindow window, int at, in Cadence cadence)
    {
        if (at == window.Count - 1 && window.Use == PartitionUse.GroupEmpty)
        {
            return true;
        }

        var (before, after) = (window.Times[at - 1], at + 1 < window.Count ? window.Times[at + 1] : window.Now);
        return cadence.Gaps >= LeastGaps && after - before > Math.Max(LeastPauseMs, 2 * PauseGaps * cadence.UsualGapMs);
    }
}
