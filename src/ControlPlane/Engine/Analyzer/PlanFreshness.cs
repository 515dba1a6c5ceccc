using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Whether a plan still fits the cluster: what it was made from may have changed since.</summary>
public static class PlanFreshness
{
    /// <summary>Sentences about what changed, at most <paramref name="most"/>; none while the plan is fresh.</summary>
    public static ImmutableArray<string> Changes(RebalancePlan plan, ClusterModel model, int most = 5)
    {
        if (plan.KafkaClusterId is { } made && model.KafkaClusterId is { } now && made != now)
        {
            return [$"Another Kafka cluster answers now: {now} instead of {made}."];
        }

        var changes = Destinations(plan, model).Concat(Lost(plan, model)).Concat(model.Reassigning is null ? ["The running reassignments can't be listed at present."] : [])
            .Concat(plan.Moves.Select(move => Partition(plan, move, model)).OfType<string>());
        return [.. changes.Take(most)];
    }

    private static IEnumerable<string> Destinations(RebalancePlan plan, ClusterModel model) =>
        from id in plan.Moves.SelectMany(move => move.After.Except(move.Before)).Distinct().Order()
        let broker = model.FindBroker(id) is >= 0 and var index ? model.Brokers[index] : null
        where broker is null || !FixOfflineRules.MayReceive(broker)
        select broker is null ? $"Broker {id}, which would receive replicas, is not part of the cluster any more."
            : $"Broker {id}, which would receive replicas, can't take any now: {broker.Evidence}.";

    private static IEnumerable<string> Lost(RebalancePlan plan, ClusterModel model) =>
        from id in plan.LostBrokers
        let index = model.FindBroker(id)
        where !WasAlive(plan, id) && index >= 0 && FixOfflineRules.IsAlive(model.Brokers[index])
        select $"Broker {id}, whose replicas would be replaced, is back.";

    private static bool WasAlive(RebalancePlan plan, int id) => plan.Brokers.Any(change => change.BrokerId == id && change.IsAlive);

    private static string? Partition(RebalancePlan plan, PlannedMove move, ClusterModel model)
    {
        var table = model.Partitions;
        var topic = table.FindTopic(move.Topic);
        if (topic < 0)
        {
            return $"Topic {move.Topic} is gone.";
        }

        if (move.TopicId != Guid.Empty && table.TopicId[topic] != move.TopicId)
        {
            return $"Topic {move.Topic} was deleted and made anew.";
        }

        if (move.Partition >= table.PartitionsOf(topic))
        {
            return $"Partition {move.Topic}-{move.Partition} is gone.";
        }

        var partition = table.TopicStart[topic] + move.Partition;
        if (model.Reassigning?.Contains(partition) == true)
        {
            return $"Partition {move.Topic}-{move.Partition} is being reassigned by somebody else.";
        }

        var replicas = table.ReplicasOf(partition).ToArray().Select(broker => model.Brokers[broker].Id);
        return !replicas.SequenceEqual(move.Before) ? $"The replicas of {move.Topic}-{move.Partition} are {string.Join(", ", replicas)} now, no longer {string.Join(", ", move.Before)}."
            : plan.Mode == PlanMode.FixOffline && move.Class is MoveClass.DataAtRisk or MoveClass.Offline && Healed(plan, move, model, partition) ? $"A replica of {move.Topic}-{move.Partition} that would be replaced is online again."
            : null;
    }

    /// <summary>A failed log dir that works again: its broker was alive all the time, so only the replica can tell.</summary>
    private static bool Healed(RebalancePlan plan, PlannedMove move, ClusterModel model, int partition)
    {
        foreach (var id in move.Before.Except(move.After).Where(id => plan.LostBrokers.Contains(id) && WasAlive(plan, id)))
        {
            var index = model.FindBroker(id);
            var place = model.Partitions.ReplicasOf(partition).IndexOf(index);
            if (FixOfflineRules.IsAlive(model.Brokers[index]) && !model.Partitions.FlagsOf(partition)[place].Has(ReplicaFlags.Offline))
            {
                return true;
            }
        }

        return false;
    }
}
