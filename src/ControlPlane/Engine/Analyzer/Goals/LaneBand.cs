namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Bands that are a target and a spread around it, over the brokers that may receive.</summary>
internal static class LaneBand
{
    /// <summary>Rounding of sums must not count as a violation.</summary>
    private const double Tolerance = 1e-9;
    private const double Rounding = 1e-7;

    /// <summary>Beside what is lost for certain: the order of a judge's sum is not known.</summary>
    private const double SumErrorAtLeast = 1e-4;
    private const double Megabyte = 1 << 20;

    /// <summary>What all brokers carry together on a lane; lost replicas count, because they come back.</summary>
    public static double Total(Placement placement, int lane)
    {
        var total = 0.0;
        for (var broker = 0; broker < placement.Brokers; broker++)
        {
            total += placement.LoadOf(broker, lane);
        }

        return total;
    }

    public static int[] Receivers(Placement placement) =>
        [.. Enumerable.Range(0, placement.Brokers).Where(broker => placement.Arrays.CanReceive[broker])];

    /// <summary>Whether the lower edge holds for a broker: who can't receive, or lead where leading makes the load, can't be asked to carry more.</summary>
    public static bool CanBeFilled(Placement placement, int broker, int lane) =>
        HasLowerEdge(placement, broker, lane)
        && (placement.Arrays.IsDestination.Length == 0 || placement.Arrays.IsDestination[broker] || lane == Lane.Leaders);

    private static bool HasLowerEdge(Placement placement, int broker, int lane) =>
        placement.Arrays.CanReceive[broker] && (lane is not (Lane.Cpu or Lane.BytesOut or Lane.Leaders) || placement.Arrays.CanLead[broker]);

    /// <summary>Who is no destination of this plan can't be filled, but it shall not give away so much that the next plan has to.</summary>
    public static double LowerEdge(Placement placement, int row, int lane, double low)
    {
        var members = row < placement.Brokers ? [row] : LivingOf(placement, row);
        return members.All(broker => CanBeFilled(placement, broker, lane)) ? low
            : members.All(broker => HasLowerEdge(placement, broker, lane)) ? Math.Min(low, placement.Load[(row * Lane.Count) + lane])
            : 0;
    }

    /// <summary>Brokers of a set without topics have none: whatever lies there belongs elsewhere.</summary>
    private static bool HasBand(Placement placement, double target) => placement.Arrays.BrokerSet.Length == 0 || target > 0;

    /// <summary>
    /// The band around a broker's target. Where the target lies within reach of the mean of all brokers, that is what the goal asks for: it is
    /// the band, or the edge that a narrower one may not cross. Only where racks make it impossible the target has a band of its own.
    /// </summary>
    public static (double Low, double High) Edges(double target, double even, double inner, double outer)
    {
        var (low, high) = (even * Math.Max(0, 1 - outer), even * (1 + outer));
        var own = (Low: target * Math.Max(0, 1 - inner), High: target * (1 + inner));
        return target < low || target > high ? own
            : inner >= outer ? (low, high)
            : (Math.Max(low, own.Low), Math.Min(high, own.High));
    }

    /// <summary>The same in whole numbers: floor and ceil leave room for whole replicas, so more lies within reach.</summary>
    public static (double Low, double High) CountEdges(double target, double even, double inner, double outer)
    {
        // Where a product falls on a whole number, the last bit of the sum must not decide.
        var (low, high) = (Math.Floor((even * Math.Max(0, 1 - outer)) + Rounding), Math.Ceiling((even * (1 + outer)) - Rounding));
        var own = (Low: Math.Floor((target * Math.Max(0, 1 - inner)) + Rounding), High: Math.Ceiling((target * (1 + inner)) - Rounding));
        return target < low || target > high ? own
            : inner >= outer ? (low, high)
            : (Math.Max(low, own.Low), Math.Min(high, own.High));
    }

    /// <summary>The same number for each broker, where racks allow it.</summary>
    public static void ShapeCount(Placement placement, int lane, BandSettings settings, Bands bands)
    {
        foreach (var (broker, target, even) in Targets.Of(placement, lane).Where(one => HasBand(placement, one.Target)))
        {
            var (low, high) = CountEdges(target, even, settings.InnerSpread, settings.OuterSpread);
            bands.Set(broker, lane, LowerEdge(placement, broker, lane, low), high, target);
        }
    }

    /// <summary>Each broker's target and a spread around it; CPU and network of a host that several brokers share are banded as one.</summary>
    public static void ShapeUsage(Placement placement, int lane, BandSettings settings, Bands bands)
    {
        var isIdle = Targets.Utilisation(placement, lane) <= settings.LowUtilisation;
        var outer = settings.OuterSpread - (lane == Lane.Disk && settings.Shrink > 0 ? SumError(placement, settings) : 0);
        foreach (var (row, target, even) in ByHost(placement, lane, Targets.Of(placement, lane)).Where(one => HasBand(placement, one.Target)))
        {
            var (low, high) = Edges(target, even, settings.InnerSpread, outer);
            bands.Set(row, lane, isIdle ? 0 : LowerEdge(placement, row, lane, low), isIdle ? Math.Max(high, LowLimit(placement, row, lane, settings)) : high, target);
        }
    }

