using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Where not every goal can be met, a sum of distances is least when all of them are missed a little. People count goals, so here they are
/// met one by one, the more important first: what is met already weighs most, then the goal that is tried. What it does not win is taken back.
/// </summary>
internal sealed class PriorityPhase(SearchContext search, LeaderDescent leaders)
{
    /// <summary>Beyond so many replicas single partitions no longer stand in the way of a goal, and trying would take seconds.</summary>
    private const int MostReplicas = 30_000;

    private const double Kept = 100;
    private const double Wanted = 10;

    /// <summary>What is not met yet and comes later must not stand in the way.</summary>
    private const double Later = 0.01;

    private readonly Placement _placement = search.Placement;

    /// <summary>Begins where the joint search ended.</summary>
    /// <param name="shape">The bands of the goals, anew each time.</param>
    /// <param name="tell">After each round: its number and the cost.</param>
    public void Run(Func<Bands> shape, Action<int, double> tell)
    {
        var lanes = search.Problem.Goals.Select(LaneOf).Where(lane => lane >= 0).Distinct().ToArray();
        var kept = lanes.Where(IsMet).ToHashSet();
        if (_placement.Current.Length > MostReplicas || kept.Count == lanes.Length)
        {
            return;
        }

        // What can't be had beside a goal that is met already need not be tried.
        var contradictions = new SoftProofs(search.Problem, search.Problem.NewPlacement()).Contradictions().ToArray();
        foreach (var lane in lanes.Where(lane => !kept.Contains(lane) && !search.IsCut))
        {
            if (contradictions.Any(one => (one.Lane == lane && kept.Contains(one.Other)) || (one.Other == lane && kept.Contains(one.Lane))))
            {
                continue;
            }

            if (IsMet(lane) || Try(shape(), kept, lane, tell))
            {
                kept.Add(lane);
            }
        }

        // The others as near as they get without those.
        Try(shape(), kept, -1, tell);
        _placement.Judge(shape());
    }

    private static int LaneOf(IGoal goal) => goal switch
    {
        ReplicaDistributionGoal => Lane.Replicas,
        PotentialNwOutGoal => Lane.PotentialBytesOut,
        DiskUsageDistributionGoal => Lane.Disk,
        NetworkInboundUsageDistributionGoal => Lane.BytesIn,
        NetworkOutboundUsageDistributionGoal => Lane.BytesOut,
        CpuUsageDistributionGoal => Lane.Cpu,
        LeaderReplicaDistributionGoal => Lane.Leaders,
        LeaderBytesInDistributionGoal => Lane.LeaderBytesIn,
        _ => -1,
    };

    private bool Try(Bands bands, HashSet<int> kept, int wanted, Action<int, double> tell)
    {
        var (current, lead) = ((int[])_placement.Current.Clone(), (int[])_placement.Lead.Clone());
        for (var at = 0; at < bands.W1.Length; at++)
        {
            var factor = kept.Contains(at % Lane.Count) ? Kept : at % Lane.Count == wanted ? Wanted : wanted < 0 ? 1 : Later;
            (bands.W1[at], bands.W2[at]) = (bands.W1[at] * factor, bands.W2[at] * factor);
        }

        _placement.Judge(bands);
        var cost = _placement.Cost();
        new BalancePhase(search, leaders).Run(tell, isLast: true);
        _placement.Recount();
        if (kept.All(IsMet) && (wanted < 0 ? _placement.Cost() <= cost : IsMet(wanted)))
        {
            return true;
        }

        _placement.Restore(current, lead, search.Move);
        _placement.Recount();
        return false;
    }

    private bool IsMet(int lane)
    {
        for (var row = 0; row < _placement.Rows; row++)
        {
            var at = (row * Lane.Count) + lane;
            if (_placement.Bands.LaneCost(at, _placement.Load[at]) > SearchContext.Epsilon)
            {
                return false;
            }
        }

        return true;
    }
}
