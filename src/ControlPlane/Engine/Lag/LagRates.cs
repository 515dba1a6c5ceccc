namespace ControlPlane.Engine.Lag;

/// <summary>How fast a partition is read and written, in records a second; NaN where it was not measured.</summary>
/// <param name="NetError">Standard error of the difference; NaN from fewer than two intervals.</param>
public readonly record struct LagRates(double Consume, double Produce, double NetError)
{
    private const int MostIntervals = 64;

    /// <summary>A silence of so many usual gaps is an interval in which nothing was read.</summary>
    private const int SilentGaps = 2;

    public static LagRates Unknown { get; } = new(double.NaN, double.NaN, double.NaN);

    public double Net => Consume - Produce;

    /// <summary>From the intervals between commits. Where the log ended then is told by the lag of a commit, or else by the curve of end offsets.</summary>
    public static LagRates Of(in CommitWindow window)
    {
        Span<double> nets = stackalloc double[MostIntervals];
        var (intervals, read, written, time) = (0, 0.0, 0.0, 0.0);
        for (var i = Math.Max(1, window.Count - MostIntervals + 1); i < window.Count; i++)
        {
            var (seconds, from, to) = ((window.Times[i] - window.Times[i - 1]) / 1000.0, EndAt(window, i - 1), EndAt(window, i));
            var (consumed, produced) = (window.Offsets[i] - window.Offsets[i - 1], to - from);
            if (seconds <= 0 || consumed < 0 || !(produced >= 0))
            {
                continue; // set back, or not known
            }

            (read, written, time) = (read + consumed, written + produced, time + seconds);
            nets[intervals++] = (consumed - produced) / seconds;
        }

        if (intervals == 0)
        {
            return Unknown;
        }

        var (silence, gap) = ((window.Now - window.LastTime) / 1000.0, time / intervals);
        var idle = silence > SilentGaps * gap ? silence : 0; // what is written meanwhile is taken to go on as before
        return new LagRates(read / (time + idle), written / time, ErrorOf(nets[..intervals]));
    }

    /// <summary>Of several partitions together.</summary>
    public static LagRates Sum(LagRates x, LagRates y) =>
        double.IsNaN(x.Consume) ? y : double.IsNaN(y.Consume) ? x : new(x.Consume + y.Consume, x.Produce + y.Produce, Math.Sqrt((x.NetError * x.NetError) + (y.NetError * y.NetError)));

    private static double EndAt(in CommitWindow window, int commit) =>
        window.Lags[commit] >= 0 ? (double)window.Offsets[commit] + window.Lags[commit]
        : window.EndTimes.Length == window.EndOffsets.Length ? new EndOffsetCurve(window.EndTimes, window.EndOffsets).EndAt(window.Times[commit])
        : double.NaN;

    private static double ErrorOf(ReadOnlySpan<double> values)
    {
        if (values.Length < 2)
        {
            return double.NaN;
        }

        var (sum, squares) = (0.0, 0.0);
        foreach (var value in values)
        {
            sum += value;
        }

        foreach (var value in values)
        {
            squares += Math.Pow(value - (sum / values.Length), 2);
        }

        return Math.Sqrt(squares / (values.Length - 1) / values.Length);
    }
}
