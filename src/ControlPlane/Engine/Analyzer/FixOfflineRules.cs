using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Which replicas count as lost, and which brokers may take their place.</summary>
public static class FixOfflineRules
{
    public static bool IsAlive(Broker broker) => broker.State is BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown;

    /// <summary>A broker that restarts or hangs may vanish under the copy, and Kafka takes an assignment to a fenced one and waits.</summary>
    public static bool MayReceive(Broker broker) => broker.State == BrokerState.Active && broker.IsFenced != true;

    /// <summary>Brokers whose replicas are lost by themselves: those that are down. Others are lost only when somebody names them.</summary>
    public static bool IsDown(Broker broker) => broker.State == BrokerState.Down;

    /// <summary>Whether the replica lies on a failed log dir of a broker that lives. The flag alone may be older than the broker's return.</summary>
    public static bool IsOnFailedDir(Broker broker, ReplicaFlags flags) =>
        IsAlive(broker) && flags.HasFlag(ReplicaFlags.Offline) && broker.LogDirs is { } dirs && dirs.Any(dir => dir.Error is not null);

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
                lost[slot] |= IsDown(model.Brokers[table.ReplicaBroker[slot]]);
            }
        }

        return lost;
    }
}

/// <summary>What a fix-offline plan is asked for.</summary>
/// <param name="Brokers">Only the replicas of these Kafka node ids; null: of all that are down.</param>
public sealed record FixOfflineOptions(IReadOnlySet<int>? Brokers)
{
    public static FixOfflineOptions All { get; } = new((IReadOnlySet<int>?)null);

    /// <summary>Kafka node ids that shall receive nothing.</summary>
    public IReadOnlySet<int> ExcludedDestinations { get; init; } = new HashSet<int>();

    public ExecutionLimits Limits { get; init; } = ExecutionLimits.Default;

    public BandSettings Bands { get; init; } = new();

    public bool MayReceive(Broker broker) => FixOfflineRules.MayReceive(broker) && !ExcludedDestinations.Contains(broker.Id);
}
