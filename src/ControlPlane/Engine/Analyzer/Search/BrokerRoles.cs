using System.Collections.Immutable;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>What each broker may do under a wish; one more than the model has, which is nowhere.</summary>
internal sealed class BrokerRoles
{
    public BrokerRoles(OptimizerModel model, OptimizerWish wish)
    {
        var count = model.Brokers + 1;
        (Alive, CanReceive, CanLead, IsDemoted) = (new bool[count], new bool[count], new bool[count], new bool[count]);
        var named = IndexSet(model, wish.Brokers);
        var (noReplicas, noLeaders) = (IndexSet(model, wish.NoReplicasOnto), IndexSet(model, wish.NoLeadersOnto));
        for (var broker = 0; broker < model.Brokers; broker++)
        {
            var condition = model.Conditions[broker];
            var leaves = wish.Mode == OptimizerMode.RemoveBrokers && named.Contains(broker);
            var isDemoted = condition == BrokerCondition.Demoted || (wish.Mode == OptimizerMode.DemoteBrokers && named.Contains(broker));
            Alive[broker] = condition != BrokerCondition.Dead && !leaves;
            IsDemoted[broker] = isDemoted;

            // A demoted broker keeps its share of replicas: only leading is taken from it.
            CanReceive[broker] = Alive[broker] && condition != BrokerCondition.Excluded && !noReplicas.Contains(broker);
            CanLead[broker] = Alive[broker] && condition != BrokerCondition.Excluded && !isDemoted && !noLeaders.Contains(broker);
        }

        Leaving = wish.Mode == OptimizerMode.RemoveBrokers ? named : [];
        IsDestination = Destinations(model, wish, named);
    }

    public bool[] Alive { get; }

    public bool[] CanReceive { get; }

    /// <summary>Who has to give its leadership away; others that may not lead only get no more.</summary>
    public bool[] IsDemoted { get; }

    public bool[] CanLead { get; }

    /// <summary>Brokers that live but shall be emptied.</summary>
    public HashSet<int> Leaving { get; }

    /// <summary>Empty: every broker that can receive.</summary>
    public bool[] IsDestination { get; }

    private static bool[] Destinations(OptimizerModel model, OptimizerWish wish, HashSet<int> named)
    {
        var only = IndexSet(model, wish.Destinations);
        if (wish is { Mode: OptimizerMode.AddBrokers, OnlyOntoNamed: true })
        {
            only = named.Count > 0 ? named : [.. Enumerable.Range(0, model.Brokers).Where(broker => model.Conditions[broker] == BrokerCondition.New)];
        }

        return only.Count == 0 ? [] : [.. Enumerable.Range(0, model.Brokers + 1).Select(only.Contains)];
    }

    private static HashSet<int> IndexSet(OptimizerModel model, ImmutableArray<int> ids)
    {
        var wanted = ids.ToHashSet();
        return wanted.Count == 0 ? [] : [.. Enumerable.Range(0, model.Brokers).Where(broker => wanted.Contains(model.BrokerIds[broker]))];
    }
}
