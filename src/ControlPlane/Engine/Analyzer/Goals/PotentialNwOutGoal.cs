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

        var mean = LaneBand.Total(placement, Lane.PotentialBytesOut) / capacity;
        var share = settings.NetworkLimit * (1 - settings.Shrink);
        if (mean * (1 + settings.InnerSpread) > share)
        {
            share = mean * (1 + settings.InnerSpread);
            bands.Notes.Add($"{Name} can't be met by any placement: all replicas together could give out {mean:0 %} of the network. Brokers are held near that mean instead.");
        }

        for (var broker = 0; broker < placement.Brokers; broker++)
        {
            if (placement.Arrays.Alive[broker] && placement.Arrays.CapacityOf(broker, Lane.BytesOut) is var own && own > 0)
            {
                bands.Set(broker, Lane.PotentialBytesOut, 0, own * share, own * share);
            }
        }
    }

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.Report(placement, bands, this, Lane.PotentialBytesOut);
}
