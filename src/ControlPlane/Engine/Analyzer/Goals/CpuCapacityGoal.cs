namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>No broker and no shared host uses more of its CPU than <see cref="BandSettings.CpuLimit"/>; no limit where the capacity is unknown. Reported as brokers above.</summary>
public sealed class CpuCapacityGoal : IGoal
{
    public string Name => "CpuCapacityGoal";

    public bool IsHard => true;

    public void Shape(Placement placement, BandSettings settings, Bands bands) =>
        LaneBand.ShapeLimit(placement, Lane.Cpu, settings.CpuLimit * (1 - settings.Shrink), bands);

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.ReportHard(placement, bands, this, Lane.Cpu);
}
