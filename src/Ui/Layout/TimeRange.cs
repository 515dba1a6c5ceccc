using System.Globalization;

namespace ControlPlane.Ui.Layout;

/// <summary>The stretch of time a page shows, written as in Grafana's addresses: <c>from=now-1h&amp;to=now</c> or absolute times.</summary>
public sealed record TimeRange(string From, string To)
{
    public static readonly TimeRange Default = new("now-1h", "now");

    public static readonly IReadOnlyList<string> Presets = ["5m", "15m", "30m", "1h", "3h", "6h", "12h", "24h", "7d"];

    /// <summary>Whether the end moves with the clock, so that new data enters the picture.</summary>
    public bool IsLive => string.Equals(To, "now", StringComparison.Ordinal);

    public string? Preset => IsLive && From.StartsWith("now-", StringComparison.Ordinal) && Presets.Contains(From[4..], StringComparer.Ordinal) ? From[4..] : null;

    /// <summary>Falls back to the default where the address says nothing or nonsense.</summary>
    public static TimeRange Parse(string? from, string? to, DateTimeOffset now)
    {
        var range = new TimeRange(from ?? Default.From, to ?? Default.To);
        return Resolve(range.From, now) is { } start && Resolve(range.To, now) is { } end && start < end ? range : Default;
    }

    /// <summary>Half an hour before and after a moment, as in a link that says when something was; null where that is no moment.</summary>
    public static TimeRange? Around(string? moment) =>
        MomentOf(moment) is { } at && at.Year is > 1970 and < 9999 ? new TimeRange(Text(at - Half), Text(at + Half)) : null;

    public static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static readonly TimeSpan Half = TimeSpan.FromMinutes(30);

    public (DateTimeOffset From, DateTimeOffset To) At(DateTimeOffset now) => (Resolve(From, now)!.Value, Resolve(To, now)!.Value);

    private static DateTimeOffset? Resolve(string text, DateTimeOffset now)
    {
        if (string.Equals(text, "now", StringComparison.Ordinal))
        {
            return now;
        }

        if (text.StartsWith("now-", StringComparison.Ordinal))
        {
            return int.TryParse(text[4..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and < 100_000
                ? text[^1] switch
                {
                    's' => now.AddSeconds(-count),
                    'm' => now.AddMinutes(-count),
                    'h' => now.AddHours(-count),
                    'd' when count <= 3650 => now.AddDays(-count),
                    _ => null,
                }
                : null;
        }

        return MomentOf(text);
    }

    private static DateTimeOffset? MomentOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
