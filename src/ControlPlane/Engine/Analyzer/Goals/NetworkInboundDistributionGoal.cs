namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Every broker takes in about the same bytes per second, produced and replicated; only where rates are measured. Reported as brokers outside.</summary>
public sealed class NetworkInboundDistributionGoal : IGoal
{
    public string Name => "NetworkInboundDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        if (settings.CountNetwork)
        {
            LaneBand.ShapeMean(placement, Lane.BytesIn, settings.InnerSpread, bands);
        }
    }

    public GoalReport Report(Placement placement) => LaneBand.Report(placement, this, Lane.BytesIn);
}
