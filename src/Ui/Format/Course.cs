using ControlPlane.Contracts;

namespace ControlPlane.Ui.Format;

/// <summary>Reads a curve out of an answer of the history.</summary>
public static class Course
{
    public static IReadOnlyList<double?>? Of(HistoryDto? history, string metric) =>
        history?.Series.FirstOrDefault(series => string.Equals(series.Metric, metric, StringComparison.Ordinal))?.Values;

    /// <summary>The average, or null where less than half of the time was measured: a few points say nothing about an hour.</summary>
    public static double? Mean(HistoryDto? history, string metric)
    {
        var values = Of(history, metric);
        var known = values?.Where(value => value is not null).ToList();
        return known is { Count: > 0 } && known.Count * 2 >= values!.Count ? known.Average() : null;
    }

    /// <summary>How far a value is from an earlier one: "↑ 12 %"; null where either is unknown or there is no ratio to speak of.</summary>
    public static string? Change(double? now, double? before)
    {
        if (now is not { } present || before is not { } past || past <= 0)
        {
            return null;
        }

        var share = Math.Round((present / past - 1) * 100);
        return share switch
        {
            0 => "→ 0 %",
            > 999 => $"↑ {Show.Compact(Math.Round(present / past))}×",
            > 0 => $"↑ {Show.Raw(share)} %",
            _ => $"↓ {Show.Raw(-share)} %",
        };
    }
}
