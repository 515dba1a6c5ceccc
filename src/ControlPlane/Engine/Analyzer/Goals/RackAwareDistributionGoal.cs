namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>
/// The replicas of a partition are spread over the racks as evenly as can be: floor(RF / racks) or one more on each, and one more on just
/// RF mod racks of them. No band: it forbids destinations. Reported as partitions that break it.
/// </summary>
public sealed class RackAwareDistributionGoal : IGoal
{
    public string Name => "RackAwareDistributionGoal";

    public bool IsHard => true;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
    }

    public GoalReport Report(Placement placement, Bands bands)
    {
        var (arrays, racks, broken, surplus) = (placement.Arrays, RackAwareGoal.LivingRacks(placement), 0, 0);
        for (var partition = 0; partition < arrays.Topic.Length; partition++)
        {
            var extra = RackSpread.Uneven(arrays.Rack, placement.Current.AsSpan(arrays.Start[partition]..arrays.Start[partition + 1]), racks);
            (broken, surplus) = (broken + (extra > 0 ? 1 : 0), surplus + extra);
        }

        return new GoalReport(Name, IsHard, broken, "partitions", surplus);
    }
}
