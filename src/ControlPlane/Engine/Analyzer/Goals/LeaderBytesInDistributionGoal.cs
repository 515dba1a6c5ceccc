namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>
/// No broker takes in more from producers than the mean of the brokers that may hold replicas and a tenth; it has no lower edge and knows no
/// capacities. Reported as brokers above.
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

        // Those that may lead have to carry what the others may not: their own mean is judged where that of all is out of reach.
        var total = LaneBand.Total(placement, Lane.LeaderBytesIn);
        var (mean, own) = (total / Math.Max(1, LaneBand.Receivers(placement).Length), total / leading);
        var most = mean * (1 + settings.OuterLeaderSpread);
        var high = own > most ? own * (1 + settings.InnerLeaderSpread) : Math.Min(most, Math.Max(own, mean) * (1 + settings.InnerLeaderSpread));
        foreach (var broker in alive)
        {
            bands.Set(broker, Lane.LeaderBytesIn, 0, high, total / alive.Length);
        }
    }

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.Report(placement, bands, this, Lane.LeaderBytesIn);
}
