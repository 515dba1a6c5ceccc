using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>
/// Checks a finished plan against the picture from nothing but replica lists, apart from the planner's arrays and sums: an error there must
/// not vouch for itself.
/// </summary>
public static class PlanVerifier
{
    private const int MostProblems = 20;

    public static PlanVerdict Check(ClusterModel model, RebalancePlan plan, OptimizerWish wish)
    {
        var problems = new List<string>();
        var seen = new HashSet<(string, int)>();
        var last = MoveClass.DataAtRisk;
        var places = RackPlaces.Of(model, plan, wish);
        foreach (var move in plan.Moves)
        {
            var name = $"{move.Topic}-{move.Partition}";
            if (!seen.Add((move.Topic, move.Partition)))
            {
                problems.Add($"{name} is moved twice.");
            }

            if (move.Class < last)
            {
                problems.Add($"{name} ({move.Class}) comes after less urgent moves.");
            }

            last = move.Class;
            problems.AddRange(CheckMove(model, move, wish, places).Select(problem => $"{name}: {problem}"));
        }

        problems.AddRange(places.Overfilled());
        return new PlanVerdict(problems.Count == 0, [.. problems.Take(MostProblems)]);
    }

    private static IEnumerable<string> CheckMove(ClusterModel model, PlannedMove move, OptimizerWish wish, RackPlaces places)
    {
        var table = model.Partitions;
        var topic = table.FindTopic(move.Topic);
        if (topic < 0 || move.Partition < 0 || move.Partition >= table.PartitionsOf(topic) || table.TopicId[topic] != move.TopicId)
        {
            return ["the cluster has no such partition."];
        }

        var partition = table.TopicStart[topic] + move.Partition;
        var replicas = table.ReplicasOf(partition).ToArray().Select(index => model.Brokers[index].Id).ToArray();
        return replicas.SequenceEqual(move.Before) ? CheckLists(model, partition, move, wish, places) : ["its replicas are not those the plan names as before."];
    }

    private static IEnumerable<string> CheckLists(ClusterModel model, int partition, PlannedMove move, OptimizerWish wish, RackPlaces places)
    {
        if (move.After.Length != move.Before.Length)
        {
            yield return $"it would have {move.After.Length} replicas instead of {move.Before.Length}.";
        }

        if (move.After.Distinct().Count() != move.After.Length)
        {
            yield return "one broker would hold two of its replicas.";
        }

        if (model.Reassigning is not { } reassigning || reassigning.Contains(partition))
        {
            yield return "it is being reassigned, or that is unknown.";
        }

        foreach (var id in move.After.Except(move.Before))
        {
            var index = model.FindBroker(id);
            if (index < 0 || !FixOfflineRules.MayReceive(model.Brokers[index], wish))
            {
                yield return $"broker {id} can't receive replicas.";
            }
            else if (wish.BrokerSets.IsEmpty && places.HasCleanerPlace(move, id) is { } better)
            {
                yield return $"broker {id} shares a rack with another replica, while broker {better} would not.";
            }
        }

        foreach (var problem in CheckKept(model, partition, move, wish))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> CheckKept(ClusterModel model, int partition, PlannedMove move, OptimizerWish wish)
    {
        var flags = model.Partitions.FlagsOf(partition).ToArray();
        for (var place = 0; place < move.Before.Length; place++)
        {
            var broker = model.Brokers[model.FindBroker(move.Before[place])];
            var isGone = !FixOfflineRules.IsAlive(broker) && ((wish.Brokers.IsEmpty || wish.Brokers.Contains(broker.Id)) || FixOfflineRules.IsDown(broker));
            if (!move.After.Contains(broker.Id) && !isGone && !flags[place].Has(ReplicaFlags.Offline))
            {
                yield return $"the replica on broker {broker.Id} is alive and would be removed.";
            }
            else if (move.After.Contains(broker.Id) && FixOfflineRules.IsDown(broker))
            {
                yield return $"broker {broker.Id} is down and would stay in the list: the move would not end.";
            }
        }

        var kept = move.After.Where(move.Before.Contains).ToArray();
        if (kept.Length == 0 || !move.After.Take(kept.Length).SequenceEqual(kept))
        {
            yield return "its surviving replicas do not come first.";
            yield break;
        }

        if (!flags[move.Before.IndexOf(kept[0])].Has(ReplicaFlags.InSync) && !kept[0].Equals(move.Before[0]))
        {
            yield return $"its preferred leader, broker {kept[0]}, is not in sync.";
        }

        // Only a lost preferred leader may be replaced by another survivor; the rest keep their order.
        var rest = move.Before.Contains(kept[0]) && kept[0] != move.Before[0] && !move.After.Contains(move.Before[0]) ? kept[1..] : kept;
        if (!rest.SequenceEqual(move.Before.Where(rest.Contains)))
        {
            yield return "its surviving replicas change their order.";
        }
    }
}
