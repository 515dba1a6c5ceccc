namespace ControlPlane.Engine.Model;

/// <summary>What is true of one replica, packed in a byte.</summary>
[Flags]
public enum ReplicaFlags : byte
{
    None = 0,
    InSync = 1,
    Offline = 2,

    /// <summary>Being added by a reassignment that runs.</summary>
    Adding = 4,

    /// <summary>To be removed when the reassignment that runs is done.</summary>
    Removing = 8,
}

/// <summary>Questions about one replica's flags.</summary>
public static class ReplicaFlagsExtensions
{
    /// <summary>Enum.HasFlag without its boxes: 24 bytes for each side until the caller has been optimised.</summary>
    public static bool Has(this ReplicaFlags flags, ReplicaFlags flag) => (flags & flag) == flag;
}

/// <summary>
/// Topics, partitions and replicas of a cluster in flat arrays. Topics are sorted by name (ordinal); partitions of a topic lie
/// together and in order, so that partition number = index - TopicStart[topic]; replicas of a partition lie together in assignment
/// order, so that the first is the preferred leader. Brokers are broker indexes of the same <see cref="ClusterModel"/>.
/// Never changed after publication: writers copy the arrays they change and share the others.
/// </summary>
public sealed record PartitionTable
{
    public static PartitionTable Empty { get; } = new();

    public string[] TopicName { get; init; } = [];

    /// <summary>Kafka's topic id; Guid.Empty where the cluster is too old to have one.</summary>
    public Guid[] TopicId { get; init; } = [];

    public bool[] TopicInternal { get; init; } = [];

    /// <summary>Effective min.insync.replicas; -1 while unknown.</summary>
    public short[] TopicMinInSync { get; init; } = [];

    /// <summary>Length T + 1: first partition of each topic, then the partition count.</summary>
    public int[] TopicStart { get; init; } = [0];

    /// <summary>Topic index of each partition.</summary>
    public int[] Topic { get; init; } = [];

    /// <summary>Broker index of the leader; -1: no leader.</summary>
    public int[] Leader { get; init; } = [];

    public int[] LeaderEpoch { get; init; } = [];

    /// <summary>Length P + 1: first replica slot of each partition, then the slot count.</summary>
    public int[] ReplicaStart { get; init; } = [0];

    /// <summary>Broker index of each replica slot.</summary>
    public int[] ReplicaBroker { get; init; } = [];

    public ReplicaFlags[] ReplicaFlags { get; init; } = [];

    public int TopicCount => TopicName.Length;

    public int PartitionCount => Topic.Length;

    public int ReplicaCount => ReplicaBroker.Length;

    /// <summary>Index of the topic of that name, or -1.</summary>
    public int FindTopic(string name)
    {
        var index = Array.BinarySearch(TopicName, name, StringComparer.Ordinal);
        return index < 0 ? -1 : index;
    }

    public int PartitionsOf(int topic) => TopicStart[topic + 1] - TopicStart[topic];

    public int NumberOf(int partition) => partition - TopicStart[Topic[partition]];

    public ReadOnlySpan<int> ReplicasOf(int partition) => ReplicaBroker.AsSpan(ReplicaStart[partition]..ReplicaStart[partition + 1]);

    public ReadOnlySpan<ReplicaFlags> FlagsOf(int partition) => ReplicaFlags.AsSpan(ReplicaStart[partition]..ReplicaStart[partition + 1]);
}

/// <summary>Offsets and rates by partition, sizes by replica slot, beside a <see cref="PartitionTable"/> of the same lengths.</summary>
public sealed record LoadTable
{
    public static LoadTable Empty { get; } = new();

    /// <summary>Log start offset by partition; -1 while unknown.</summary>
    public long[] LogStartOffset { get; init; } = [];

    /// <summary>Log end offset (high watermark) by partition; -1 while unknown.</summary>
    public long[] LogEndOffset { get; init; } = [];

    /// <summary>When the log end was last told, in Unix ms by partition: not all are asked in every round. -1 where it never was.</summary>
    public long[] LogEndAt { get; init; } = [];

    /// <summary>Bytes on disk by replica slot; -1 while unknown.</summary>
    public long[] ReplicaBytes { get; init; } = [];

    /// <summary>Index into the broker's log dirs by replica slot; -1 while unknown.</summary>
    public short[] ReplicaLogDir { get; init; } = [];

    /// <summary>Bytes produced per second by partition; NaN while not measured.</summary>
    public float[] BytesIn { get; init; } = [];

    /// <summary>Records produced per second by partition; NaN while not measured.</summary>
    public float[] MessagesIn { get; init; } = [];

    /// <summary>Bytes consumed per second by partition, from the progress of committed offsets; NaN while not measured.</summary>
    public float[] BytesOut { get; init; } = [];
}
