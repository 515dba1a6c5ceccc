using System.Globalization;
using ControlPlane.Contracts;

namespace ControlPlane.Ui.Format;

/// <summary>A broker's load of one kind before and after, beside the edges that judge it. Null: unknown, or no such edge.</summary>
public sealed record LaneRow(BrokerPlaceDto Broker, double? Before, double? After, double? Capacity, double? Limit, double? Low, double? High)
{
    public double? OffBefore => Off(Before);

    public double? OffAfter => Off(After);

    /// <summary>How far outside its band or over its limit a load is, relative to that edge; 0 inside, null where nothing is known.</summary>
    private double? Off(double? load) => load is not { } value || (High is null && Low is null && Limit is null)
        ? null
        : Math.Max(0, Math.Max(Over(value, Math.Min(High ?? double.MaxValue, Limit ?? double.MaxValue)), Low is { } low and > 0 ? (low - value) / low : 0));

    private static double Over(double value, double edge) => edge is > 0 and < double.MaxValue ? (value - edge) / edge : 0;
}

/// <summary>The kinds of load that brokers are balanced by, as people read them.</summary>
public static class Lanes
{
    /// <summary>Rounding of sums is no violation.</summary>
    private const double Slack = 1e-6;

    public static IReadOnlyList<string> Limitable { get; } = ["disk", "cpu", "bytes-in", "bytes-out", "replicas", "leaders"];

    public static string Name(string lane) => lane switch
    {
        "cpu" => "CPU",
        "bytes-in" => "Network in",
        "bytes-out" => "Network out",
        "leader-bytes-in" => "Leader bytes in",
        "potential-bytes-out" => "Potential network out",
        _ => Words.Of(lane),
    };

    /// <summary>Whether a limit of it is a count, not a share of the capacity.</summary>
    public static bool IsCount(string lane) => lane is "replicas" or "leaders";

    public static string? Value(string unit, double? value) => unit switch
    {
        "percent" => value is { } share ? share.ToString("0.#", CultureInfo.InvariantCulture) + " %" : null,
        "bytes-per-second" => Show.Rate(value),
        "bytes" => Show.Bytes(value),
        _ => Show.Compact(value is { } count ? Math.Round(count, 1) : null),
    };

    public static IReadOnlyList<LaneRow> Rows(BrokerLoadsDto loads, LaneLoadsDto lane) =>
        [.. loads.Brokers.Select((broker, i) => new LaneRow(broker, At(lane.Before, i), At(lane.After, i), At(lane.Capacity, i), At(lane.Limit, i), At(lane.Low, i), At(lane.High, i)))];

    /// <summary>What stays bad first, then what was worst before.</summary>
    public static IReadOnlyList<LaneRow> WorstFirst(IEnumerable<LaneRow> rows) =>
        [.. rows.OrderByDescending(row => IsOutside(row.OffAfter) ? row.OffAfter : 0).ThenByDescending(row => row.OffBefore ?? -1).ThenByDescending(row => row.Before ?? -1).ThenBy(row => row.Broker.BrokerId)];

    public static bool IsOutside(double? off) => off > Slack;

    /// <summary>Brokers outside before and after; null where the lane has no edge or no load is known.</summary>
    public static (int Before, int After)? Outside(IReadOnlyList<LaneRow> rows) => rows.Any(row => row.OffAfter is not null)
        ? (rows.Count(row => IsOutside(row.OffBefore)), rows.Count(row => IsOutside(row.OffAfter)))
        : null;

    private static double? At(IReadOnlyList<double?> values, int i) => i < values.Count ? values[i] : null;
}
