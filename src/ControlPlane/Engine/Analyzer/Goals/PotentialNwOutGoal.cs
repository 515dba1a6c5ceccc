namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>
/// If a broker led everything it holds, its outbound network would still suffice: at most <see cref="BandSettings.NetworkLimit"/> of its
/// capacity. Where all brokers together could not, none shall be far above the mean. Reported as brokers above.
/// </summary>
public sealed class PotentialNwOutGoal : IGoal
{
    public string Name => "PotentialNwOutGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        var receivers = LaneBand.Receivers(placement);
        var capacity = receivers.Sum(broker => placement.Arrays.CapacityOf(broker, Lane.BytesOut));
        if (!settings.CountNetwork || !(capacity > 0))
        {
            return;
        }

        // What each has to carry whoever leads: where that is above the limit, nobody can be held to it.
        var (share, raised) = (settings.NetworkLimit * (1 - settings.Shrink), 0);
        foreach (var (broker, target, _) in Targets.Of(placement, Lane.PotentialBytesOut))
        {
            var own = placement.Arrays.CapacityOf(broker, Lane.BytesOut);
            if (own > 0)
            {
                var isOver = target > own * share;
                raised += isOver ? 1 : 0;
                bands.Set(broker, Lane.PotentialBytesOut, 0, isOver ? target * (1 + settings.InnerSpread) : own * share, own * settings.NetworkLimit);
            }
        }

        if (raised > 0)
        {
            bands.Notes.Add($"{Name} can't be met on {PlanWords.Count(raised, "broker")} by any placement: their share of all replicas alone could give out more than {settings.NetworkLimit:0 %} of their network. They are held near that share instead.");
        }
    }

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.Report(placement, bands, this, Lane.PotentialBytesOut);
}
