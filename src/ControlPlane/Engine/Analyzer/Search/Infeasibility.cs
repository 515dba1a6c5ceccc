using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// What no placement can hold, found before any search from numbers that no move changes (optimizer.md 6). Each finding is a proof: it uses
/// only that replicas of a partition lie on different brokers, that totals stay the same, and who may receive. Silence proves nothing.
/// </summary>
internal static class Infeasibility
{
    /// <summary>Sums of millions of doubles differ so much by their order; no proof rests on it.</summary>
    private const double Tolerance = 2e-6;

    public static ImmutableArray<InfeasibilityProof> Of(OptimizerProblem problem, Placement placement, Bands bands)
    {
        var room = new Room(problem, placement, bands);
        var places = new PlaceProofs(problem, placement, room);
        var isRackBound = problem.Wish.Mode != OptimizerMode.MinimalRepair && problem.Goals.Any(goal => goal is RackAwareGoal or RackAwareDistributionGoal);
        var found = new List<InfeasibilityProof>();
        found.AddRange(places.Lost());
        found.AddRange(places.Racks());
        found.AddRange(places.Brokers());
        found.AddRange(places.MinLeaders());
        found.AddRange(new SetProofs(problem, placement, room).All(lane => LimitName(problem, lane)));
        for (var lane = 0; lane < Lane.Count; lane++)
        {
            if (LimitName(problem, lane) is { } name)
            {
                var sum = Sum(problem, room, lane, name);
                Add(sum);
                Add(sum is null && isRackBound ? PerRack(problem, room, lane, name) : null);
                Add(Largest(problem, placement, room, lane, name));
                Add(Held(problem, placement, room, lane, name));
            }
        }

        return [.. found];

        void Add(InfeasibilityProof? proof)
        {
            if (proof is not null)
            {
                found.Add(proof);
            }
        }
    }

    /// <summary>The goal whose limit binds the lane; null: none that was asked for.</summary>
    private static string? LimitName(OptimizerProblem problem, int lane)
    {
        if (problem.Wish.Mode == OptimizerMode.MinimalRepair && problem.Wish.Limits.Any(limit => limit.Lane == lane))
        {
            return $"limit of {LaneWords.Name(lane)}";
        }

        return problem.Goals.FirstOrDefault(goal => lane switch
        {
            Lane.Cpu => goal is CpuCapacityGoal,
            Lane.BytesIn => goal is NetworkInboundCapacityGoal,
            Lane.BytesOut => goal is NetworkOutboundCapacityGoal,
            Lane.Disk => goal is DiskCapacityGoal,
            Lane.Replicas => goal is ReplicaCapacityGoal,
            _ => false,
        })?.Name;
    }

    private static InfeasibilityProof? Sum(OptimizerProblem problem, Room room, int lane, string name)
    {
        var (total, most) = (room.Sums.Total[lane], room.MostOf(Living(problem), lane));
        if (!(total > (most * (1 + Tolerance)) + Tolerance))
        {
            return null;
        }

        var sentence = $"All replicas together need {LaneWords.Amount(lane, total)} of {LaneWords.Name(lane)}, but the brokers that may hold them offer {LaneWords.Amount(lane, most)} within their limits: {LaneWords.Amount(lane, total - most)} are missing.";
        return new InfeasibilityProof(name, total - most, sentence, MoreBrokers(room, lane, total - most, ""));
    }

    /// <summary>A rack holds at most one copy of everything, be it as large as it may: what small racks can't take fits nowhere.</summary>
    private static InfeasibilityProof? PerRack(OptimizerProblem problem, Room room, int lane, string name)
    {
        var (copy, total, fits) = (room.Sums.InOneRack[lane], room.Sums.Total[lane], 0.0);
        var small = new List<string>();
        foreach (var rack in Living(problem).GroupBy(broker => problem.Arrays.Rack[broker]))
        {
            var most = room.MostOf([.. rack], lane);
            fits += Math.Min(most, copy);
            if (most < copy)
            {
                small.Add($"rack {problem.Model.Racks[rack.First()] ?? problem.Model.Hosts[rack.First()]} offers {LaneWords.Amount(lane, most)}");
            }
        }

        if (!(total > (fits * (1 + Tolerance)) + Tolerance))
        {
            return null;
        }

        var sentence = $"With replicas of a partition in different racks a rack holds at most one copy of everything, {LaneWords.Amount(lane, copy)} of {LaneWords.Name(lane)}. The racks can take {LaneWords.Amount(lane, fits)} of the {LaneWords.Amount(lane, total)} there are ({string.Join(", ", small.Take(5))}): {LaneWords.Amount(lane, total - fits)} fit nowhere.";
        return new InfeasibilityProof(name, total - fits, sentence, MoreBrokers(room, lane, total - fits, " in the small racks"));
    }

