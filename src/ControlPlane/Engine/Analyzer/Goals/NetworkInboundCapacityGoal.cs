namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>No broker, or the host it shares, takes in more of its capacity than <see cref="BandSettings.NetworkLimit"/>; no limit where that is unknown. Reported as brokers above.</summary>
public sealed class NetworkInboundCapacityGoal : IGoal
{
    public string Name => "NetworkInboundCapacityGoal";

    public bool IsHard => true;

    public void Shape(Placement placement, BandSettings settings, Bands bands) =>
        LaneBand.ShapeLimit(placement, Lane.BytesIn, settings.NetworkLimit * (1 - settings.Shrink), bands);

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.ReportHard(placement, bands, this, Lane.BytesIn);
}
