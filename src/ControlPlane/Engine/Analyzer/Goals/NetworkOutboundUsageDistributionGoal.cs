namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Every broker gives out about the same share of its capacity to consumers; shared hosts are judged as one. Reported as brokers outside.</summary>
public sealed class NetworkOutboundUsageDistributionGoal : IGoal
{
    public string Name => "NetworkOutboundUsageDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        if (!settings.CountNetwork)
        {
            return;
        }

        LaneBand.ShapeUsage(placement, Lane.BytesOut, settings, bands);
    }

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.Report(placement, bands, this, Lane.BytesOut);
}
