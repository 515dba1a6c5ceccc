using System.Globalization;

namespace ControlPlane.Ui.Components;

/// <summary>The rectangle of a map that is selected, as it stands in the address.</summary>
public static class CellRange
{
    /// <summary>Reads "top-bottom,left-right"; null where it is nothing of the kind, and cut to the map where it is larger.</summary>
    public static (int Top, int Bottom, int Left, int Right)? Parse(string? text, int rows, int columns)
    {
        if (text?.Split(',') is not [var down, var across] || Pair(down, rows) is not { } vertical || Pair(across, columns) is not { } horizontal)
        {
            return null;
        }

        return (vertical.From, vertical.To, horizontal.From, horizontal.To);
    }

    private static (int From, int To)? Pair(string text, int count) =>
        text.Split('-') is [var first, var last]
        && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
        && int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to)
        && from <= to && from < count
            ? (from, Math.Min(to, count - 1))
            : null;
}
