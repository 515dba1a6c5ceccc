namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Bands that are a target and a spread around it, over the brokers that may receive.</summary>
internal static class LaneBand
{
    /// <summary>Rounding of sums must not count as a violation.</summary>
    private const double Tolerance = 1e-9;
    private const double Rounding = 1e-7;

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
        placement.Arrays.CanReceive[broker]
        && (lane is not (Lane.Cpu or Lane.BytesOut or Lane.Leaders) || placement.Arrays.CanLead[broker])
        && (placement.Arrays.IsDestination.Length == 0 || placement.Arrays.IsDestination[broker] || lane == Lane.Leaders);

    /// <summary>Brokers of a set without topics have none: whatever lies there belongs elsewhere.</summary>
    private static bool HasBand(Placement placement, double target) => placement.Arrays.BrokerSet.Length == 0 || target > 0;

    /// <summary>The same number for each broker: floor and ceil leave room for whole replicas.</summary>
    public static void ShapeCount(Placement placement, int lane, double spread, Bands bands)
    {
        foreach (var (broker, target) in Targets.Of(placement, lane).Where(one => HasBand(placement, one.Target)))
        {
            // Where a product falls on a whole number, the last bit of the sum must not decide.
            var low = CanBeFilled(placement, broker, lane) ? Math.Floor((target * Math.Max(0, 1 - spread)) + Rounding) : 0;
            bands.Set(broker, lane, low, Math.Ceiling((target * (1 + spread)) - Rounding), target);
        }
    }

    /// <summary>Each broker's target and a spread around it; CPU and network of a host that several brokers share are banded as one.</summary>
    public static void ShapeUsage(Placement placement, int lane, BandSettings settings, Bands bands)
    {
        var isIdle = Targets.Utilisation(placement, lane) <= settings.LowUtilisation;
        foreach (var (row, target) in ByHost(placement, lane, Targets.Of(placement, lane)).Where(one => HasBand(placement, one.Target)))
        {
            var fillable = row >= placement.Brokers ? placement.Hosts.Members[row - placement.Brokers].All(Fills) : Fills(row);
            var high = target * (1 + settings.InnerSpread);
            var low = isIdle || !fillable ? 0 : target * Math.Max(0, 1 - settings.InnerSpread);
            bands.Set(row, lane, low, isIdle ? Math.Max(high, LowLimit(placement, row, lane, settings)) : high, target);
        }

        bool Fills(int broker) => CanBeFilled(placement, broker, lane);
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
            var capacity = placement.Hosts.Members[host].Sum(broker => placement.Arrays.CapacityOf(broker, lane));
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
        : placement.Hosts.Members[row - placement.Brokers].Any(broker => placement.Arrays.Alive[broker]);

    private static void Add(double load, double low, double high, double target, ref int count, ref double distance)
    {
        var outside = Math.Max(load - high, low - load);
        if (outside > Tolerance * Math.Max(1, Math.Abs(high)))
        {
            (count, distance) = (count + 1, distance + (outside / target));
        }
    }

    private static IEnumerable<(int Row, double Target)> ByHost(Placement placement, int lane, IEnumerable<(int Broker, double Target)> targets)
    {
        var hosts = new double[placement.Hosts.Count];
        foreach (var (broker, target) in targets)
        {
            if (lane == Lane.Disk || placement.Hosts.RowOf[broker] < 0)
            {
                yield return (broker, target);
            }
            else
            {
                hosts[placement.Hosts.RowOf[broker] - placement.Brokers] += target;
            }
        }

        for (var host = 0; host < hosts.Length; host++)
        {
            yield return (placement.Brokers + host, hosts[host]);
        }
    }

    private static double LowLimit(Placement placement, int row, int lane, BandSettings settings)
    {
        var capacity = row >= placement.Brokers
            ? placement.Hosts.Members[row - placement.Brokers].Sum(broker => placement.Arrays.CapacityOf(broker, lane))
            : placement.Arrays.CapacityOf(row, lane);
        return double.IsNaN(capacity) ? 0 : settings.LowUtilisation * 0.9 * capacity;
    }
}
