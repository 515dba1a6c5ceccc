namespace ControlPlane.Kafka.Records;

/// <summary>What a partition's answer to one fetch came to.</summary>
/// <param name="NextOffset">From where to fetch next.</param>
/// <param name="StoppedAtBroken">A batch with a wrong checksum was left for another try.</param>
/// <param name="LeaderEpoch">Of the last batch before the next offset; -1: not known; null: there was none.</param>
public readonly record struct ChunkOutcome(long NextOffset, bool StoppedAtBroken, int? LeaderEpoch = null);

/// <summary>All batches of one fetch and partition, in one pass.</summary>
public static class RecordChunk
{
    /// <summary>
    /// Hands all records from <paramref name="fromOffset"/> on to the visitor. Never throws. A wrong checksum can come from the
    /// way here: unless <paramref name="skipBroken"/>, the rest waits for another fetch.
    /// </summary>
    public static ChunkOutcome Read<TVisitor>(ReadOnlySpan<byte> bytes, long fromOffset, bool skipBroken, BatchCounters counters, ref TVisitor visitor)
        where TVisitor : IRecordVisitor, allows ref struct
    {
        var reader = new RecordBatchReader(bytes, RecordLimits.Default);
        var (next, epoch) = (fromOffset, (int?)null);
        while (reader.Next(fromOffset, ref visitor, out var outcome))
        {
            if (outcome == BatchOutcome.WrongChecksum && !skipBroken)
            {
                return new ChunkOutcome(next, StoppedAtBroken: true, epoch);
            }

            counters.Count(outcome);
            next = Math.Max(next, reader.Current.LastOffset + 1);
            epoch = outcome == BatchOutcome.Read && reader.Current.Magic == 2 ? reader.Current.LeaderEpoch : -1; // what can't be read may be of any
        }

        return new ChunkOutcome(next, StoppedAtBroken: false, epoch);
    }
}

/// <summary>How many batches were read, and how many were passed over and why. Written by one thread, read by any.</summary>
public sealed class BatchCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<BatchOutcome>().Length];

    public long Read => this[BatchOutcome.Read];

    /// <summary>Records may be missing because of these.</summary>
    public long PassedOver
    {
        get
        {
            var sum = 0L;
            for (var outcome = (int)BatchOutcome.Read + 1; outcome < _counts.Length; outcome++)
            {
                sum += Volatile.Read(ref _counts[outcome]);
            }

            return sum;
        }
    }

    public long this[BatchOutcome outcome] => Volatile.Read(ref _counts[(int)outcome]);

    internal void Count(BatchOutcome outcome) => _counts[(int)outcome]++;
}
