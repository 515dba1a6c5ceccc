using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>What proofs ask of the loads of all partitions that have something to copy from: one look at each, all lanes at once.</summary>
internal sealed class LoadSums
{
    public LoadSums(OptimizerProblem problem, Placement placement, bool[] hasSource)
    {
        var (total, rack, largest) = (LaneVector.Zero, LaneVector.Zero, LaneVector.Zero);
        var (arrays, racks) = (problem.Arrays, RackAwareGoal.LivingRacks(placement));
        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            if (!hasSource[partition])
            {
                continue;
            }

            var (lead, follow) = (LaneVector.Of(arrays.Loads, partition, leads: true), LaneVector.Of(arrays.Loads, partition, leads: false));
            var (replicas, isLed) = (arrays.Start[partition + 1] - arrays.Start[partition], placement.Lead[partition] >= 0);
            var inRack = problem.IsMovable[partition] ? RackAwareGoal.MostPerRack(replicas, racks) : replicas;
            var leading = lead - follow;
            total += (follow * replicas) + (isLed ? leading : LaneVector.Min(leading, LaneVector.Zero));
            rack += (follow * inRack) + LaneVector.Max(leading, LaneVector.Zero);
            largest = LaneVector.Max(largest, LaneVector.Max(isLed ? lead : LaneVector.Zero, replicas > 1 ? follow : LaneVector.Zero));
        }

        (Total, InOneRack, LargestReplica) = (total.ToArray(), rack.ToArray(), largest.ToArray());
    }

    /// <summary>By lane what all replicas weigh, with one leader each.</summary>
    public double[] Total { get; }

    /// <summary>By lane the most that one rack holds, be it as large as it may: as many copies of each partition as go there, one of them leading if that weighs more.</summary>
    public double[] InOneRack { get; }

    /// <summary>By lane what the heaviest replica weighs.</summary>
    public double[] LargestReplica { get; }

    /// <summary>By lane what leading the heaviest partition weighs, be there something to copy from or not.</summary>
    public static double[] LargestLeaders(PlacementArrays arrays)
    {
        var largest = LaneVector.Zero;
        for (var partition = 0; partition < arrays.Topic.Length; partition++)
        {
            largest = LaneVector.Max(largest, LaneVector.Of(arrays.Loads, partition, leads: true));
        }

        return largest.ToArray();
    }
}
