using ControlPlane.Engine.Execution;

namespace ControlPlane.Clusters;

/// <summary>Brokers and some topics as read just now.</summary>
/// <param name="Alive">Node ids of brokers that are in the metadata and not fenced.</param>
/// <param name="Missing">Topics that certainly do not exist.</param>
internal sealed record TopicsPicture(string? KafkaClusterId, IReadOnlySet<int> Alive, IReadOnlyDictionary<string, ObservedTopic> Topics, IReadOnlySet<string> Missing);

/// <summary>Sizes of replicas and free bytes of the roomiest log dir, of the brokers that answered.</summary>
internal sealed record ReplicaSizes(IReadOnlyDictionary<(string Topic, int Partition, int Broker), long> Bytes, IReadOnlyDictionary<int, long> FreeBytes)
{
    /// <summary>Free bytes by log dir.</summary>
    public IReadOnlyDictionary<(int Broker, string Path), long> FreeByDir { get; init; } = new Dictionary<(int, string), long>();

    /// <summary>The log dir of each replica, and the one it is on its way to.</summary>
    public IReadOnlyDictionary<(string Topic, int Partition, int Broker), ReplicaPlace> Places { get; init; } = new Dictionary<(string, int, int), ReplicaPlace>();
}

/// <summary>
/// The changing port to one cluster, with what an execution must read. Every method is bounded by its token and tells by partition
/// or key what came of it; a request that got no answer is <see cref="AnswerKind.Unknown"/>, and nothing is ever sent twice.
/// </summary>
internal interface IKafkaOperations
{
    /// <summary>Null where nobody answered.</summary>
    Task<TopicsPicture?> DescribeTopicsAsync(IReadOnlyCollection<string> topics, CancellationToken cancellationToken);

    /// <summary>All reassignments under way; null where the controller did not answer.</summary>
    Task<IReadOnlyDictionary<(string Topic, int Partition), Engine.Sampling.ObservedReassignment>?> ListReassignmentsAsync(CancellationToken cancellationToken);

    /// <summary>Sizes of these partitions on these brokers.</summary>
    Task<ReplicaSizes> FetchSizesAsync(IReadOnlyCollection<int> brokers, IReadOnlyCollection<(string Topic, int Partition)> partitions, CancellationToken cancellationToken);

    /// <summary>What is set on the resources themselves, null for nothing; keys that could not be read are absent.</summary>
    Task<IReadOnlyDictionary<ThrottleKey, string?>> FetchThrottlesAsync(IReadOnlyCollection<ThrottleKey> keys, CancellationToken cancellationToken);

    /// <summary>Submits and cancels. A target of another length than now is refused, unless the wish says that this is meant.</summary>
    Task<IReadOnlyList<MoveAnswer>> ReassignAsync(IReadOnlyList<ReassignmentWish> wishes, CancellationToken cancellationToken);

    Task<IReadOnlyList<MoveAnswer>> ElectPreferredAsync(IReadOnlyList<ReassignmentWish> partitions, CancellationToken cancellationToken);

    /// <summary>Moves replicas into other log dirs of their brokers. For a replica that is still to come the broker keeps the wish.</summary>
    Task<IReadOnlyList<MoveAnswer>> MoveDirsAsync(IReadOnlyList<DirWish> wishes, CancellationToken cancellationToken);

    Task<IReadOnlyList<ThrottleAnswer>> AlterThrottlesAsync(IReadOnlyList<ThrottleChange> changes, CancellationToken cancellationToken);
}
