using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>A broker with what has to be remembered of it between rounds.</summary>
public sealed record TrackedBroker(int Id, BrokerLiveness Liveness)
{
    public string? Host { get; init; }

    public int? Port { get; init; }

    public string? Rack { get; init; }

    /// <summary>Among the cluster's brokers at the last topology; else known from replica lists or from before.</summary>
    public bool IsListed { get; init; }

    public bool? IsFenced { get; init; }

    public ImmutableArray<LogDir>? LogDirs { get; init; }

    public DateTimeOffset? LogDirsAt { get; init; }
}

/// <summary>All that the owner of a cluster knows of it: the published picture and the memory behind it.</summary>
public sealed record ClusterState(ClusterModel Model)
{
    /// <summary>Sorted by id: the same indexes as the brokers of the model.</summary>
    public ImmutableArray<TrackedBroker> Brokers { get; init; } = [];

    public PartitionWindows Windows { get; init; } = PartitionWindows.Empty;

    /// <summary>The last list of reassignments; applied anew to each topology.</summary>
    public ReassignmentsSample? Reassignments { get; init; }

    /// <summary>What each broker does, by broker index, as of the last topology.</summary>
    public BrokerDuties Duties { get; init; } = BrokerDuties.None;

    public LivenessLimits Limits { get; init; } = LivenessLimits.Default;

    public int[] BrokerIds() => [.. Brokers.Select(broker => broker.Id)];

    public static ClusterState Initial(ClusterId id, DateTimeOffset now) => new(new ClusterModel(id, 0, now));
}

/// <summary>Replicas, leaderships and in-sync memberships (of partitions with several replicas) by broker index.</summary>
public sealed record BrokerDuties(int[] Replicas, int[] Leads, int[] InSync)
{
    public static BrokerDuties None { get; } = new([], [], []);

    public static BrokerDuties Of(PartitionTable table, int brokers)
    {
        var duties = new BrokerDuties(new int[brokers], new int[brokers], new int[brokers]);
        for (var p = 0; p < table.PartitionCount; p++)
        {
            if (table.Leader[p] >= 0)
            {
                duties.Leads[table.Leader[p]]++;
            }

            var (first, end) = (table.ReplicaStart[p], table.ReplicaStart[p + 1]);
            for (var slot = first; slot < end; slot++)
            {
                duties.Replicas[table.ReplicaBroker[slot]]++;
                if (end - first > 1 && table.ReplicaFlags[slot].Has(ReplicaFlags.InSync))
                {
                    duties.InSync[table.ReplicaBroker[slot]]++;
                }
            }
        }

        return duties;
    }
}
