using System.Globalization;

namespace ControlPlane.Ui.Components;

/// <summary>What a person types over one column: a part of the text, or for numbers a comparison such as "&gt;10k"; "?" finds what is unknown.</summary>
public static class ColumnFilter
{
    public static bool Matches(string filter, string? raw)
    {
        var text = filter.Trim();
        if (text.Length == 0)
        {
            return true;
        }

        if (text == "?")
        {
            return raw is null;
        }

        if (raw is null)
        {
            return false;
        }

        return Comparison(text) is { } compare && double.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? compare(number)
            : raw.Contains(text, StringComparison.OrdinalIgnoreCase);
    }

    private static Func<double, bool>? Comparison(string text)
    {
        var sign = text is ['<' or '>', '=', ..] ? text[..2] : text[0] is '<' or '>' or '=' ? text[..1] : "";
        if (sign.Length == 0 || Number(text[sign.Length..].Trim()) is not { } limit)
        {
            return null;
        }

        return sign switch
        {
            "<" => number => number < limit,
            "<=" => number => number <= limit,
            ">" => number => number > limit,
            ">=" => number => number >= limit,
            _ => number => number.Equals(limit),
        };
    }

    private static double? Number(string text)
    {
        var factor = text.Length == 0 ? 1 : text[^1] switch { 'k' or 'K' => 1e3, 'm' or 'M' => 1e6, 'g' or 'G' => 1e9, 't' or 'T' => 1e12, '%' => 0.01, _ => 1 };
        var digits = factor.Equals(1d) ? text : text[..^1];
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number * factor : null;
    }
}
