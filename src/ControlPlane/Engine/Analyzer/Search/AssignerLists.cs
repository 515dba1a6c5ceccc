using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Replica lists with their order, for kafka-assigner mode: there each place in the lists is spread evenly on its own, so that leadership,
/// and what takes over from it, is even as well.
/// </summary>
internal sealed class AssignerLists
{
    private readonly OptimizerProblem _problem;
    private readonly Placement _placement;
    private readonly int _racks;

    /// <summary>The lists of one broker set, which is spread over its own brokers.</summary>
    /// <param name="problem">Whose partitions they are.</param>
    /// <param name="placement">Where they lie.</param>
    /// <param name="set">-1: there are no sets.</param>
    private AssignerLists(OptimizerProblem problem, Placement placement, int set)
    {
        (_problem, _placement) = (problem, placement);
        Receivers = [.. LaneBand.Receivers(placement).Where(broker => set < 0 || problem.Arrays.BrokerSet[broker] == set)];
        _racks = RackAwareGoal.LivingRacks(placement);
        Lists = new int[problem.Partitions][];
        for (var partition = 0; partition < Lists.Length; partition++)
        {
            Lists[partition] = set < 0 || problem.Arrays.TopicSet[problem.Arrays.Topic[partition]] == set ? ListOf(placement, partition) : [];
        }
    }

    /// <summary>By broker set, or all in one: sets have nothing to give each other.</summary>
    public static IReadOnlyList<AssignerLists> Of(OptimizerProblem problem, Placement placement) => problem.Arrays.BrokerSet.Length == 0
        ? [new AssignerLists(problem, placement, -1)]
        : [.. problem.Arrays.TopicSet.Distinct().Order().Select(set => new AssignerLists(problem, placement, set))];

    /// <summary>By partition; empty where it is of another set.</summary>
    public int[][] Lists { get; }

    public int[] Receivers { get; }

    /// <summary>Brokers that may stand at a place of the lists: the first leads.</summary>
    public int[] Eligible(int place) => place > 0 ? Receivers : [.. Receivers.Where(broker => _problem.Arrays.CanLead[broker])];

    /// <summary>Whether a replica of the partition on that broker could lead, or a new one would have to.</summary>
    public bool MayStand(int partition, int place, int broker)
    {
        var start = _problem.Arrays.Start[partition];
        for (var other = start; other < _problem.Arrays.Start[partition + 1]; other++)
        {
            // Kafka's list still has a broker that lost its copy with a log dir.
            if (_problem.MustMove[other] && _problem.Arrays.Current[other] == broker)
            {
                return false;
            }
        }

        if (place > 0)
        {
            return true;
        }

        var slot = _placement.Current.AsSpan(start.._problem.Arrays.Start[partition + 1]).IndexOf(broker);
        return _problem.Arrays.CanLead[broker] && (slot < 0 ? _placement.Lead[partition] >= 0 : !_problem.MayNotLead[start + slot]);
    }

    public int Places => Lists.Length == 0 ? 0 : Lists.Max(list => list.Length);

    /// <summary>Takes back lists that ended with more replicas in one rack than they had: evenness is not worth that.</summary>
    public void KeepRacks(Placement placement)
    {
        for (var partition = 0; partition < Lists.Length; partition++)
        {
            var before = ListOf(placement, partition);
            if (RackSpread.Uneven(_problem.Arrays.Rack, Lists[partition], _racks) > RackSpread.Uneven(_problem.Arrays.Rack, before, _racks))
            {
                Lists[partition] = before;
            }
        }
    }

    /// <summary>Replicas of each broker at a place of the lists.</summary>
    public int[] CountsAt(int place)
    {
        var counts = new int[_problem.Arrays.Alive.Length];
        foreach (var list in Lists)
        {
            if (list.Length > place)
            {
                counts[list[place]]++;
            }
        }

        return counts;
    }

    /// <summary>Whether a broker may stand at a place of a list as far as the places before it go.</summary>
    public bool Fits(ReadOnlySpan<int> before, int broker, int replicas)
    {
        var (same, most) = (0, RackAwareGoal.MostPerRack(replicas, _racks));
        foreach (var other in before)
        {
            if (other == broker)
            {
                return false;
            }

            same += _problem.Arrays.Rack[other] == _problem.Arrays.Rack[broker] ? 1 : 0;
        }

        return same < most;
    }

    /// <summary>A list that could only be made worse stays as it was: even places are not worth two replicas in a rack.</summary>
    public void KeepWhatGotWorse(int[][] before)
    {
        for (var partition = 0; partition < Lists.Length; partition++)
        {
            if (RackSpread.Uneven(_problem.Arrays.Rack, Lists[partition], _racks) > RackSpread.Uneven(_problem.Arrays.Rack, before[partition], _racks)
                || Lists[partition].Distinct().Count() < Lists[partition].Length)
            {
                Lists[partition] = before[partition];
            }
        }
    }

    /// <summary>KafkaAssignerEvenRackAwareGoal: places on which brokers differ by more than one.</summary>
    public GoalReport ReportEven()
    {
        var (outside, distance) = (0, 0.0);
        for (var place = 0; place < Places; place++)
        {
            var counts = CountsAt(place);
            var (total, eligible) = (Lists.Count(list => list.Length > place), Eligible(place));
            var (floor, ceiling) = eligible.Length == 0 ? (0, total) : (total / eligible.Length, (total + eligible.Length - 1) / eligible.Length);
            foreach (var broker in eligible)
            {
                var off = Math.Max(counts[broker] - ceiling, floor - counts[broker]);
                (outside, distance) = off > 0 ? (outside + 1, distance + (off / (double)Math.Max(1, ceiling))) : (outside, distance);
            }
        }

        return new("KafkaAssignerEvenRackAwareGoal", true, outside, "pairs of broker and place in the list", distance);
    }

    /// <summary>KafkaAssignerDiskUsageDistributionGoal: brokers whose disk is outside the mean and the spread.</summary>
    public GoalReport ReportDisk()
    {
        var (disk, outside, distance) = (Disk(), 0, 0.0);
        var mean = Receivers.Select(broker => disk[broker]).DefaultIfEmpty(0).Average();
        foreach (var broker in Receivers)
        {
            var off = Math.Abs(disk[broker] - mean) - (mean * _problem.Wish.Bands.Spread);
            (outside, distance) = off > 1e-9 * mean ? (outside + 1, distance + (off / mean)) : (outside, distance);
        }

        return new("KafkaAssignerDiskUsageDistributionGoal", false, outside, "brokers", distance);
    }

    public double[] Disk()
    {
        var disk = new double[_problem.Arrays.Alive.Length];
        for (var partition = 0; partition < Lists.Length; partition++)
        {
            foreach (var broker in Lists[partition])
            {
                disk[broker] += SizeOf(partition);
            }
        }

        return disk;
    }

    public double SizeOf(int partition) => _problem.Arrays.Loads.SizeOf(partition);

    private int[] ListOf(Placement placement, int partition)
    {
        var list = placement.Current[_problem.Arrays.Start[partition].._problem.Arrays.Start[partition + 1]];
        var lead = placement.Lead[partition] - _problem.Arrays.Start[partition];
        if (lead > 0)
        {
            (list[0], list[lead]) = (list[lead], list[0]);
        }

        return list;
    }
}
