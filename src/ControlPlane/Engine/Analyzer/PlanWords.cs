using System.Globalization;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Numbers in the sentences of a plan.</summary>
internal static class PlanWords
{
    private static readonly string[] Sizes = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    private static readonly string[] Rates = ["B/s", "kB/s", "MB/s", "GB/s", "TB/s"];

    public static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>As pages and kcp write them beside the sentence: sizes by 1,024, rates by 1,000.</summary>
    public static string Size(double bytes) => Scaled(bytes, 1024, Sizes);

    public static string Rate(double bytesPerSecond) => Scaled(bytesPerSecond, 1000, Rates);

    public static string Duration(double seconds)
    {
        var minutes = (long)Math.Round(seconds / 60);
        return seconds < 90 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, seconds):0} s")
            : minutes < 90 ? $"{minutes} min"
            : minutes % 60 == 0 ? $"{minutes / 60} h"
            : $"{minutes / 60} h {minutes % 60} min";
    }

    private static string Scaled(double value, double step, string[] units)
    {
        var unit = 0;
        while (value >= step && unit < units.Length - 1)
        {
            (value, unit) = (value / step, unit + 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }
}
