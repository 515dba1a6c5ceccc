using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Which replicas count as lost, and which brokers may take their place.</summary>
public static class FixOfflineRules
{
    public static bool IsAlive(Broker broker) => broker.State is BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown;

    /// <summary>A broker that restarts or hangs may vanish under the copy, and Kafka takes an assignment to a fenced one and waits.</summary>
    public static bool MayReceive(Broker broker) => broker.State == BrokerState.Active && broker.IsFenced != true;

    /// <summary>The same for a plan that may exclude it.</summary>
    public static bool MayReceive(Broker broker, OptimizerWish wish) =>
        MayReceive(broker) && !wish.NoReplicasOnto.Contains(broker.Id) && (wish.Destinations.IsEmpty || wish.Destinations.Contains(broker.Id));

    /// <summary>Brokers whose replicas are lost by themselves: those that are down. Others are lost only when somebody names them.</summary>
    public static bool IsDown(Broker broker) => broker.State == BrokerState.Down;

    /// <summary>Whether the replica lies on a failed log dir of a broker that lives. The flag alone may be older than the broker's return.</summary>
    public static bool IsOnFailedDir(Broker broker, ReplicaFlags flags) =>
        IsAlive(broker) && flags.Has(ReplicaFlags.Offline) && broker.LogDirs is { } dirs && dirs.Any(dir => dir.Error is not null);

    /// <summary>By replica slot whether its copy is gone and shall be replaced.</summary>
    /// <param name="model">The picture.</param>
    /// <param name="brokers">Kafka node ids to look at; null: all.</param>
    public static bool[] LostReplicas(ClusterModel model, IReadOnlySet<int>? brokers)
    {
        var table = model.Partitions;
        var lost = new bool[table.ReplicaCount];
        for (var p = 0; p < table.PartitionCount; p++)
        {
            var any = false;
            for (var slot = table.ReplicaStart[p]; slot < table.ReplicaStart[p + 1]; slot++)
            {
                var broker = model.Brokers[table.ReplicaBroker[slot]];
                var isNamed = brokers?.Contains(broker.Id) ?? IsDown(broker);
                lost[slot] = (isNamed && !IsAlive(broker)) || (brokers?.Contains(broker.Id) != false && IsOnFailedDir(broker, table.ReplicaFlags[slot]));
                any |= lost[slot];
            }

            // Kafka ends a reassignment only when every member of the new list is in sync: a second dead broker in it would hold it up for ever.
            for (var slot = table.ReplicaStart[p]; any && slot < table.ReplicaStart[p + 1]; slot++)
            {
                var broker = model.Brokers[table.ReplicaBroker[slot]];
                lost[slot] |= IsDown(broker) || IsOnFailedDir(broker, table.ReplicaFlags[slot]);
            }
        }

        return lost;
    }

    /// <summary>Kafka node ids of who holds lost replicas.</summary>
    /// <param name="model">The picture.</param>
    /// <param name="brokers">Kafka node ids to look at; empty: all.</param>
    public static ImmutableArray<int> LostBrokers(ClusterModel model, ImmutableArray<int> brokers)
    {
        var lost = LostReplicas(model, brokers.IsEmpty ? null : brokers.ToHashSet());
        var holds = new bool[model.Brokers.Length];
        for (var slot = 0; slot < lost.Length; slot++)
        {
            holds[model.Partitions.ReplicaBroker[slot]] |= lost[slot];
        }

        return [.. model.Brokers.Where((_, index) => holds[index]).Select(broker => broker.Id).Order()];
    }
}
