using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Proofs by counting places: racks and brokers that a partition's replicas can lie on, partitions that brokers can lead.</summary>
internal sealed class PlaceProofs(OptimizerProblem problem, Placement placement, Room room)
{
    private const int Named = 5;

    private readonly PlacementArrays _arrays = problem.Arrays;

    public static string NameOf(OptimizerProblem problem, int partition) =>
        $"{problem.Model.Topics[problem.Model.Topic[partition]]}-{problem.Model.Number[partition]}";

    /// <summary>Replicas that nothing is left to copy from.</summary>
    public IEnumerable<InfeasibilityProof> Lost()
    {
        var lost = new List<int>();
        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            if (!room.HasSource[partition] && LostOf(partition) > 0)
            {
                lost.Add(partition);
            }
        }

        if (lost.Count > 0)
        {
            yield return new("offline", lost.Count, $"{Some(lost)} have no living replica: there is nothing to copy from. Only the return of a lost broker or log dir helps.", null);
        }
    }

    public IEnumerable<InfeasibilityProof> Racks()
    {
        var strict = problem.Goals.FirstOrDefault(goal => goal is RackAwareGoal);
        var goal = strict ?? problem.Goals.FirstOrDefault(one => one is RackAwareDistributionGoal);
        if (goal is null)
        {
            yield break;
        }

        var racks = RackAwareGoal.LivingRacks(placement);
        var open = Receivers().Select(broker => _arrays.Rack[broker]).ToHashSet();
        var (few, missing, held) = (new List<int>(), 0, new List<int>());
        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            if (!room.HasSource[partition])
            {
                continue;
            }

            var replicas = ReplicasOf(partition);
            var needed = strict is not null ? replicas : Math.Min(replicas, racks);
            var reached = needed <= open.Count ? needed : open.Count + ClosedRacksOf(partition, open);
            if (reached < needed)
            {
                few.Add(partition);
                missing = Math.Max(missing, needed - reached);
            }
            else if (!problem.IsMovable[partition] && LostOf(partition) == 0 && IsCrowded(partition, strict is not null, racks))
            {
                held.Add(partition);
            }
        }

        if (few.Count > 0)
        {
            yield return new(goal.Name, missing, $"{Some(few)} need {PlanWords.Count(few.Max(partition => strict is not null ? ReplicasOf(partition) : Math.Min(ReplicasOf(partition), racks)), "rack")}, one for each replica, and there are too few racks with a broker that may hold them: {missing} missing.", new Remedy("racks", missing, double.NaN, false, $"{PlanWords.Count(missing, "rack")} more with a broker that may receive replicas, or a smaller replication factor, or RackAwareDistributionGoal instead of RackAwareGoal."));
        }

        if (held.Count > 0)
        {
            yield return new(goal.Name, held.Count, $"{Some(held)} share a rack between replicas and may not be moved (excluded, held or being reassigned).", null);
        }
    }

    /// <summary>A broker holds one replica of a partition; who may not receive holds it only where it lies there now.</summary>
    public IEnumerable<InfeasibilityProof> Brokers()
    {
        var receivers = Receivers();
        var (few, missing) = (new List<int>(), 0);
        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            if (!room.HasSource[partition] || LostOf(partition) == 0)
            {
                continue;
            }

            var set = _arrays.BrokerSet.Length == 0 ? -1 : _arrays.TopicSet[_arrays.Topic[partition]];
            var isPlenty = set < 0 && receivers.Length >= 2 * ReplicasOf(partition);
            var free = isPlenty ? int.MaxValue : FreeFor(partition, receivers, set);
            if (free < LostOf(partition))
            {
                few.Add(partition);
                missing = Math.Max(missing, LostOf(partition) - free);
            }
        }

        if (few.Count > 0)
        {
            yield return new("replication factor", missing, $"{Some(few)} need {PlanWords.Count(missing, "broker")} more than may hold them: each replica needs a broker of its own.", new Remedy("brokers", missing, double.NaN, false, $"{PlanWords.Count(missing, "broker")} more that may receive replicas, or a smaller replication factor."));
        }
    }

    public IEnumerable<InfeasibilityProof> MinLeaders()
    {
        if (_arrays.MinLeaders.Length == 0 || !problem.Goals.Any(goal => goal is MinTopicLeadersPerBrokerGoal))
        {
            yield break;
        }

        var leading = Enumerable.Range(0, problem.Nowhere).Count(broker => _arrays.CanLead[broker]);
        var partitions = new int[_arrays.Topics];
        foreach (var topic in _arrays.Topic)
        {
            partitions[topic]++;
        }

        for (var topic = 0; topic < _arrays.MinLeaders.Length; topic++)
        {
            var missing = (_arrays.MinLeaders[topic] * leading) - partitions[topic];
            if (_arrays.MinLeaders[topic] > 0 && missing > 0)
            {
                var name = problem.Model.Topics[topic];
                yield return new("MinTopicLeadersPerBrokerGoal", missing, $"Topic {name} has {PlanWords.Count(partitions[topic], "partition")}; {PlanWords.Count(leading, "broker")} that lead {_arrays.MinLeaders[topic]} each need {_arrays.MinLeaders[topic] * leading}.", new Remedy("partitions", missing, double.NaN, false, $"{PlanWords.Count(missing, "partition")} more for topic {name}."));
            }
        }
    }

    private int[] Receivers() => Enumerable.Range(0, problem.Nowhere).Where(room.Receives);

    private int ReplicasOf(int partition) => _arrays.Start[partition + 1] - _arrays.Start[partition];

    private int LostOf(int partition) => problem.MustMove.AsSpan(_arrays.Start[partition].._arrays.Start[partition + 1]).Count(true);

    /// <summary>Racks where it lies and stays, but where nothing may come.</summary>
    private int ClosedRacksOf(int partition, HashSet<int> open) => KeptOf(partition).Select(broker => _arrays.Rack[broker]).Distinct().Count(rack => !open.Contains(rack));

    private int FreeFor(int partition, int[] receivers, int set) =>
        receivers.Count(broker => (set < 0 || _arrays.BrokerSet[broker] == set) && !HoldsAny(partition, broker));

    private IEnumerable<int> KeptOf(int partition)
    {
        for (var slot = _arrays.Start[partition]; slot < _arrays.Start[partition + 1]; slot++)
        {
            if (!problem.MustMove[slot])
            {
                yield return _arrays.Current[slot];
            }
        }
    }

    /// <summary>Those whose log dir failed are still in Kafka's list: they can't be named again.</summary>
    private bool HoldsAny(int partition, int broker) => _arrays.Current.AsSpan(_arrays.Start[partition].._arrays.Start[partition + 1]).Has(broker);

    private bool IsCrowded(int partition, bool isStrict, int racks)
    {
        var replicas = _arrays.Current.AsSpan(_arrays.Start[partition].._arrays.Start[partition + 1]);
        return (isStrict ? RackSpread.Surplus(_arrays.Rack, replicas, 1) : RackSpread.Uneven(_arrays.Rack, replicas, racks)) > 0;
    }

    private string Some(IReadOnlyCollection<int> partitions) =>
        $"{PlanWords.Count(partitions.Count, "partition")} ({string.Join(", ", partitions.Take(Named).Select(partition => NameOf(problem, partition)))}{(partitions.Count > Named ? ", ..." : "")})";
}
