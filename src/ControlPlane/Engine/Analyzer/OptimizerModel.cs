namespace ControlPlane.Engine.Analyzer;

/// <summary>What may be done with a broker, whatever a wish says.</summary>
public enum BrokerCondition : byte
{
    Alive,

    /// <summary>Alive and just added: it may be empty.</summary>
    New,

    /// <summary>Its replicas are offline and have to go elsewhere.</summary>
    Dead,

    /// <summary>Alive, keeps its replicas, but shall lead none.</summary>
    Demoted,

    /// <summary>Alive, keeps what it has, receives no replica and no leadership.</summary>
    Excluded,
}

/// <summary>What is known of a replica beyond its place.</summary>
[Flags]
public enum ReplicaMarks : byte
{
    None = 0,

    /// <summary>Not in the ISR: it must not become leader, and a living copy must not be dropped for it.</summary>
    OutOfSync = 1,

    /// <summary>Its log dir has failed.</summary>
    Offline = 2,

    /// <summary>It is being added by a reassignment that runs.</summary>
    Adding = 4,

    /// <summary>It is being removed by a reassignment that runs.</summary>
    Removing = 8,

    /// <summary>Of a partition that is being reassigned, and stays.</summary>
    Staying = 16,
}

/// <summary>Questions about one replica's marks.</summary>
public static class ReplicaMarksExtensions
{
    /// <summary>Enum.HasFlag without its boxes: 24 bytes for each side until the caller has been optimised.</summary>
    public static bool Has(this ReplicaMarks marks, ReplicaMarks mark) => (marks & mark) == mark;
}

/// <summary>
/// A cluster as the optimizer takes it: flat arrays by broker, topic, partition and replica slot. Never changed once made, so any number
/// of runs may share it. The slots of partition p are Start[p] to Start[p + 1]; the first of them is the preferred leader.
/// </summary>
public sealed record OptimizerModel
{
    public required string Name { get; init; }

    public DateTimeOffset? TakenAt { get; init; }

    /// <summary>Kafka node ids by broker index.</summary>
    public required int[] BrokerIds { get; init; }

    /// <summary>Null where the broker has none: it then counts as a rack of its host.</summary>
    public required string?[] Racks { get; init; }

    public required string[] Hosts { get; init; }

    public required BrokerCondition[] Conditions { get; init; }

    /// <summary>Four per broker: CPU (percent of one whole broker, 100), bytes in and out per second, bytes of disk; NaN: unknown, no limit.</summary>
    public required double[] Capacity { get; init; }

    /// <summary>By broker: bytes on its volumes that are not replicas of this cluster.</summary>
    public required double[] DiskForeign { get; init; }

    /// <summary>Length brokers + 1: first log dir of each broker; equal neighbours: its dirs are not known.</summary>
    public required int[] DirStart { get; init; }

    public required string[] DirPaths { get; init; }

    /// <summary>Bytes; NaN where unknown.</summary>
    public required double[] DirCapacity { get; init; }

    public required bool[] DirAlive { get; init; }

    public required string[] Topics { get; init; }

    /// <summary>Topic index of each partition; ascending.</summary>
    public required int[] Topic { get; init; }

    /// <summary>Kafka's number of each partition within its topic.</summary>
    public required int[] Number { get; init; }

    /// <summary>Length partitions + 1: first replica slot.</summary>
    public required int[] Start { get; init; }

    /// <summary>Broker index of each slot.</summary>
    public required int[] Broker { get; init; }

    /// <summary>Index into <see cref="DirPaths"/> of each slot; -1: unknown. Empty: no slot's dir is known.</summary>
    public required int[] Dir { get; init; }

    /// <summary>Slot of each partition's leader; -1: none.</summary>
    public required int[] Lead { get; init; }

    /// <summary>By slot; empty: nothing is marked.</summary>
    public ReplicaMarks[] Marks { get; init; } = [];

    /// <summary><see cref="LoadOf.Count"/> per partition, see <see cref="LoadOf"/>.</summary>
    public required double[] Loads { get; init; }

    /// <summary>Partitions whose load was estimated, not measured; empty: none.</summary>
    public bool[] IsEstimated { get; init; } = [];

    /// <summary>By topic: min.insync.replicas; -1: unknown. Empty: unknown of all.</summary>
    public int[] MinInSync { get; init; } = [];

    /// <summary>By topic: Kafka's topic id; empty: unknown (a model out of a file).</summary>
    public Guid[] TopicIds { get; init; } = [];

    public int Brokers => BrokerIds.Length;

    public int Partitions => Topic.Length;

    public int Slots => Broker.Length;

    public int ReplicasOf(int partition) => Start[partition + 1] - Start[partition];
}

/// <summary>Places of a partition's loads within <see cref="OptimizerModel.Loads"/>.</summary>
public static class LoadOf
{
    /// <summary>Percent of one whole broker, as leader.</summary>
    public const int Cpu = 0;

    /// <summary>Percent of one whole broker, as follower.</summary>
    public const int FollowerCpu = 1;

    /// <summary>Bytes per second that producers write.</summary>
    public const int BytesIn = 2;

    /// <summary>Bytes per second that consumers read from the leader.</summary>
    public const int BytesOut = 3;

    /// <summary>Bytes of one replica.</summary>
    public const int Size = 4;

    public const int Count = 5;

    /// <summary>
    /// CPU of a follower by Cruise Control's model (ModelUtils.getFollowerCpuUtilFromLeaderLoad, with its default weights): the part of the
    /// leader's that replicating the written bytes takes.
    /// </summary>
    public static double FollowerCpuOf(double leaderCpu, double bytesIn, double bytesOut)
    {
        var weighted = (0.7 * bytesIn) + (0.15 * bytesOut);
        return weighted > 0 ? leaderCpu * (0.15 * bytesIn) / weighted : 0;
    }
}
