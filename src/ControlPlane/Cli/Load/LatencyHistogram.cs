namespace ControlPlane.Cli.Load;

/// <summary>Latencies in buckets that grow by 10 %, so that a quantile is right to a tenth whatever its size. Safe for many writers.</summary>
internal sealed class LatencyHistogram
{
    private const double Growth = 1.1;
    private const double SmallestMs = 0.1;
    private readonly long[] _buckets = new long[160]; // reaches beyond 100 hours

    public void Add(TimeSpan latency) => Interlocked.Increment(ref _buckets[Bucket(latency.TotalMilliseconds)]);

    /// <summary>Takes what was counted and begins anew.</summary>
    public LatencySnapshot Drain()
    {
        var counts = new long[_buckets.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Interlocked.Exchange(ref _buckets[i], 0);
        }

        return new LatencySnapshot(counts);
    }

    /// <summary>The upper edge of a bucket: a quantile is never told better than it was.</summary>
    public static double UpperEdgeMs(int bucket) => SmallestMs * Math.Pow(Growth, bucket);

    private int Bucket(double milliseconds) => milliseconds <= SmallestMs
        ? 0
        : Math.Min(_buckets.Length - 1, (int)Math.Ceiling(Math.Log(milliseconds / SmallestMs, Growth)));
}

/// <summary>Counted latencies; can be added up.</summary>
internal sealed record LatencySnapshot(long[] Counts)
{
    public static LatencySnapshot None { get; } = new([]);

    public LatencySnapshot Plus(LatencySnapshot other)
    {
        var (longer, shorter) = Counts.Length >= other.Counts.Length ? (Counts, other.Counts) : (other.Counts, Counts);
        return new LatencySnapshot([.. longer.Select((count, i) => count + (i < shorter.Length ? shorter[i] : 0))]);
    }

    /// <summary>In milliseconds; null where nothing was counted.</summary>
    public double? Quantile(double share)
    {
        var total = Counts.Sum();
        var wanted = Math.Max(1, (long)Math.Ceiling(total * share));
        var seen = 0L;
        for (var i = 0; i < Counts.Length && total > 0; i++)
        {
            seen += Counts[i];
            if (seen >= wanted)
            {
                return Math.Round(LatencyHistogram.UpperEdgeMs(i), 1);
            }
        }

        return null;
    }
}
