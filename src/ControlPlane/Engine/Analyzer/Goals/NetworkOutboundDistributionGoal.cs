namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Every broker gives out about the same bytes per second to consumers; only where rates are measured. Reported as brokers outside.</summary>
public sealed class NetworkOutboundDistributionGoal : IGoal
{
    public string Name => "NetworkOutboundDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        if (settings.CountNetwork)
        {
            LaneBand.ShapeMean(placement, Lane.BytesOut, settings.InnerSpread, bands);
        }
    }

    public GoalReport Report(Placement placement) => LaneBand.Report(placement, this, Lane.BytesOut);
}
