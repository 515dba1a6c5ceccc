using System.Text;
using ControlPlane.Contracts;
using ControlPlane.Ui.Api;

namespace ControlPlane.Ui.Components;

/// <summary>Rows as text for a spreadsheet: raw values, all digits, unknown as nothing.</summary>
public static class Csv
{
    /// <summary>A page in the browser is not an export tool: beyond this the API is.</summary>
    private const int Most = 20_000;

    public static string Write(IReadOnlyList<string> titles, IEnumerable<IEnumerable<string?>> rows, char separator)
    {
        var text = new StringBuilder();
        foreach (var row in rows.Prepend(titles))
        {
            text.AppendJoin(separator, row.Select(value => Escape(value ?? "", separator))).Append("\r\n");
        }

        return text.ToString();
    }

    internal static async Task<IReadOnlyList<T>> AllAsync<T>(IReadOnlyList<T> all, bool isAllHere, IReadOnlyList<T> first, int total, Func<int, int, Task<Page<T>>> fetch)
    {
        if (isAllHere)
        {
            return all.Count > 0 ? all : first;
        }

        var rows = new List<T>();
        while (rows.Count < Math.Min(total, Most))
        {
            var part = await fetch(rows.Count, ListQuery.Largest);
            if (part.Items.Count == 0)
            {
                break; // the list shrank while it was read
            }

            rows.AddRange(part.Items);
        }

        return rows;
    }

    private static string Escape(string value, char separator)
    {
        // A spreadsheet runs what begins like a formula; topic names and client ids are chosen by others.
        var safe = value.Length > 0 && value[0] is '=' or '+' or '@' or '\t' or '-' && !double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _) ? "'" + value : value;
        return safe.AsSpan().IndexOfAny(separator, '"', '\n') >= 0 || safe.Contains('\r', StringComparison.Ordinal) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
