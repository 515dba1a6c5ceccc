namespace ControlPlane.Engine.Lag.Store;

/// <summary>Learns how long a group usually lets the records of a partition wait between two commits.</summary>
internal static class Waiting
{
    /// <summary>What is learned fades by this power of two with each commit.</summary>
    private const int Fading = 12;

    /// <summary>Called before a commit is stored. A time without anything to read is no wait.</summary>
    public static void Learn(Rows rows, int row, in CommitPoint commit, long end, EndOffsetStore ends, LagStoreOptions options)
    {
        var (chunk, i) = (rows.ChunkOf(row), row & RowChunk.Mask);
        if (chunk.Count[i] == 0 || end < 0)
        {
            return;
        }

        var newest = (i * rows.Slots) + ((chunk.Head[i] + chunk.Count[i] - 1) % rows.Slots);
        var (offset, gap) = (chunk.Offsets[newest], commit.Timestamp - chunk.BaseTime[i] - chunk.Times[newest]);
        if (end <= offset || gap <= 0)
        {
            return;
        }

        long longest = chunk.LongestWait[i];
        var wait = gap > longest ? Math.Min(gap, WaitOf(chunk.Topic[i], chunk.Partition[i], offset, commit.CommittedAt, ends)) : 0;
        wait = Math.Min(wait, Math.Max(options.BelievedWaitMs, 2 * longest));
        chunk.LongestWait[i] = (uint)Math.Min(uint.MaxValue, Math.Max(wait, longest - (longest >> Fading)));
    }

    private static long WaitOf(int topic, int partition, long offset, long time, EndOffsetStore ends)
    {
        Span<long> times = stackalloc long[ends.Points];
        Span<long> offsets = stackalloc long[ends.Points];
        var count = ends.Read(topic, partition, times, offsets, out _);
        var lag = new EndOffsetCurve(times[..count], offsets[..count]).LeastLagOf(offset, time);
        return lag.Kind == TimeLagKind.Known ? lag.Milliseconds : long.MaxValue;
    }
}
