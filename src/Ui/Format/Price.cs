using ControlPlane.Contracts;

namespace ControlPlane.Ui.Format;

/// <summary>What a plan costs at a throttle that is not (yet) its own.</summary>
public static class Price
{
    /// <summary>Bytes a second per broker, by the places of a slider; 0 is none.</summary>
    public static IReadOnlyList<long> Throttles { get; } =
        [5_000_000, 10_000_000, 20_000_000, 30_000_000, 40_000_000, 50_000_000, 60_000_000, 80_000_000, 100_000_000, 125_000_000, 150_000_000, 200_000_000, 300_000_000, 400_000_000, 500_000_000, 750_000_000, 1_000_000_000, 0];

    /// <summary>The busiest broker sets the time; null without a throttle or where sizes are not known.</summary>
    public static double? Seconds(PlanDetailDto detail, long throttle) => throttle <= 0 || (detail.Plan.ThrottleBytesPerSecond is > 0 && detail.Plan.EstimatedSeconds is null)
        ? null
        : detail.Brokers.Select(row => (double)Math.Max(row.BytesToReceive, row.BytesToSend)).DefaultIfEmpty(0).Max() / throttle;

    public static int PlaceOf(long throttle) => throttle <= 0 ? Throttles.Count - 1 : Enumerable.Range(0, Throttles.Count - 1).MinBy(i => Math.Abs(Throttles[i] - throttle));

    /// <summary>The throttle an address asks for in bytes a second; null where it says none that can be.</summary>
    public static long? Read(string? text) => long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var value) && value <= 100_000_000_000 ? value : null;

    /// <summary>The broker whose network is fullest while the copies run: what it carries at its busiest, and its share of the capacity.</summary>
    public static (int Broker, string Lane, double Share)? BusiestLink(PlanDetailDto detail, long throttle)
    {
        if (throttle <= 0 || detail.Findings?.Loads is not { } loads)
        {
            return null;
        }

        var moved = detail.Brokers.ToDictionary(row => row.BrokerId);
        return loads.Lanes.Where(lane => lane.Lane is "bytes-in" or "bytes-out")
            .SelectMany(lane => Lanes.Rows(loads, lane).Select(row => (row, lane.Lane, Adds: moved.TryGetValue(row.Broker.BrokerId, out var change) && (lane.Lane == "bytes-in" ? change.BytesToReceive : change.BytesToSend) > 0)))
            .Where(one => one.Adds && one.row is { Capacity: > 0 } && (one.row.Before ?? one.row.After) is not null)
            .Select(one => ((int, string, double)?)(one.row.Broker.BrokerId, one.Lane, (Math.Max(one.row.Before ?? 0, one.row.After ?? 0) + throttle) / one.row.Capacity!.Value))
            .OrderByDescending(one => one!.Value.Item3).FirstOrDefault();
    }
}
