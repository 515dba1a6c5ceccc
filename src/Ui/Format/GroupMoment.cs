using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Ui.Layout;

namespace ControlPlane.Ui.Format;

/// <summary>How a group was at the moment that a link is about, told from its history.</summary>
internal static class GroupMoment
{
    /// <summary>What the charts of a group show.</summary>
    public static readonly IReadOnlyList<string> Metrics = ["lag", "time_lag", "consume_rate", "produce_rate", "lag_status"];

    /// <summary>What they show of one of its topics: a topic has no verdict of its own.</summary>
    public static readonly IReadOnlyList<string> TopicMetrics = ["lag", "time_lag", "consume_rate", "produce_rate"];

    /// <summary>Null while the page shows the present; otherwise which times are shown, and how it was at the moment where one is named.</summary>
    public static string? Of(HistoryDto? history, TimeRange range, string? at)
    {
        if (history is null || range.IsLive)
        {
            return null;
        }

        if (TimeRange.Around(at) is null || !DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
        {
            return $"Charts show {Show.Clock(history.From, ClockFormat.Full)} to {Show.Clock(history.To, ClockFormat.Full)} UTC.";
        }

        var point = (int)((moment - history.From).TotalSeconds / history.StepSeconds);
        var (status, lag, time) = (ValueOf(history, "lag_status", point), ValueOf(history, "lag", point), ValueOf(history, "time_lag", point));
        return (status ?? lag) is null
            ? $"Of {Show.Clock(moment, ClockFormat.Full)} UTC nothing is known of this group."
            : $"At {Show.Clock(moment, ClockFormat.Full)} UTC it was {(status is { } known ? Lags.WordOf(known) : "not judged")}{(lag is { } behind ? $", {Show.Compact(behind)} messages behind" : "")}{(time is > 0 ? $", the oldest of them for {Show.Duration(time.Value)}" : "")}.";
    }

    private static double? ValueOf(HistoryDto history, string metric, int point) =>
        history.Series.FirstOrDefault(series => series.Metric == metric)?.Values is { } values && point >= 0 && point < values.Count ? values[point] : null;
}
