using System.Globalization;

namespace ControlPlane.Cli.Output;

/// <summary>Sizes in IEC units, rates in decimal ones, times in at most two units. What is not known is said so.</summary>
internal static class Units
{
    public const string Unknown = "unknown";

    private static readonly string[] SizeUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    private static readonly string[] RateUnits = ["B/s", "kB/s", "MB/s", "GB/s", "TB/s"];
    private static readonly string[] CountUnits = ["", " k", " M", " G"];

    public static string Size(long? bytes) => bytes is { } value ? Scaled(value, 1024, SizeUnits) : Unknown;

    public static string Rate(double? perSecond) => perSecond is { } value && double.IsFinite(value) ? Scaled(value, 1000, RateUnits) : Unknown;

    public static string Messages(double? perSecond) => perSecond is { } value && double.IsFinite(value) ? Scaled(value, 1000, CountUnits) + "/s" : Unknown;

    public static string Count(long? number) => number is { } value ? value.ToString("#,0", Spaced) : Unknown;

    public static string Percent(double? share) => share is { } value && double.IsFinite(value) ? (value * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %" : Unknown;

    public static string Time(DateTimeOffset? at) => at is { } value ? value.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : Unknown;

    public static string Age(double? seconds) => seconds is { } value && double.IsFinite(value) ? Duration(TimeSpan.FromSeconds(Math.Max(0, value))) : Unknown;

    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        { TotalMinutes: < 60 } => $"{time.Minutes} m {time.Seconds} s",
        { TotalHours: < 24 } => $"{time.Hours} h {time.Minutes} m",
        _ => $"{time.Days} d {time.Hours} h",
    };

    private static readonly NumberFormatInfo Spaced = new() { NumberGroupSeparator = " " };

    private static string Scaled(double value, double step, string[] units)
    {
        var unit = 0;
        while (Math.Abs(value) >= step && unit < units.Length - 1)
        {
            value /= step;
            unit++;
        }

        var format = unit == 0 || Math.Abs(value) >= 100 ? "0" : "0.0";
        var text = value.ToString(format, CultureInfo.InvariantCulture);
        return units[unit].Length == 0 || units[unit][0] == ' ' ? text + units[unit] : $"{text} {units[unit]}";
    }
}
