using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>The bands that a run solves to, and those that its result is judged by.</summary>
internal static class SolveBands
{
    /// <summary>No result shall lie on the very edge by rounding.</summary>
    private const double Shrink = 1e-6;

    /// <summary>Room above the mean that a relaxed limit leaves.</summary>
    private const double Slack = 1.03;

    /// <summary>The bands as the goals define them: a broker outside is a violation.</summary>
    public static Bands ForJudging(OptimizerProblem problem, Placement placement) =>
        GoalCatalog.Shape(placement, problem.Wish.Bands.ForJudging(), problem.Goals, isWeighted: false);

    public static Bands Of(OptimizerProblem problem, Placement placement) => problem.Wish.Mode == OptimizerMode.MinimalRepair
        ? ForRepair(problem, placement)
        : GoalCatalog.Shape(placement, Settings(problem), problem.Goals, isWeighted: true);

    /// <summary>
    /// For a best effort where a limit can't be held by any placement: the limit rises to where the load can just be shared out. Else every
    /// destination would be refused and nothing would get better.
    /// </summary>
    public static Bands Relaxed(OptimizerProblem problem, Placement placement, ImmutableArray<InfeasibilityProof> proofs) =>
        problem.Wish.Mode == OptimizerMode.MinimalRepair ? ForRepair(problem, placement) : Relaxed(problem, placement, proofs, Settings(problem));

    /// <summary>As wide as the goals allow: what can't be brought into the narrower bands shall at least meet its goals.</summary>
    public static Bands Widened(OptimizerProblem problem, Placement placement, ImmutableArray<InfeasibilityProof> proofs) =>
        Relaxed(problem, placement, proofs, problem.Wish.Bands);

    private static Bands Relaxed(OptimizerProblem problem, Placement placement, ImmutableArray<InfeasibilityProof> proofs, BandSettings settings)
    {
        foreach (var proof in proofs)
        {
            settings = proof.Constraint switch
            {
                "DiskCapacityGoal" => settings with { DiskLimit = Math.Max(settings.DiskLimit, Share(placement, Lane.Disk)) },
                "CpuCapacityGoal" => settings with { CpuLimit = Math.Max(settings.CpuLimit, Share(placement, Lane.Cpu)) },
                "NetworkInboundCapacityGoal" => settings with { NetworkLimit = Math.Max(settings.NetworkLimit, Share(placement, Lane.BytesIn)) },
                "NetworkOutboundCapacityGoal" => settings with { NetworkLimit = Math.Max(settings.NetworkLimit, Share(placement, Lane.BytesOut)) },
                "ReplicaCapacityGoal" => settings with { ReplicaLimit = Math.Max(settings.ReplicaLimit, Math.Ceiling(Targets.Of(placement, Lane.Replicas).Select(one => one.Target).DefaultIfEmpty(0).Max() * Slack)) },
                _ => settings,
            };
        }

        return GoalCatalog.Shape(placement, settings, problem.Goals, isWeighted: true);
    }

    /// <summary>Only a rebalance is asked for evenness as such; the others shall not move more than their purpose and the goals need.</summary>
    private static BandSettings Settings(OptimizerProblem problem) =>
        problem.Wish.Mode == OptimizerMode.Rebalance ? problem.Wish.Bands.ForSolving() : problem.Wish.Bands;

    /// <summary>The fullest that a broker has to be, as a share of its capacity, with some room to move in.</summary>
    private static double Share(Placement placement, int lane) => Slack * Targets.Of(placement, lane)
        .Select(one => one.Target / (placement.Arrays.CapacityOf(one.Broker, lane) - (lane == Lane.Disk ? placement.Arrays.DiskForeign[one.Broker] : 0)))
        .Where(share => share > 0)
        .DefaultIfEmpty(0)
        .Max();

    /// <summary>For the free polish of leadership: the same bands, narrower where only leadership decides.</summary>
    public static Bands ForPolish(OptimizerProblem problem, Placement placement)
    {
        const double Narrow = 0.04;
        var settings = Settings(problem);
        var bands = GoalCatalog.Shape(placement, settings, problem.Goals, isWeighted: true);
        var narrow = GoalCatalog.Shape(placement, settings with { Spread = Math.Min(settings.Spread, Narrow), LeaderBytesInSpread = Math.Min(settings.LeaderBytesInSpread, Narrow) }, problem.Goals, isWeighted: true);
        for (var row = 0; row < placement.Rows; row++)
        {
            foreach (var lane in (ReadOnlySpan<int>)[Lane.Cpu, Lane.BytesOut, Lane.LeaderBytesIn])
            {
                var at = (row * Lane.Count) + lane;
                (bands.Low[at], bands.High[at]) = (Math.Max(bands.Low[at], narrow.Low[at]), Math.Min(bands.High[at], narrow.High[at]));

                // What is asked for beyond the goals weighs little beside them.
                (bands.W1[at], bands.W2[at]) = (bands.W1[at] * 0.02, bands.W2[at] * 0.02);
            }
        }

        return bands;
    }

    /// <summary>
    /// Only the limits asked for have a band. Every other broker keeps within its hard limits and under the same limit, or the trouble would
    /// only change its place.
    /// </summary>
    private static Bands ForRepair(OptimizerProblem problem, Placement placement)
    {
        var bands = GoalCatalog.Shape(placement, problem.Wish.Bands, [], isWeighted: false);
        Array.Clear(bands.W1);
        Array.Clear(bands.W2);
        foreach (var limit in problem.Wish.Limits)
        {
            for (var broker = 0; broker < problem.Nowhere; broker++)
            {
                var isNamed = limit.Brokers.IsEmpty || limit.Brokers.Contains(problem.Model.BrokerIds[broker]);
                Limit(placement, bands, broker, limit, isNamed);
            }
        }

        return bands;
    }

    private static void Limit(Placement placement, Bands bands, int broker, RepairLimit limit, bool isNamed)
    {
        var isCount = limit.Lane is Lane.Replicas or Lane.Leaders;
        var capacity = isCount ? 1
            : placement.Arrays.CapacityOf(broker, limit.Lane switch { Lane.LeaderBytesIn => Lane.BytesIn, Lane.PotentialBytesOut => Lane.BytesOut, var lane => lane });
        if (double.IsNaN(capacity) || !placement.Arrays.Alive[broker])
        {
            return;
        }

        var (at, most) = ((broker * Lane.Count) + limit.Lane, limit.Limit * capacity * (isCount ? 1 : 1 - Shrink));
        most -= limit.Lane == Lane.Disk ? placement.Arrays.DiskForeign[broker] : 0;
        if (isNamed)
        {
            bands.Set(broker, limit.Lane, 0, Math.Max(0, most), Math.Max(most, capacity * 1e-3));
        }
        else if (placement.Load[at] <= most)
        {
            bands.Hard[at] = Math.Min(bands.Hard[at], most);
        }
    }
}
