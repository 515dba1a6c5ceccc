using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Clusters;

/// <summary>
/// The port to one Kafka cluster: real (Connectivity) or simulated (Simulation). Every method is bounded by its token, never throws
/// for what a cluster or network can do (that is in the failures of the result), and may be called while others run.
/// </summary>
internal interface IKafkaCluster : IAsyncDisposable
{
    /// <summary>Raised from any thread when a connection to a broker breaks by itself: evidence, ahead of the next probe.</summary>
    event Action<BrokerProbe>? ConnectionBroken;

    /// <summary>What changes the cluster; null where that is not possible.</summary>
    IKafkaOperations? Operations => null;

    /// <summary>What changes what groups have committed; null where that is not possible.</summary>
    IGroupOperations? GroupOperations => null;

    /// <summary>What is asked of a few partitions now and then; null where that is not possible.</summary>
    IPartitionQuestions? PartitionQuestions => null;

    /// <summary>Follows the commits of all groups, for a listener by partition of the offsets topic; null where that is not possible.</summary>
    /// <param name="from">Where an earlier feed was, to go on from there; partitions without a place begin at their beginning.</param>
    /// <param name="hiring">Has other processes read some of its partitions; null: none do.</param>
    IOffsetsFeed? FollowOffsets(Func<int, IGroupEvents> events, IReadOnlyCollection<OffsetsPosition>? from = null, IOffsetsHiring? hiring = null) => null;

    /// <summary>Reads a share of the offsets topic for the process that owns the cluster and writes what it says, until cancelled or nobody takes it; null where that is not possible.</summary>
    Func<OffsetsShare, Stream, CancellationToken, Task>? ShipOffsets => null;

    /// <summary>From now on committed offsets need not be asked for while they are followed; null ends it.</summary>
    void UseCommits(IKnownCommits? commits)
    {
        // who follows no commits asks for them
    }

    Task<Sampled<IdentitySample>> IdentifyAsync(CancellationToken cancellationToken);

    /// <summary>Asks each of these brokers for a small answer, all at once; one result per broker.</summary>
    Task<Sampled<LivenessSample>> ProbeAsync(IReadOnlyList<ObservedBroker> brokers, CancellationToken cancellationToken);

    Task<Sampled<TopologySample>> FetchTopologyAsync(CancellationToken cancellationToken);

    Task<Sampled<QuorumSample>> FetchQuorumAsync(CancellationToken cancellationToken);

    Task<Sampled<ReassignmentsSample>> FetchReassignmentsAsync(CancellationToken cancellationToken);

    Task<Sampled<LogDirsSample>> FetchLogDirsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken);

    /// <summary>Log start and end offsets of the partitions of the model, each asked at its leader.</summary>
    /// <param name="model">Its partitions, and what is known of them.</param>
    /// <param name="round">Which of them to ask for; null: all.</param>
    Task<Sampled<OffsetsSample>> FetchOffsetsAsync(ClusterModel model, OffsetsRound? round, CancellationToken cancellationToken);

    Task<Sampled<GroupsSample>> FetchGroupsAsync(CancellationToken cancellationToken);

    Task<Sampled<BrokerConfigsSample>> FetchBrokerConfigsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken);

    Task<Sampled<TopicConfigsSample>> FetchTopicConfigsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken);

    /// <summary>All entries of one topic's config with their sources, for its page.</summary>
    Task<Sampled<IReadOnlyList<ConfigEntry>>> FetchTopicConfigAsync(string topic, CancellationToken cancellationToken);
}
