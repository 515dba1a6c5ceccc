namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Every broker holds about the same number of replicas: floor and ceil of the mean's band. Reported as brokers outside.</summary>
public sealed class ReplicaDistributionGoal : IGoal
{
    public string Name => "ReplicaDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands) =>
        LaneBand.ShapeCount(placement, Lane.Replicas, settings, bands);

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.Report(placement, bands, this, Lane.Replicas);
}
