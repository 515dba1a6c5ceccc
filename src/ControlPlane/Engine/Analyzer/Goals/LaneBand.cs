namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Bands that are a mean and a spread around it, over the brokers that may receive.</summary>
internal static class LaneBand
{
    /// <summary>What all brokers carry together on a lane; lost replicas count, because they come back.</summary>
    public static double Total(Placement placement, int lane)
    {
        var total = 0.0;
        for (var broker = 0; broker < placement.Brokers; broker++)
        {
            total += placement.LoadOf(broker, lane);
        }

        return total;
    }

    public static int[] Receivers(Placement placement) =>
        [.. Enumerable.Range(0, placement.Brokers).Where(broker => placement.Arrays.CanReceive[broker])];

    /// <summary>The same number for each broker: floor and ceil leave room for whole replicas.</summary>
    public static void ShapeCount(Placement placement, int lane, double spread, Bands bands)
    {
        var receivers = Receivers(placement);
        var mean = receivers.Length == 0 ? 0 : Total(placement, lane) / receivers.Length;
        foreach (var broker in receivers)
        {
            bands.Set(broker, lane, Math.Floor(mean * (1 - spread)), Math.Ceiling(mean * (1 + spread)), mean);
        }
    }

    public static void ShapeMean(Placement placement, int lane, double spread, Bands bands)
    {
        var receivers = Receivers(placement);
        var mean = receivers.Length == 0 ? 0 : Total(placement, lane) / receivers.Length;
        foreach (var broker in receivers)
        {
            bands.Set(broker, lane, mean * (1 - spread), mean * (1 + spread), mean);
        }
    }

    public static GoalReport Report(Placement placement, IGoal goal, int lane) =>
        new(goal.Name, goal.IsHard, Receivers(placement).Count(broker => IsOutside(placement, broker, lane)), "brokers");

    public static GoalReport ReportHard(Placement placement, IGoal goal, int lane) => new(
        goal.Name,
        goal.IsHard,
        Receivers(placement).Count(broker => placement.LoadOf(broker, lane) > placement.Bands.Hard[(broker * Lane.Count) + lane]),
        "brokers");

    private static bool IsOutside(Placement placement, int broker, int lane)
    {
        var (load, at) = (placement.LoadOf(broker, lane), (broker * Lane.Count) + lane);
        return placement.Bands.W1[at] > 0 && (load > placement.Bands.High[at] || load < placement.Bands.Low[at]);
    }
}
