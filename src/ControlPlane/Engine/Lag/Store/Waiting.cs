namespace ControlPlane.Engine.Lag.Store;

/// <summary>Learns how long a group usually lets the records of a partition wait between two commits, and how far its lag usually sways.</summary>
internal static class Waiting
{
    /// <summary>Called before a commit is stored. A time without anything to read is no wait.</summary>
    /// <param name="lag">When the commit was made; unknown where that is.</param>
    /// <param name="end">The newest known end of the log; below 0 where none is.</param>
    public static void Learn(Rows rows, int row, in CommitPoint commit, long lag, long end, EndOffsetStore ends, LagStoreOptions options)
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

        long longest = chunk.Learned[i].LongestWait;
        var wait = gap > longest ? Math.Min(gap, WaitOf(chunk.Topic[i], chunk.Partition[i], offset, commit.CommittedAt, ends)) : 0;
        wait = Math.Min(wait, Math.Max(options.BelievedWaitMs, 2 * longest));
        chunk.Learned[i] = chunk.Learned[i].With(wait, lag);
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