    /// <summary>A hard limit that is a share of the capacity, for each broker and, on lanes of the machine, for each shared host.</summary>
    public static void ShapeLimit(Placement placement, int lane, double share, Bands bands)
    {
        for (var broker = 0; broker < placement.Brokers; broker++)
        {
            var isShared = placement.Hosts.RowOf[broker] >= 0 && lane is Lane.BytesIn or Lane.BytesOut;
            if (placement.Arrays.CapacityOf(broker, lane) is var capacity && !double.IsNaN(capacity) && !isShared)
            {
                bands.SetHard(broker, lane, capacity * share, capacity);
            }
        }

        for (var host = 0; host < placement.Hosts.Count && lane != Lane.Disk; host++)
        {
            var capacity = LivingOf(placement, placement.Brokers + host).Sum(broker => placement.Arrays.CapacityOf(broker, lane));
            if (!double.IsNaN(capacity))
            {
                bands.SetHard(placement.Brokers + host, lane, capacity * share, capacity);
            }
        }
    }

    public static GoalReport Report(Placement placement, Bands bands, IGoal goal, int lane)
    {
        var (count, distance) = (0, 0.0);
        for (var row = 0; row < placement.Rows; row++)
        {
            var at = (row * Lane.Count) + lane;
            if (bands.W1[at] > 0 && IsJudged(placement, row) && !IsJudgedByHost(placement, row, lane))
            {
                Add(placement.Load[at], bands.Low[at], bands.High[at], bands.Weight / bands.W1[at], ref count, ref distance);
            }
        }

        return new(goal.Name, goal.IsHard, count, "brokers", distance);
    }

    public static GoalReport ReportHard(Placement placement, Bands bands, IGoal goal, int lane)
    {
        var (count, distance) = (0, 0.0);
        for (var row = 0; row < placement.Rows; row++)
        {
            var at = (row * Lane.Count) + lane;
            if (!double.IsInfinity(bands.Hard[at]) && IsJudged(placement, row))
            {
                Add(placement.Load[at], 0, bands.Hard[at], Math.Max(bands.Hard[at], double.Epsilon), ref count, ref distance);
            }
        }

        return new(goal.Name, goal.IsHard, count, "brokers", distance);
    }

    /// <summary>A broker that shares its machine has a limit of its own there, but no band.</summary>
    private static bool IsJudgedByHost(Placement placement, int row, int lane) => lane < Lane.Disk && row < placement.Brokers && placement.Hosts.RowOf[row] >= 0;

    private static bool IsJudged(Placement placement, int row) => row < placement.Brokers
        ? placement.Arrays.Alive[row]
        : LivingOf(placement, row).Length > 0;

    private static int[] LivingOf(Placement placement, int host) => placement.Hosts.LivingOf(host, placement.Arrays.Alive);

    private static void Add(double load, double low, double high, double target, ref int count, ref double distance)
    {
        var outside = Math.Max(load - high, low - load);
        if (outside > Tolerance * Math.Max(1, Math.Abs(high)))
        {
            (count, distance) = (count + 1, distance + (outside / target));
        }
    }

    private static (int Row, double Target, double Even)[] ByHost(Placement placement, int lane, (int Broker, double Target, double Even)[] targets)
    {
        var (found, hosts) = (new List<(int Row, double Target, double Even)>(targets.Length), new (double Target, double Even)[placement.Hosts.Count]);
        foreach (var (broker, target, even) in targets)
        {
            if (lane == Lane.Disk || placement.Hosts.RowOf[broker] < 0)
            {
                found.Add((broker, target, even));
            }
            else
            {
                ref var host = ref hosts[placement.Hosts.RowOf[broker] - placement.Brokers];
                host = (host.Target + target, host.Even + even);
            }
        }

        for (var host = 0; host < hosts.Length; host++)
        {
            found.Add((placement.Brokers + host, hosts[host].Target, hosts[host].Even));
        }

        return [.. found];
    }

    /// <summary>
    /// Cruise Control sums the disk of a cluster in single precision and megabytes, so its mean is off: by 1.3e-4 of it was seen at 150,000
    /// replicas, more where many are of one size. A plan that shall pass there keeps away from the edge by that.
    /// </summary>
    private static double SumError(Placement placement, BandSettings settings)
    {
        var (single, exact) = (0f, 0.0);
        for (var slot = 0; slot < placement.Current.Length; slot++)
        {
            var size = (float)(placement.DiskOf(placement.Part[slot]) / Megabyte);
            (single, exact) = (single + size, exact + size);
        }

        return exact > 0 ? Math.Min(settings.OuterSpread / 2, SumErrorAtLeast + (2 * Math.Abs((single / exact) - 1))) : 0;
    }

    private static double LowLimit(Placement placement, int row, int lane, BandSettings settings)
    {
        var capacity = row >= placement.Brokers
            ? LivingOf(placement, row).Sum(broker => placement.Arrays.CapacityOf(broker, lane))
            : placement.Arrays.CapacityOf(row, lane);
        return double.IsNaN(capacity) ? 0 : settings.LowUtilisation * 0.9 * capacity;
    }
}
