namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Counts how replicas of one partition share racks; partitions have few replicas, so each is compared with each.</summary>
internal static class RackSpread
{
    /// <summary>Replicas beyond so many in their rack.</summary>
    public static int Surplus(int[] rackOf, ReadOnlySpan<int> replicas, int most)
    {
        var surplus = 0;
        for (var place = 0; place < replicas.Length; place++)
        {
            var before = 0;
            for (var other = 0; other < place; other++)
            {
                before += rackOf[replicas[other]] == rackOf[replicas[place]] ? 1 : 0;
            }

            surplus += before >= most ? 1 : 0;
        }

        return surplus;
    }

    /// <summary>Replicas that would have to change racks until the spread is as even as it can be; 0: it is.</summary>
    public static int Uneven(int[] rackOf, ReadOnlySpan<int> replicas, int racks)
    {
        if (racks == 0)
        {
            return 0;
        }

        // Above the floor each rack may have one more, RF mod racks of them in all.
        var floor = replicas.Length / racks;
        var above = Surplus(rackOf, replicas, floor);
        var far = Surplus(rackOf, replicas, floor + 1);
        return Math.Max(far, above - (replicas.Length % racks));
    }
}
