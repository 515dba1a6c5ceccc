using System.Globalization;

namespace ControlPlane.Api.Answers;

/// <summary>Times as people give them in URLs.</summary>
internal static class RelativeTime
{
    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset time)
    {
        time = now;
        if (text == "now")
        {
            return true;
        }

        if (text.StartsWith("now-", StringComparison.Ordinal) && text.Length is > 5 and < 14)
        {
            if (!int.TryParse(text.AsSpan(4, text.Length - 5), NumberStyles.None, CultureInfo.InvariantCulture, out var amount) || Unit(text[^1]) is not { } unit || amount * unit.TotalDays > 3660)
            {
                return false;
            }

            time = now - (amount * unit);
            return true;
        }

        // A time without a zone would mean another moment to server and reader.
        var hasZone = text.EndsWith('Z') || (text.Length > 10 && text.AsSpan(10).IndexOfAny('+', '-') >= 0);
        return hasZone && DateTimeOffset.TryParse(text.Replace(' ', '+'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    private static TimeSpan? Unit(char unit) => unit switch
    {
        's' => TimeSpan.FromSeconds(1),
        'm' => TimeSpan.FromMinutes(1),
        'h' => TimeSpan.FromHours(1),
        'd' => TimeSpan.FromDays(1),
        _ => null,
    };
}
