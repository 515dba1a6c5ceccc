namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>No broker holds more replicas than <see cref="BandSettings.ReplicaLimit"/>: a hard limit on the replica lane.</summary>
public sealed class ReplicaCapacityGoal : IGoal
{
    public string Name => "ReplicaCapacityGoal";

    public bool IsHard => true;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        for (var broker = 0; broker < placement.Brokers; broker++)
        {
            bands.SetHard(broker, Lane.Replicas, settings.ReplicaLimit, settings.ReplicaLimit);
        }
    }

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.ReportHard(placement, bands, this, Lane.Replicas);
}
