using System.Globalization;
using ControlPlane.Engine.Analyzer.Search;

namespace ControlPlane.Engine.Analyzer.Remedies;

/// <summary>How many more brokers, or racks with how many brokers, hold what the cluster can't.</summary>
internal sealed class BrokerRemedy(OptimizerModel model, RemedyTrials trials)
{
    private const int NamedRacks = 8;

    private readonly double[] _capacity = CapacityOf(model, trials);
    private readonly int _racks = trials.Proofs.Where(proof => proof.Remedy?.Kind == "racks").Select(proof => proof.Remedy!.Count).DefaultIfEmpty(0).Max();
    private readonly int _lane = trials.Proofs.Where(RemedySearch.IsCurable).Select(proof => LaneOf(proof.Constraint)).DefaultIfEmpty(-1).Max();

    public OptimizerResult Complete(OptimizerResult result)
    {
        var living = model.Conditions.Count(condition => condition != BrokerCondition.Dead);
        var most = _racks > 0 ? Math.Max(4, living) : Math.Min(WhatIf.MostAdded, Math.Max(16, living * 4));
        var least = _racks > 0 ? 1 : Math.Clamp(AtLeast(), 1, most);
        var found = trials.Least(least, most, count => Grow(count) is var grown && trials.IsEnough(grown.Model, grown.Wish));
        if (found is not var (count, isLeast))
        {
            return RemedySearch.Noted(result, trials.IsCancelled
                ? "The search for what would make it possible was ended early: what stands beside the proof are sums, no fewer can do."
                : $"The optimizer was run with up to {Words(GrowthOf(most))} more and did not reach the goals: brokers alone do not help.");
        }

        var sentence = Sentence(count, isLeast);
        return result with
        {
            Proofs = [.. result.Proofs.Select(proof => RemedySearch.IsCurable(proof) ? proof with { Remedy = Built(proof, count, sentence) } : proof)],
        };
    }

    private static double[] CapacityOf(OptimizerModel model, RemedyTrials trials)
    {
        var capacity = WhatIf.TypicalCapacity(model);
        foreach (var proof in trials.Proofs.Where(RemedySearch.IsCurable))
        {
            // A single replica may be too large for any broker there is: then the new ones have to be larger.
            if (LaneOf(proof.Constraint) is >= 0 and < 4 and var lane && proof.Remedy!.TypicalCapacity / ShareOf(trials.Wish, lane) * 1.001 is var needed && !(capacity[lane] * 1.001 >= needed) && double.IsFinite(needed))
            {
                capacity[lane] = needed;
            }
        }

        return capacity;
    }

    /// <summary>What a broker may use of its capacity.</summary>
    private static double ShareOf(OptimizerWish wish, int lane) => wish.Mode == OptimizerMode.MinimalRepair && wish.Limits.Any(limit => limit.Lane == lane)
        ? wish.Limits.Where(limit => limit.Lane == lane).Min(limit => limit.Limit)
        : lane switch { Lane.Cpu => wish.Bands.CpuLimit, Lane.Disk => wish.Bands.DiskLimit, _ => wish.Bands.NetworkLimit };

    private static int LaneOf(string constraint) => constraint switch
    {
        "CpuCapacityGoal" => Lane.Cpu,
        "NetworkInboundCapacityGoal" => Lane.BytesIn,
        "NetworkOutboundCapacityGoal" => Lane.BytesOut,
        "DiskCapacityGoal" => Lane.Disk,
        "ReplicaCapacityGoal" => Lane.Replicas,
        _ => Enumerable.Range(0, Lane.Count).FirstOrDefault(lane => constraint == $"limit of {LaneWords.Name(lane)}", -1),
    };

    /// <summary>The sums are of brokers as large as the typical one; of larger ones fewer may do.</summary>
    private int AtLeast() => trials.Proofs.Where(RemedySearch.IsCurable).Max(proof =>
        LaneOf(proof.Constraint) is >= 0 and < 4 and var lane && proof.Remedy!.TypicalCapacity is > 0 and var typical
            ? (int)Math.Min(int.MaxValue, Math.Max(1, Math.Ceiling(proof.Remedy.Count * Math.Min(1, typical / (_capacity[lane] * ShareOf(trials.Wish, lane))))))
            : proof.Remedy!.Count);

    private GrownCluster Grow(int count) => GrownCluster.Of(model, trials.Wish, GrowthOf(count), _capacity, _lane);

    private Growth GrowthOf(int count) => _racks > 0 ? new Growth(0, _racks, count) : new Growth(count);

    private Remedy Built(InfeasibilityProof proof, int count, string sentence)
    {
        var lane = LaneOf(proof.Constraint);
        var size = lane is >= 0 and < 4 ? _capacity[lane] : proof.Remedy!.TypicalCapacity;
        return new Remedy(_racks > 0 ? "racks" : "brokers", _racks > 0 ? _racks : count, size, IsConstructed: true, sentence);
    }

    private string Sentence(int count, bool isLeast)
    {
        var where = Grow(count).Where;
        var racks = where.Count == 0 || _racks > 0 ? "" : $" ({string.Join(", ", where.Take(NamedRacks).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Count} in rack {one.Rack}")))}{(where.Count > NamedRacks ? ", ..." : "")})";
        var sizes = Enumerable.Range(0, 4).Where(lane => !double.IsNaN(_capacity[lane])).Select(lane => $"{LaneWords.Amount(lane, _capacity[lane])} of {LaneWords.Name(lane)}").ToArray();
        var size = sizes.Length == 0 ? "" : $", each with {string.Join(", ", sizes)}";
        var rest = trials.HasIncurable ? " What nothing that is added can mend stays as it is." : "";
        var fewer = isLeast ? "" : " Fewer may do: the search for the smallest number was ended early.";
        return $"{Words(GrowthOf(count))} more{racks}{size}. The optimizer was run with them: every hard goal holds.{rest}{fewer}";
    }

    private static string Words(Growth growth) => growth.Racks > 0
        ? $"{PlanWords.Count(growth.Racks, "rack")} of {PlanWords.Count(growth.PerRack, "broker")}"
        : PlanWords.Count(growth.Brokers, "broker");
}
