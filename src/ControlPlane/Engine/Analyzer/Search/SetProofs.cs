using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Broker sets that are too small for their topics: in brokers, in racks, or in what their brokers may carry.</summary>
internal sealed class SetProofs(OptimizerProblem problem, Placement placement, Room room)
{
    private const int Named = 5;

    /// <summary>Sums of many doubles differ so much by their order; no proof rests on it.</summary>
    private const double Tolerance = 2e-6;

    private readonly PlacementArrays _arrays = problem.Arrays;

    /// <summary>None where nobody asks for sets: then a replica outside its own is no violation.</summary>
    public IEnumerable<InfeasibilityProof> All(Func<int, string?> limitName)
    {
        if (_arrays.BrokerSet.Length == 0 || problem.Wish.Mode == OptimizerMode.MinimalRepair || !problem.Goals.Any(goal => goal is BrokerSetAwareGoal))
        {
            return [];
        }

        return [.. _arrays.TopicSet.Distinct().Order().SelectMany(set => Few(set).Concat(Full(set, limitName))), .. Held()];
    }

    /// <summary>Each replica needs a broker of the set, and a rack of it where racks are a goal.</summary>
    private IEnumerable<InfeasibilityProof> Few(int set)
    {
        var isRackBound = problem.Goals.Any(goal => goal is RackAwareGoal);
        int[] open = [.. Brokers(set).Where(room.Receives)];
        var (few, missing, racks, missingRacks) = (new List<int>(), 0, new List<int>(), 0);
        foreach (var partition in Partitions(set).Where(partition => problem.IsMovable[partition] && room.HasSource[partition]))
        {
            int[] possible = [.. open.Union(Kept(partition).Where(broker => _arrays.BrokerSet[broker] == set))];
            var (short1, short2) = (ReplicasOf(partition) - possible.Length, isRackBound ? ReplicasOf(partition) - possible.Select(broker => _arrays.Rack[broker]).Distinct().Count() : 0);
            if (short1 > 0)
            {
                few.Add(partition);
                missing = Math.Max(missing, short1);
            }
            else if (short2 > 0)
            {
                racks.Add(partition);
                missingRacks = Math.Max(missingRacks, short2);
            }
        }

        if (few.Count > 0)
        {
            yield return new("BrokerSetAwareGoal", missing, $"{Some(few)} need {PlanWords.Count(few.Max(ReplicasOf), "broker")}, one for each replica, and broker set {NameOf(set)} has {PlanWords.Count(open.Length, "broker")} that may hold them: {missing} missing.", new Remedy("brokers", missing, double.NaN, false, $"{PlanWords.Count(missing, "broker")} more in broker set {NameOf(set)}, or a smaller replication factor."));
        }

        if (racks.Count > 0)
        {
            yield return new("RackAwareGoal", missingRacks, $"{Some(racks)} need {PlanWords.Count(racks.Max(ReplicasOf), "rack")}, one for each replica, and the brokers of set {NameOf(set)} stand in too few: {missingRacks} missing.", new Remedy("racks", missingRacks, double.NaN, false, $"{PlanWords.Count(missingRacks, "rack")} more with a broker of set {NameOf(set)}, or a smaller replication factor."));
        }
    }

    /// <summary>What the set's topics weigh together is more than its brokers may carry.</summary>
    private IEnumerable<InfeasibilityProof> Full(int set, Func<int, string?> limitName)
    {
        for (var lane = 0; lane < Lane.HardCount; lane++)
        {
            var (total, most) = (Partitions(set).Where(partition => room.HasSource[partition]).Sum(partition => room.TotalOf(partition, lane)), room.MostOf([.. Brokers(set).Where(broker => _arrays.Alive[broker])], lane));
            if (limitName(lane) is not { } name || !(total > (most * (1 + Tolerance)) + Tolerance))
            {
                continue;
            }

            var typical = room.TypicalLimit(lane);
            var count = typical > 0 ? (int)Math.Min(int.MaxValue, Math.Ceiling((total - most) / typical)) : 0;
            var remedy = count == 0 ? null : new Remedy("brokers", count, typical, false, $"At least {PlanWords.Count(count, "broker")} more in broker set {NameOf(set)} that may carry {LaneWords.Amount(lane, typical)} each.");
            yield return new(name, total - most, $"The topics of broker set {NameOf(set)} need {LaneWords.Amount(lane, total)} of {LaneWords.Name(lane)} together, but its brokers offer {LaneWords.Amount(lane, most)} within their limits: {LaneWords.Amount(lane, total - most)} are missing.", remedy);
        }
    }

    private IEnumerable<InfeasibilityProof> Held()
    {
        int[] held = [.. Enumerable.Range(0, problem.Partitions).Where(partition => !problem.IsMovable[partition] && room.HasSource[partition]
            && Kept(partition).Any(broker => _arrays.BrokerSet[broker] != _arrays.TopicSet[_arrays.Topic[partition]]))];
        if (held.Length > 0)
        {
            yield return new("BrokerSetAwareGoal", held.Length, $"{Some(held)} lie outside their topic's broker set and may not be moved (excluded, held or being reassigned).", null);
        }
    }

    private IEnumerable<int> Brokers(int set) => Enumerable.Range(0, problem.Nowhere).Where(broker => _arrays.BrokerSet[broker] == set);

    private IEnumerable<int> Partitions(int set) => Enumerable.Range(0, problem.Partitions).Where(partition => _arrays.TopicSet[_arrays.Topic[partition]] == set);

    private int ReplicasOf(int partition) => _arrays.Start[partition + 1] - _arrays.Start[partition];

    private IEnumerable<int> Kept(int partition)
    {
        for (var slot = _arrays.Start[partition]; slot < _arrays.Start[partition + 1]; slot++)
        {
            if (!problem.MustMove[slot])
            {
                yield return placement.Arrays.Current[slot];
            }
        }
    }

    private string NameOf(int set) => problem.Wish.BrokerSets.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ElementAt(set);

    private string Some(IReadOnlyCollection<int> partitions) =>
        $"{PlanWords.Count(partitions.Count, "partition")} ({string.Join(", ", partitions.Take(Named).Select(partition => PlaceProofs.NameOf(problem, partition)))}{(partitions.Count > Named ? ", ..." : "")})";
}
