using System.Globalization;
using ControlPlane.Contracts;

namespace ControlPlane.Ui.Format;

/// <summary>How values are written. Every method answers null for what is not known, which <c>Num</c> draws as an em dash with the reason.</summary>
public static class Show
{
    public const string Dash = "—";

    private static readonly string[] Binary = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    private static readonly string[] DecimalRate = ["B/s", "kB/s", "MB/s", "GB/s", "TB/s", "PB/s"];
    private static readonly string[] Thousands = ["", " k", " M", " G", " T", " P"];

    /// <summary>Storage: IEC units.</summary>
    public static string? Bytes(double? value) => value is { } known ? Scaled(known, 1024, Binary, " ") : null;

    /// <summary>Network: decimal units a second.</summary>
    public static string? Rate(double? bytesPerSecond) => bytesPerSecond is { } known ? Scaled(known, 1000, DecimalRate, " ") : null;

    /// <summary>All digits, grouped.</summary>
    public static string? Number(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Three digits and a letter; small numbers as they are.</summary>
    public static string? Compact(double? value) => value switch
    {
        null => null,
        < 10_000 and > -10_000 => value.Value.ToString(value.Value % 1 == 0 ? "N0" : "N1", CultureInfo.InvariantCulture),
        { } known => Scaled(known, 1000, Thousands, ""),
    };

    public static string? PerSecond(double? value) => Compact(value is { } known ? Math.Round(known, 1) : null) is { } text ? $"{text}/s" : null;

    /// <summary>A share of one; full precision only near the ends, where it matters.</summary>
    public static string? Percent(double? ratio) => ratio switch
    {
        null => null,
        > 0 and < 0.01 => "<1 %",
        < 1 and > 0.99 => ">99 %",
        { } known => $"{Math.Round(known * 100).ToString(CultureInfo.InvariantCulture)} %",
    };

    /// <summary>At most two units.</summary>
    public static string? Duration(double? seconds) => seconds switch
    {
        null => null,
        <= 0 => "0 s",
        < 1 => $"{Math.Round(seconds.Value * 1000).ToString(CultureInfo.InvariantCulture)} ms",
        < 60 => $"{Whole(seconds.Value)} s",
        < 3600 => $"{Whole(seconds.Value / 60)} m {Whole(seconds.Value % 60)} s",
        < 86400 => $"{Whole(seconds.Value / 3600)} h {Whole(seconds.Value % 3600 / 60)} m",
        { } known => $"{Whole(known / 86400)} d {Whole(known % 86400 / 3600)} h",
    };

    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    public static string Clock(DateTimeOffset time, ClockFormat format) => time.UtcDateTime.ToString(
        format switch
        {
            ClockFormat.Time => "HH:mm:ss",
            ClockFormat.Minute => "HH:mm",
            ClockFormat.Day => "MM-dd HH:mm",
            _ => "yyyy-MM-dd HH:mm:ss",
        },
        CultureInfo.InvariantCulture);

    public static string? Raw(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture);

    public static string? Raw(long? value) => value?.ToString(CultureInfo.InvariantCulture);

    public static string Plural(long count, string one, string? many = null) => count == 1 ? $"1 {one}" : $"{Number(count)} {many ?? one + "s"}";

    public static string Word(StatusWord status) => status switch
    {
        StatusWord.Ok => "OK",
        StatusWord.Warn => "WARN",
        StatusWord.Crit => "CRIT",
        StatusWord.Maint => "MAINT",
        _ => "UNKNOWN",
    };

    /// <summary>The class of a status in the stylesheet.</summary>
    public static string Css(StatusWord status) => Word(status).ToLowerInvariant();

    /// <summary>Worst first; not knowing is worse than being well, and less loud than a warning.</summary>
    public static int Severity(StatusWord status) => status switch
    {
        StatusWord.Crit => 4,
        StatusWord.Warn => 3,
        StatusWord.Unknown => 2,
        StatusWord.Maint => 1,
        _ => 0,
    };

    /// <summary>A value of a chart in the unit the API names.</summary>
    public static string? Of(string unit, double? value) => unit switch
    {
        "bytes_per_second" => Rate(value),
        "messages_per_second" => PerSecond(value),
        "bytes" => Bytes(value),
        "ratio" => Percent(value),
        "seconds" => value is { } seconds ? Duration(seconds) : null,
        "burrow_status" => value is { } status ? Lags.WordOf(status) : null,
        _ => Compact(value),
    };

    /// <summary>A tick of an axis: all in the unit of its highest value, which alone names it.</summary>
    public static string OnAxis(string unit, double value, double high, bool isNamed)
    {
        if (unit == "seconds")
        {
            var (seconds, name) = high switch { >= 2 * 86_400 => (86_400, " d"), >= 2 * 3_600 => (3_600, " h"), >= 120 => (60, " min"), _ => (1, " s") };
            return (value / seconds).ToString("0.##", CultureInfo.InvariantCulture) + (isNamed ? name : "");
        }

        var (step, units, separator) = unit switch
        {
            "bytes_per_second" => (1000, DecimalRate, " "),
            "bytes" => (1024, Binary, " "),
            "messages_per_second" => (1000, [.. Thousands.Select(thousand => thousand + "/s")], ""),
            "ratio" => (0.01, ["", " %"], ""),
            _ => (1000d, Thousands, ""),
        };
        var index = 0;
        for (; high >= step && index < units.Length - 1; index++)
        {
            (value, high) = (value / step, high / step);
        }

        return value.ToString("0.###", CultureInfo.InvariantCulture) + (isNamed ? separator + units[index] : "");
    }

    private static string Whole(double value) => Math.Floor(value).ToString("0", CultureInfo.InvariantCulture);

    private static string Scaled(double value, double step, string[] units, string separator)
    {
        var unit = 0;
        while (Math.Abs(value) >= step - 0.05 && unit < units.Length - 1)
        {
            (value, unit) = (value / step, unit + 1);
        }

        var digits = unit == 0 || Math.Abs(value) >= 99.95 ? "0" : "0.0";
        return value.ToString(digits, CultureInfo.InvariantCulture) + separator + units[unit];
    }
}

/// <summary>How much of a moment is written.</summary>
public enum ClockFormat
{
    Time,
    Minute,
    Day,
    Full,
}
