namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Every broker leads about the same number of partitions: floor and ceil of the mean's band. Reported as brokers outside.</summary>
public sealed class LeaderReplicaDistributionGoal : IGoal
{
    public string Name => "LeaderReplicaDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands) =>
        LaneBand.ShapeCount(placement, Lane.Leaders, settings, bands);

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.Report(placement, bands, this, Lane.Leaders);
}
