namespace ControlPlane.Engine.Lag;

/// <summary>Recognises resets that only the whole group shows.</summary>
public static class ResetRules
{
    /// <summary>Tools commit all partitions of a reset in one request.</summary>
    private const long AtOnceMs = 1_000;

    /// <summary>
    /// Turns rewinds into a reset where every partition of a topic went back at one moment although several members read it:
    /// members commit each on its own, so that only somebody from outside does that.
    /// </summary>
    /// <param name="verdicts">Of all partitions of one topic; changed in place.</param>
    /// <param name="droppedAt">When each went back, in ms.</param>
    /// <param name="members">How many members own these partitions; null where it is not known.</param>
    /// <returns>True where it was a reset.</returns>
    public static bool Recognise(Span<LagVerdict> verdicts, ReadOnlySpan<long> droppedAt, int? members)
    {
        if (verdicts.Length < 2 || !(members >= 2))
        {
            return false;
        }

        var (first, last) = (long.MaxValue, long.MinValue);
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i].Reason != LagReason.OffsetsWentBack)
            {
                return false;
            }

            (first, last) = (Math.Min(first, droppedAt[i]), Math.Max(last, droppedAt[i]));
        }

        if (last - first > AtOnceMs)
        {
            return false;
        }

        foreach (ref var verdict in verdicts)
        {
            verdict = verdict with { Status = PartitionLagStatus.Ok, Reason = LagReason.OffsetReset, SawReset = true };
        }

        return true;
    }
}
