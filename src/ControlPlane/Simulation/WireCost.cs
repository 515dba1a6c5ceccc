using ControlPlane.Engine.Model;

namespace ControlPlane.Simulation;

/// <summary>
/// What a request would cost on the wire of a real cluster: frame and header, then the fixed part of each element in the layout of the
/// API's newest version, names at their mean length. Estimates from the message layouts, never compared with a real cluster.
/// </summary>
internal readonly record struct WireCost(long Requests, long Sent, long Received)
{
    private const int Header = 40;
    private const int TopicEntry = 40;

    /// <summary>ApiVersions: some 80 APIs of 7 bytes and the features.</summary>
    public static WireCost Probe { get; } = new(1, Header + 20, 640);

    public static WireCost Small { get; } = new(1, Header + 10, 120);

    public static WireCost DescribeCluster(int brokers) => new(1, Header + 10, 60 + (45L * brokers));

    public static WireCost Metadata(PartitionTable table) => new(1, Header + 10, 100 + (TopicEntry * (long)table.TopicCount) + (22L * table.PartitionCount) + (8L * table.ReplicaCount));

    public static WireCost Quorum(int replicas) => new(1, Header + 40, 80 + (37L * replicas));

    public static WireCost Reassignments(int running) => new(1, Header + 10, 40 + (70L * running));

    public static WireCost LogDirs(int dirs, int replicas) => new(1, Header + 5, 60 + (90L * dirs) + (30L * replicas));

    /// <summary>A request for log ends, and one for log starts where some are wanted.</summary>
    public static WireCost Offsets(int ends, int starts) => starts == 0 ? Offsets(ends) : new(2, Offsets(ends).Sent + Offsets(starts).Sent, Offsets(ends).Received + Offsets(starts).Received);

    private static WireCost Offsets(int partitions) => new(1, Header + (20L * partitions), 30 + (26L * partitions));

    public static WireCost ListGroups(int groups) => new(1, Header + 10, 40 + (60L * groups));

    public static WireCost DescribeGroup(int members, int partitions) => new(1, Header + 40, 100 + (160L * members) + (6L * partitions));

    public static WireCost OffsetFetch(int partitions) => new(1, Header + 60, 60 + (22L * partitions));

    public static WireCost Configs(int resources, int entries) => new(1, Header + (30L * resources), 40 + (20L * resources) + (70L * entries));
}
