namespace ControlPlane.Engine.Analyzer;

/// <summary>What of a cluster decides a placement, in flat arrays by topic, partition, replica slot and broker index.</summary>
public sealed record PlacementArrays
{
    private readonly Lazy<int[]> _part;

    public PlacementArrays() => _part = new(PartitionOfSlot);

    public required int[] Topic { get; init; }

    /// <summary>Length P + 1: first replica slot of each partition.</summary>
    public required int[] Start { get; init; }

    /// <summary>Slot of each partition's leader; -1: none.</summary>
    public required int[] Lead { get; init; }

    /// <summary>By partition what its replicas weigh.</summary>
    public required ReplicaLoads Loads { get; init; }

    /// <summary>Broker of each slot.</summary>
    public required int[] Current { get; init; }

    public required bool[] Alive { get; init; }

    public required bool[] CanReceive { get; init; }

    public required bool[] CanLead { get; init; }

    public required int[] Rack { get; init; }

    public required int[] Host { get; init; }

    /// <summary>Bytes of the volumes of each broker's log dirs; NaN where it does not tell.</summary>
    public required double[] DiskCapacity { get; init; }

    /// <summary>Bytes on those volumes that are not replicas of this cluster.</summary>
    public required double[] DiskForeign { get; init; }

    /// <summary>Three per broker: CPU percent, bytes in and out per second; NaN where unknown. Empty: unknown of all.</summary>
    public double[] Capacity { get; init; } = [];

    /// <summary>By broker its broker set, by topic the only set its replicas may be on; empty: no sets.</summary>
    public int[] BrokerSet { get; init; } = [];

    public int[] TopicSet { get; init; } = [];

    /// <summary>By broker whether moves may end there; empty: wherever <see cref="CanReceive"/> says. Bands still count the others in.</summary>
    public bool[] IsDestination { get; init; } = [];

    /// <summary>By topic the least partitions that each broker shall lead; empty: none.</summary>
    public int[] MinLeaders { get; init; } = [];

    public required int Topics { get; init; }

    /// <summary>Partition of each slot; one array for all placements of these arrays.</summary>
    public int[] Part => _part.Value;

    /// <summary>Capacity on lanes CPU to disk; NaN: unknown.</summary>
    public double CapacityOf(int broker, int lane) =>
        lane == Lane.Disk ? DiskCapacity[broker] : Capacity.Length == 0 ? double.NaN : Capacity[(broker * 3) + lane];

    private int[] PartitionOfSlot()
    {
        var partitions = new int[Current.Length];
        for (var partition = 0; partition < Topic.Length; partition++)
        {
            partitions.AsSpan(Start[partition]..Start[partition + 1]).Fill(partition);
        }

        return partitions;
    }
}
