namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>
/// Every broker's disk is about equally full: the mean utilisation times its own capacity. Where one receiver does not tell its capacity, all
/// are taken as equal. Reported as brokers outside.
/// </summary>
public sealed class DiskUsageDistributionGoal : IGoal
{
    public string Name => "DiskUsageDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        var receivers = LaneBand.Receivers(placement);
        var capacity = receivers.Sum(broker => placement.Arrays.DiskCapacity[broker]);
        if (double.IsNaN(capacity) || capacity <= 0)
        {
            LaneBand.ShapeMean(placement, Lane.Disk, settings.InnerSpread, bands);
            return;
        }

        var utilisation = LaneBand.Total(placement, Lane.Disk) / capacity;
        foreach (var broker in receivers)
        {
            var target = utilisation * placement.Arrays.DiskCapacity[broker];
            bands.Set(broker, Lane.Disk, target * (1 - settings.InnerSpread), target * (1 + settings.InnerSpread), target);
        }
    }

    public GoalReport Report(Placement placement) => LaneBand.Report(placement, this, Lane.Disk);
}
