namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Every broker's CPU is about equally busy, relative to its capacity; shared hosts are judged as one. Reported as brokers outside.</summary>
public sealed class CpuUsageDistributionGoal : IGoal
{
    public string Name => "CpuUsageDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        LaneBand.ShapeUsage(placement, Lane.Cpu, settings, bands);
    }

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.Report(placement, bands, this, Lane.Cpu);
}
