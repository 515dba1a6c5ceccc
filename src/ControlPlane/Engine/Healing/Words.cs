using System.Globalization;

namespace ControlPlane.Engine.Healing;

/// <summary>How sentences about healing spell numbers and times.</summary>
internal static class Words
{
    public static string Time(DateTimeOffset at, DateTimeOffset now) =>
        at.UtcDateTime.ToString(at.UtcDateTime.Date == now.UtcDateTime.Date ? "HH:mm:ss'Z'" : "yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, Math.Ceiling(span.TotalSeconds)):0} s"),
        { TotalHours: < 1 } => span.Seconds == 0 ? $"{span.Minutes} min" : $"{span.Minutes} min {span.Seconds} s",
        { TotalDays: < 1 } => span.Minutes == 0 ? $"{span.Hours} h" : $"{span.Hours} h {span.Minutes} min",
        _ => span.Hours == 0 ? $"{span.Days} d" : $"{span.Days} d {span.Hours} h",
    };

    public static string Count(int count, string one) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {one}{(count == 1 ? "" : "s")}");

    // Rounded towards the worse: 94.96 % must not read as the 95 % it does not reach.
    public static string Percent(double share) => (Math.Floor(share * 1000) / 10).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    public static string Brokers(IEnumerable<int> ids)
    {
        var sorted = ids.Order().ToArray();
        var named = string.Join(", ", sorted.Take(5).Select(id => id.ToString(CultureInfo.InvariantCulture)));
        return (sorted.Length == 1 ? "broker " : "brokers ") + named + (sorted.Length > 5 ? $" and {sorted.Length - 5} more" : "");
    }

    public static string Reason(string? reason) => string.IsNullOrWhiteSpace(reason) ? "" : $" ({reason.Trim()})";
}
