namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>
/// No rack holds more replicas of a partition than it must: one while there are as many racks as replicas, else evenly spread
/// (ceil(RF / racks)). No band: it forbids destinations, see <see cref="MostPerRack"/>. Reported as partitions that break it.
/// </summary>
public sealed class RackAwareGoal : IGoal
{
    public string Name => "RackAwareGoal";

    public bool IsHard => true;

    /// <summary>Racks with a broker that lives.</summary>
    public static int LivingRacks(Placement placement) =>
        Enumerable.Range(0, placement.Brokers).Where(broker => placement.Arrays.Alive[broker]).Select(broker => placement.Arrays.Rack[broker]).Distinct().Count();

    public static int MostPerRack(int replicas, int racks) => racks == 0 ? replicas : (replicas + racks - 1) / racks;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
    }

    public GoalReport Report(Placement placement)
    {
        var (arrays, racks, broken) = (placement.Arrays, LivingRacks(placement), 0);
        for (var partition = 0; partition < arrays.Topic.Length; partition++)
        {
            var replicas = placement.Current.AsSpan(arrays.Start[partition]..arrays.Start[partition + 1]);
            broken += IsBroken(arrays.Rack, replicas, MostPerRack(replicas.Length, racks)) ? 1 : 0;
        }

        return new GoalReport(Name, IsHard, broken, "partitions");
    }

    private static bool IsBroken(int[] rackOf, ReadOnlySpan<int> replicas, int most)
    {
        foreach (var one in replicas)
        {
            var count = 0;
            foreach (var other in replicas)
            {
                count += rackOf[other] == rackOf[one] ? 1 : 0;
            }

            if (count > most)
            {
                return true;
            }
        }

        return false;
    }
}
