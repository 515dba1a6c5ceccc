namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Every broker takes in about the same share of its capacity, produced and replicated; shared hosts are judged as one. Reported as brokers outside.</summary>
public sealed class NetworkInboundUsageDistributionGoal : IGoal
{
    public string Name => "NetworkInboundUsageDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        if (!settings.CountNetwork)
        {
            return;
        }

        LaneBand.ShapeUsage(placement, Lane.BytesIn, settings, bands);
    }

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.Report(placement, bands, this, Lane.BytesIn);
}
