namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>
/// What each broker shall carry of a lane: its share of the total by capacity, or by number where capacities are unknown or do not count.
/// A rack can hold no more than one copy of everything while replicas keep to own racks, so in uneven racks the mean is out of reach: the
/// shares are then filled rack by rack like water (optimizer.md 6). Topics of a broker set are shared out within their set. Beside it the
/// share that all would have alike: the one that Cruise Control judges by, whatever the racks.
/// </summary>
internal static class Targets
{
    public static (int Broker, double Target, double Even)[] Of(Placement placement, int lane)
    {
        var arrays = placement.Arrays;
        var receivers = Receivers(placement, lane);
        if (receivers.Length == 0)
        {
            return [];
        }

        var shares = Shares(placement, receivers, lane);
        var (targets, even) = (new double[placement.Brokers], new double[placement.Brokers]);
        foreach (var set in receivers.GroupBy(broker => arrays.BrokerSet.Length == 0 ? 0 : arrays.BrokerSet[broker]))
        {
            Fill(placement, lane, [.. set], shares, arrays.BrokerSet.Length == 0 ? -1 : set.Key, (targets, even));
        }

        // Who may not receive may still give away: the same band, without a lower edge.
        var whole = receivers.Sum(broker => shares[broker]);
        var (mean, all) = (receivers.Sum(broker => targets[broker]) / whole, receivers.Sum(broker => even[broker]) / whole);
        // A broker set without topics has nothing to carry.
        return Enumerable.Range(0, placement.Brokers).Where(broker => arrays.Alive[broker]).Select(broker => targets[broker] > 0 || (arrays.BrokerSet.Length > 0 && shares[broker] > 0)
            ? (broker, targets[broker], even[broker])
            : (broker, mean * ShareOf(placement, broker, lane, shares), all * ShareOf(placement, broker, lane, shares)));
    }

    /// <summary>Mean utilisation of the receivers; infinite where capacities are unknown, so that it is never low.</summary>
    public static double Utilisation(Placement placement, int lane)
    {
        var capacity = Receivers(placement, lane).Sum(broker => placement.Arrays.CapacityOf(broker, lane));
        return capacity > 0 ? LaneBand.Total(placement, lane) / capacity : double.PositiveInfinity;
    }

    private static int[] Receivers(Placement placement, int lane) => lane == Lane.Leaders
        ? [.. Enumerable.Range(0, placement.Brokers).Where(broker => placement.Arrays.CanLead[broker])]
        : LaneBand.Receivers(placement);

    private static double[] Shares(Placement placement, int[] receivers, int lane)
    {
        var shares = new double[placement.Brokers];
        var resource = ResourceOf(lane);
        var isKnown = resource >= 0 && receivers.All(broker => placement.Arrays.CapacityOf(broker, resource) > 0);
        foreach (var broker in receivers)
        {
            shares[broker] = isKnown ? placement.Arrays.CapacityOf(broker, resource) : 1;
        }

        return shares;
    }

    /// <summary>The resource whose capacity counts for a lane; -1: none, all brokers are alike.</summary>
    private static int ResourceOf(int lane) => lane <= Lane.Disk ? lane : lane == Lane.PotentialBytesOut ? Lane.BytesOut : -1;

    private static double ShareOf(Placement placement, int broker, int lane, double[] shares) => shares[broker] > 0 ? shares[broker]
        : ResourceOf(lane) is >= 0 and var resource && placement.Arrays.CapacityOf(broker, resource) is var capacity && capacity > 0 && shares.Any(share => share > 1) ? capacity
        : 1;

    private static void Fill(Placement placement, int lane, int[] brokers, double[] shares, int set, (double[] Targets, double[] Even) found)
    {
        var racks = brokers.GroupBy(broker => placement.Arrays.Rack[broker]).Select(rack => rack.ToArray()).ToArray();
        var capacity = racks.Select(rack => rack.Sum(broker => shares[broker])).ToArray();
        var amounts = set < 0 ? placement.Amounts : new LaneAmounts(placement.Arrays, placement.Lead, RackAwareGoal.LivingRacks(placement), set);
        var (total, most) = (amounts.Total[lane], (Copy: amounts.Copy[lane], Followers: amounts.Followers[lane]));
        var level = lane switch
        {
            Lane.BytesIn or Lane.Disk or Lane.Replicas or Lane.PotentialBytesOut => Level(capacity, [.. capacity.Select(_ => most.Copy)], total),
            Lane.Cpu => LevelOfCpu(capacity, most, total),
            _ => [.. capacity.Select(part => total * part / capacity.Sum())],
        };
        // Cruise Control shares leaders out among all that may hold replicas, also where some of them may not lead.
        var sharing = lane == Lane.Leaders ? LaneBand.Receivers(placement).Count(broker => set < 0 || placement.Arrays.BrokerSet[broker] == set) : capacity.Sum();
        for (var rack = 0; rack < racks.Length; rack++)
        {
            foreach (var broker in racks[rack])
            {
                found.Targets[broker] = capacity[rack] > 0 ? level[rack] * shares[broker] / capacity[rack] : 0;
                found.Even[broker] = total * shares[broker] / Math.Max(sharing, double.Epsilon);
            }
        }
    }

    /// <summary>Followers are bound to racks like disk; what leading adds flows where it is wanted.</summary>
    private static double[] LevelOfCpu(double[] capacity, (double Copy, double Followers) most, double total)
    {
        var bottom = Level(capacity, [.. capacity.Select(_ => most.Copy)], most.Followers);
        var even = total / capacity.Sum();
        return bottom.Zip(capacity).All(rack => rack.First <= rack.Second * even)
            ? [.. capacity.Select(part => part * even)]
            : Pour(capacity, bottom, total - most.Followers);
    }

    /// <summary>Amounts in proportion to the capacity, none above its limit; what a full one can't take goes to the others.</summary>
    private static double[] Level(double[] capacity, double[] limit, double total)
    {
        var isFull = new bool[capacity.Length];
        var level = new double[capacity.Length];
        while (true)
        {
            var (left, open) = (total, 0.0);
            for (var i = 0; i < level.Length; i++)
            {
                (left, open) = isFull[i] ? (left - limit[i], open) : (left, open + capacity[i]);
            }

            var changed = false;
            for (var i = 0; i < level.Length; i++)
            {
                level[i] = isFull[i] ? limit[i] : open > 0 ? left * capacity[i] / open : 0;
            }

            for (var i = 0; i < level.Length; i++)
            {
                changed |= !isFull[i] && level[i] > limit[i] * (1 + 1e-12);
                isFull[i] |= level[i] > limit[i] * (1 + 1e-12);
            }

            // Where all are full, what is left lies on brokers that may not receive.
            if (isFull.All(full => full))
            {
                return limit;
            }

            if (!changed)
            {
                return level;
            }
        }
    }

    /// <summary>Adds an amount on top of what lies there, until the lowest stand level in proportion to their capacity.</summary>
    private static double[] Pour(double[] capacity, double[] bottom, double amount)
    {
        var order = Enumerable.Range(0, capacity.Length).OrderBy(i => bottom[i] / capacity[i]).ThenBy(i => i).ToArray();
        var (held, open, line) = (0.0, 0.0, 0.0);
        for (var place = 0; place < order.Length; place++)
        {
            (held, open) = (held + bottom[order[place]], open + capacity[order[place]]);
            line = (held + amount) / open;
            if (place + 1 == order.Length || line <= bottom[order[place + 1]] / capacity[order[place + 1]])
            {
                break;
            }
        }

        return [.. bottom.Select((low, i) => Math.Max(low, line * capacity[i]))];
    }
}