    private static InfeasibilityProof? Largest(OptimizerProblem problem, Placement placement, Room room, int lane, string name)
    {
        var limit = room.LargestLimit(lane);
        var (worst, largest, count) = (-1, limit, 0);
        var isSome = double.IsFinite(limit) && lane <= Lane.Disk && room.Sums.LargestReplica[lane] > limit;
        for (var partition = 0; isSome && partition < problem.Partitions; partition++)
        {
            var (lead, follow) = room.Of(partition, lane);
            var load = Math.Max(placement.Lead[partition] >= 0 ? lead : 0, problem.Arrays.Start[partition + 1] - problem.Arrays.Start[partition] > 1 ? follow : 0);
            if (room.HasSource[partition] && load > (limit * (1 + Tolerance)) + Tolerance)
            {
                count++;
                (worst, largest) = load > largest ? (partition, load) : (worst, largest);
            }
        }

        if (worst < 0)
        {
            return null;
        }

        var others = count > 1 ? $" (and {PlanWords.Count(count - 1, "other")})" : "";
        var sentence = $"One replica of {PlaceProofs.NameOf(problem, worst)}{others} needs {LaneWords.Amount(lane, largest)} of {LaneWords.Name(lane)}, more than any broker may carry ({LaneWords.Amount(lane, limit)}).";
        // Where only leading weighs too much, one that can lead it is enough.
        var replicas = room.Of(worst, lane).Follow > limit ? problem.Arrays.Start[worst + 1] - problem.Arrays.Start[worst] : 1;
        var remedy = new Remedy("brokers", replicas, largest, false, $"{PlanWords.Count(replicas, "broker")} that may carry {LaneWords.Amount(lane, largest)} each, or more partitions for the topic.");
        return new InfeasibilityProof(name, largest - limit, sentence, remedy);
    }

    /// <summary>What may not be moved is already too much.</summary>
    private static InfeasibilityProof? Held(OptimizerProblem problem, Placement placement, Room room, int lane, string name)
    {
        if (!problem.IsMovable.Contains(false))
        {
            return null;
        }

        var held = new double[placement.Rows];
        for (var slot = 0; slot < problem.Arrays.Current.Length; slot++)
        {
            var partition = placement.Part[slot];
            if (problem.IsMovable[partition] || problem.MustMove[slot])
            {
                continue;
            }

            var (lead, follow) = room.Of(partition, lane);
            var load = placement.Arrays.Lead[partition] == slot ? lead : Math.Min(lead, follow);
            held[problem.Arrays.Current[slot]] += load;
            held[placement.Hosts.RowOf[problem.Arrays.Current[slot]] is >= 0 and var host ? host : problem.Nowhere] += load;
        }

        var (worst, over) = (-1, 0.0);
        for (var row = 0; row < placement.Rows; row++)
        {
            var limit = row < placement.Brokers && !problem.Arrays.Alive[row] ? double.PositiveInfinity : room.LimitOf(row, lane);
            var extra = held[row] - (limit * (1 + Tolerance)) - Tolerance;
            (worst, over) = extra > over ? (row, extra) : (worst, over);
        }

        if (worst < 0)
        {
            return null;
        }

        var who = worst < placement.Brokers ? $"Broker {problem.Model.BrokerIds[worst]}" : $"Host {problem.Model.Hosts[placement.Hosts.Members[worst - placement.Brokers][0]]}";
        return new InfeasibilityProof(name, over, $"{who} carries {LaneWords.Amount(lane, held[worst])} of {LaneWords.Name(lane)} in partitions that may not be moved (excluded, held or being reassigned), above its limit of {LaneWords.Amount(lane, room.LimitOf(worst, lane))}.", null);
    }

    private static Remedy? MoreBrokers(Room room, int lane, double missing, string where)
    {
        var typical = room.TypicalLimit(lane);
        if (!(typical > 0))
        {
            return null;
        }

        var count = (int)Math.Min(int.MaxValue, Math.Ceiling(missing / typical));
        return new Remedy("brokers", count, typical, false, $"At least {PlanWords.Count(count, "broker")}{where} that may carry {LaneWords.Amount(lane, typical)} each.");
    }

    private static int[] Living(OptimizerProblem problem) => Enumerable.Range(0, problem.Nowhere).Where(broker => problem.Arrays.Alive[broker]);
}
