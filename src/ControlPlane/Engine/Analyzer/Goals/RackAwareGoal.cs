namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>
/// No two replicas of a partition share a rack. Where there are more replicas than racks that is impossible, and the spread of
/// <see cref="RackAwareDistributionGoal"/> is the best there is. No band: it forbids destinations. Reported as partitions that break it.
/// </summary>
public sealed class RackAwareGoal : IGoal
{
    public string Name => "RackAwareGoal";

    public bool IsHard => true;

    /// <summary>Racks with a broker that lives.</summary>
    public static int LivingRacks(Placement placement)
    {
        var racks = new HashSet<int>();
        for (var broker = 0; broker < placement.Brokers; broker++)
        {
            if (placement.Arrays.Alive[broker])
            {
                racks.Add(placement.Arrays.Rack[broker]);
            }
        }

        return racks.Count;
    }

    public static int MostPerRack(int replicas, int racks) => racks == 0 ? replicas : (replicas + racks - 1) / racks;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
    }

    public GoalReport Report(Placement placement, Bands bands)
    {
        var (arrays, broken, surplus) = (placement.Arrays, 0, 0);
        for (var partition = 0; partition < arrays.Topic.Length; partition++)
        {
            var extra = RackSpread.Surplus(arrays.Rack, placement.Current.AsSpan(arrays.Start[partition]..arrays.Start[partition + 1]), most: 1);
            (broken, surplus) = (broken + (extra > 0 ? 1 : 0), surplus + extra);
        }

        return new GoalReport(Name, IsHard, broken, "partitions", surplus);
    }
}
