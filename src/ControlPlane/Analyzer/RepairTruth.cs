using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;

namespace ControlPlane.Analyzer;

/// <summary>What is true where a repair was asked for and nothing is lost.</summary>
internal static class RepairTruth
{
    /// <summary>One sentence about the brokers that were asked about.</summary>
    /// <param name="model">The picture.</param>
    /// <param name="asked">Kafka node ids that were asked about; empty: all.</param>
    public static string Of(ClusterModel model, ImmutableArray<int> asked)
    {
        var brokers = model.Brokers.Where(broker => asked.IsEmpty || asked.Contains(broker.Id)).ToArray();
        var states = string.Join(", ", brokers.Where(broker => broker.State != BrokerState.Active).Take(5).Select(broker => $"broker {broker.Id} is {broker.State}"));
        var empty = brokers.Where(FixOfflineRules.IsDown).Select(broker => broker.Id).ToArray();
        return empty.Length > 0 ? $"Broker {string.Join(", ", empty)} is down, but no replica is assigned to it."
            : !asked.IsEmpty && states.Length == 0 ? $"Broker {string.Join(", ", brokers.Select(broker => broker.Id))} is alive, and none of its log dirs has failed with replicas on it."
            : states.Length > 0 ? $"No broker counts as lost: {states}; the others are active, and no log dir has failed with replicas on it."
            : "All brokers are active, and no log dir has failed with replicas on it.";
    }
}
