using System.Collections.Immutable;

namespace ControlPlane.Engine.Model;

/// <summary>
/// Immutable picture of one cluster at one moment. Optimizer, detectors, API and pages all read this one; names are mapped to
/// indexes at the edge. Published by the cluster's owner, shared without locks.
/// </summary>
public sealed record ClusterModel(ClusterId Id, long Generation, DateTimeOffset At)
{
    /// <summary>Kafka's own cluster id; null until the first answer.</summary>
    public string? KafkaClusterId { get; init; }

    /// <summary>Release, mode, abilities and missing permissions; null until the cluster was identified.</summary>
    public ClusterIdentity? Identity { get; init; }

    /// <summary>Best guess of the Kafka release; null while unknown.</summary>
    public string? Release => Identity?.Release;

    public ControllerPicture Controller { get; init; } = ControllerPicture.Unknown;

    /// <summary>Sorted by Kafka node id; holds also brokers that are known only from replica lists.</summary>
    public ImmutableArray<Broker> Brokers { get; init; } = [];

    public PartitionTable Partitions { get; init; } = PartitionTable.Empty;

    public LoadTable Load { get; init; } = LoadTable.Empty;

    /// <summary>Sorted by id (ordinal). Null while groups were never listed.</summary>
    public ImmutableArray<Group>? Groups { get; init; }

    /// <summary>What the lag of each group means, by its id; a group that is missing has not been judged yet.</summary>
    public IReadOnlyDictionary<string, GroupJudgement> Judgements { get; init; } = ImmutableDictionary<string, GroupJudgement>.Empty;

    /// <summary>Configs that were read, by resource.</summary>
    public ConfigPicture Configs { get; init; } = ConfigPicture.Empty;

    /// <summary>Which of the partitions are being reassigned; null where the cluster did not let us list them.</summary>
    public ImmutableArray<int>? Reassigning { get; init; }

    public Completeness Completeness { get; init; } = Completeness.Nothing;

    /// <summary>Freshness and failures by kind of sample.</summary>
    public ImmutableArray<SampleStatus> Samples { get; init; } = [];

    /// <summary>Counts that every page shows, made once per generation.</summary>
    public ClusterCounts Counts { get; init; } = ClusterCounts.Unknown;

    public ClusterHealth Health { get; init; } = ClusterHealth.Unknown("no sample yet");

    /// <summary>Broker index of a Kafka node id, or -1.</summary>
    public int FindBroker(int brokerId)
    {
        int low = 0, high = Brokers.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = Brokers[middle].Id.CompareTo(brokerId);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }
}

/// <summary>Who keeps the cluster's metadata.</summary>
/// <param name="Mode">kraft or zookeeper; null while unknown.</param>
/// <param name="ActiveId">The quorum's leader (KRaft) or the controller broker (ZooKeeper); null while unknown or none.</param>
public sealed record ControllerPicture(string? Mode, int? ActiveId, int? Epoch, ImmutableArray<QuorumReplica> Voters, ImmutableArray<QuorumReplica> Observers)
{
    public static ControllerPicture Unknown { get; } = new(null, null, null, [], []);
}

/// <summary>A voter or observer of the metadata quorum; lag is behind the leader's log end, in records; null while unknown.</summary>
public sealed record QuorumReplica(int Id, long? LogEndOffset, long? Lag, DateTimeOffset? LastCaughtUp);

/// <summary>How much of the cluster the picture covers, each 0..1.</summary>
public readonly record struct Completeness(double Brokers, double Partitions, double LogDirs, double Offsets, double Rates)
{
    public static Completeness Nothing { get; } = new(0, 0, 0, 0, 0);
}

/// <summary>Counts of a picture; null where the samples behind it are missing.</summary>
public sealed record ClusterCounts(
    int? OfflinePartitions,
    int? UnderMinInSync,
    int? UnderReplicated,
    int? Reassigning,
    int? NotPreferredLeader,
    int? OfflineLogDirs,
    double? BytesIn,
    double? BytesOut,
    double? MessagesIn)
{
    public static ClusterCounts Unknown { get; } = new(null, null, null, null, null, null, null, null, null);
}
