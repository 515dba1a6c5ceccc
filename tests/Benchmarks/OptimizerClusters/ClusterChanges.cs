using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Benchmarks.OptimizerClusters;

/// <summary>What happens to a cluster that was in order.</summary>
internal static class ClusterChanges
{
    /// <summary>Every tenth topic, by its name.</summary>
    public const string TenthTopics = "t[0-9]*0";

    /// <summary>These many brokers, spread over the cluster.</summary>
    public static int[] Spread(OptimizerModel model, int count) =>
        [.. Enumerable.Range(0, count).Select(number => model.BrokerIds[(int)((number + 0.5) * model.Brokers / count)])];

    public static OptimizerModel Kill(OptimizerModel model, int[] ids) =>
        model with { Conditions = [.. model.Conditions.Select((condition, broker) => ids.Contains(model.BrokerIds[broker]) ? BrokerCondition.Dead : condition)] };

    /// <summary>Each topic grows or shrinks by up to a fifth, and one in fifty doubles.</summary>
    public static OptimizerModel Drift(OptimizerModel model, ulong seed)
    {
        var (dice, loads) = (new Dice(seed), (double[])model.Loads.Clone());
        var factors = Array.ConvertAll(model.Topics, _ => dice.Share() < 0.02 ? 2 : 0.8 + (0.4 * dice.Share()));
        for (var at = 0; at < loads.Length; at++)
        {
            loads[at] *= factors[model.Topic[at / LoadOf.Count]];
        }

        return model with { Loads = loads };
    }

    /// <summary>Every tenth topic loses its last replicas: it shall get them anew by a change of its RF.</summary>
    public static OptimizerModel DropLastOfTenthTopics(OptimizerModel model)
    {
        var (start, broker, lead) = (new List<int> { 0 }, new List<int>(), new int[model.Partitions]);
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            var isTenth = model.Topics[model.Topic[partition]].EndsWith('0');
            var kept = model.Broker[model.Start[partition]..(model.Start[partition + 1] - (isTenth ? 1 : 0))];
            var place = Math.Max(0, Array.IndexOf(kept, model.Broker[model.Lead[partition]]));
            lead[partition] = start[^1] + place;
            broker.AddRange(kept);
            start.Add(broker.Count);
        }

        return model with { Start = [.. start], Broker = [.. broker], Lead = lead };
    }
}
