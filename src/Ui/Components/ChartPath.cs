using System.Globalization;
using System.Text;

namespace ControlPlane.Ui.Components;

/// <summary>Geometry of curves: runs of known points become lines, runs of unknown ones become gaps. Nothing is drawn across a gap.</summary>
public static class ChartPath
{
    /// <summary>One SVG path for each run of known points, in a box of the given size.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<double?> values, double low, double high, double width, double height)
    {
        var paths = new List<string>();
        var step = values.Count > 1 ? width / (values.Count - 1) : width;
        var range = high > low ? high - low : double.PositiveInfinity;
        StringBuilder? run = null;
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value && double.IsFinite(value))
            {
                var (x, y) = (i * step, height - ((Math.Clamp(value, low, high) - low) / range * height)); // a factor, height / range, would be infinite for a tiny range
                run = run is null
                    ? new StringBuilder().Append(CultureInfo.InvariantCulture, $"M{x:0.##} {y:0.##}h0.01") // a lone point is a dot, not nothing
                    : run.Append(CultureInfo.InvariantCulture, $"L{x:0.##} {y:0.##}");
            }
            else if (run is not null)
            {
                paths.Add(run.ToString());
                run = null;
            }
        }

        if (run is not null)
        {
            paths.Add(run.ToString());
        }

        return paths;
    }

    /// <summary>Stretches where no series has a value, as shares of the width.</summary>
    public static IReadOnlyList<(double From, double To)> Gaps(IReadOnlyList<IReadOnlyList<double?>> series)
    {
        var count = series.Count == 0 ? 0 : series.Max(values => values.Count);
        var gaps = new List<(double, double)>();
        int? start = null;
        for (var i = 0; i <= count; i++)
        {
            var isKnown = i < count && series.Any(values => i < values.Count && values[i] is not null);
            if (i < count && !isKnown)
            {
                start ??= i;
            }
            else if (start is { } from)
            {
                var last = Math.Max(1, count - 1);
                gaps.Add((Math.Max(0, from - 1) / (double)last, Math.Min(i, last) / (double)last));
                start = null;
            }
        }

        return gaps;
    }

    /// <summary>The next time above whose quarters are round as people tell times: seconds, minutes, hours or days.</summary>
    public static double RoundUpTime(double seconds)
    {
        const double Minute = 60, Hour = 3_600, Day = 86_400;
        foreach (var high in (ReadOnlySpan<double>)[1, 2, 4, 10, 20, 40, 80, 2 * Minute, 4 * Minute, 10 * Minute, 20 * Minute, 40 * Minute, Hour, 2 * Hour, 4 * Hour, 8 * Hour, 12 * Hour, Day, 2 * Day, 4 * Day])
        {
            if (seconds <= high && seconds > 0.5)
            {
                return high;
            }
        }

        return seconds > Day ? RoundUp(seconds / Day, isBinary: false) * Day : RoundUp(seconds, isBinary: false);
    }

    /// <summary>The next round number above, in steps of 1, 2, 2.5, 5 of the base's powers; base 1024 for bytes.</summary>
    public static double RoundUp(double value, bool isBinary)
    {
        if (!double.IsFinite(value) || value <= 0)
        {
            return 1;
        }

        var unit = 1.0;
        while (isBinary && value / unit >= 1024)
        {
            unit *= 1024;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(value / unit)));
        foreach (var step in (ReadOnlySpan<double>)[1, 2, 2.5, 5, 10])
        {
            if (step * power >= (value / unit) - 1e-9)
            {
                return step * power * unit;
            }
        }

        return 10 * power * unit;
    }
}
