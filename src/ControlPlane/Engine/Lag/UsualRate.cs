namespace ControlPlane.Engine.Lag;

/// <summary>What is usually written to a partition, told from the older part of its curve of end offsets; in records a second.</summary>
/// <remarks>In doubt rather too much: the morning of every day is more than the night before it, and no surge.</remarks>
public static class UsualRate
{
    /// <summary>What is this young may belong to the surge itself.</summary>
    public const long RecentMs = 10 * 60_000;

    /// <summary>From less than this nothing is said.</summary>
    public const long LeastMs = 10 * 60_000;

    private const int MostPoints = 64;

    /// <summary>A quarter of the time more was written than this.</summary>
    private const double Share = 0.75;

    /// <summary>NaN where the history is too short.</summary>
    /// <param name="times">Of the points, oldest first, in ms.</param>
    public static double Of(ReadOnlySpan<long> times, ReadOnlySpan<long> offsets, long now)
    {
        var last = times.Length - 1;
        while (last >= 0 && times[last] > now - RecentMs)
        {
            last--;
        }

        var first = last;
        while (first > 0 && last - first < MostPoints - 1 && offsets[first - 1] <= offsets[first] && times[first - 1] < times[first])
        {
            first--; // where offsets fall, another log begins
        }

        return last < 1 || times[last] - times[first] < LeastMs ? double.NaN
            : Math.Max((offsets[last] - offsets[first]) * 1000.0 / (times[last] - times[first]), OftenReached(times[first..(last + 1)], offsets[first..(last + 1)]));
    }

    /// <summary>The rate that was kept or passed for a quarter of the time.</summary>
    private static double OftenReached(ReadOnlySpan<long> times, ReadOnlySpan<long> offsets)
    {
        Span<double> rates = stackalloc double[times.Length - 1];
        Span<long> spans = stackalloc long[times.Length - 1];
        for (var i = 0; i < rates.Length; i++)
        {
            spans[i] = times[i + 1] - times[i];
            rates[i] = (offsets[i + 1] - offsets[i]) * 1000.0 / spans[i];
        }

        rates.Sort(spans);
        var (limit, passed) = (Share * (times[^1] - times[0]), 0L);
        for (var i = 0; i < rates.Length; i++)
        {
            passed += spans[i];
            if (passed >= limit)
            {
                return rates[i];
            }
        }

        return rates[^1];
    }
}
