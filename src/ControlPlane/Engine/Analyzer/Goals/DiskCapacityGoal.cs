namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>
/// A broker's volumes are filled to <see cref="BandSettings.DiskLimit"/> at most, less what else lies on them. Where the broker does not tell
/// its capacity there is no limit on the disk lane.
/// </summary>
public sealed class DiskCapacityGoal : IGoal
{
    public string Name => "DiskCapacityGoal";

    public bool IsHard => true;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        for (var broker = 0; broker < placement.Brokers; broker++)
        {
            var capacity = placement.Arrays.DiskCapacity[broker];
            if (!double.IsNaN(capacity))
            {
                bands.SetHard(broker, Lane.Disk, Math.Max(0, (capacity * settings.DiskLimit * (1 - settings.Shrink)) - placement.Arrays.DiskForeign[broker]), capacity);
            }
        }
    }

    public GoalReport Report(Placement placement, Bands bands) => LaneBand.ReportHard(placement, bands, this, Lane.Disk);
}
