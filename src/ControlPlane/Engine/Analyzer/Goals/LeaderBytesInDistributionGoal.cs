namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>
/// No broker takes in more from producers than the mean of the living brokers and a tenth; it has no lower edge and knows no capacities.
/// Reported as brokers above.
/// </summary>
public sealed class LeaderBytesInDistributionGoal : IGoal
{
    public string Name => "LeaderBytesInDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        var alive = Enumerable.Range(0, placement.Brokers).Where(broker => placement.Arrays.Alive[broker]).ToArray();
        var leading = alive.Count(broker => placement.Arrays.CanLead[broker]);
        if (!settings.CountNetwork || leading == 0)
        {
            return;
        }

        var total = LaneBand.Total(placement, Lane.LeaderBytesIn);
        var spread = 1 + (settings.LeaderBytesInSpread * (1 - settings.Shrink));
        var mean = total / alive.Length;

        // Those that may lead have to carry what the others may not: the mean of all is then out of reach.
        var high = mean * spread * leading >= total * (1 + (settings.LeaderBytesInSpread / 2)) ? mean * spread : total / leading * spread;
        foreach (var broker in alive)
        {
            bands.Set(broker, Lane.LeaderBytesIn, 0, high, mean);
        }
    }

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.Report(placement, bands, this, Lane.LeaderBytesIn);
}
