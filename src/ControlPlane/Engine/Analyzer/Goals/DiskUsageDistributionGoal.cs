namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Every broker's disk is about equally full: the mean utilisation times its own capacity; where one receiver does not tell its capacity, all are taken as equal. Reported as brokers outside.</summary>
public sealed class DiskUsageDistributionGoal : IGoal
{
    public string Name => "DiskUsageDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        LaneBand.ShapeUsage(placement, Lane.Disk, settings, bands);
    }

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.Report(placement, bands, this, Lane.Disk);
}
