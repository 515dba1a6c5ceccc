using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Clusters;

/// <summary>What changed in a cluster; pages and streams fetch anew what they show of it.</summary>
internal readonly record struct ClusterChange(ClusterId Cluster, ChangeKind Kind, long Generation);

/// <summary>The parts of a cluster's picture that change at their own pace.</summary>
internal enum ChangeKind
{
    /// <summary>Added, removed, edited, or owned by another process.</summary>
    Fleet,

    /// <summary>Health, brokers or partitions changed in a way that a person would want to see at once.</summary>
    State,

    /// <summary>New numbers: rates, offsets, sizes, groups.</summary>
    Load,

    /// <summary>An anomaly appeared, changed or ended, and that is stored.</summary>
    Anomalies,

    /// <summary>Deliveries of alerts were queued or ended; without a cluster where they are of several or of none.</summary>
    Alerts,

    /// <summary>A plan was made, or something was decided about one.</summary>
    Plans,

    /// <summary>An execution went on: its state, its moves or its bytes.</summary>
    Executions,

    /// <summary>Healing decided something new, or its policy was edited.</summary>
    Healing,
}

/// <summary>The read side of the clusters this process knows. Safe from any thread; never waits for a mailbox.</summary>
internal interface IClusterViews
{
    /// <summary>Clusters owned by this process now.</summary>
    IReadOnlyCollection<ClusterId> Owned { get; }

    /// <summary>The latest picture; null where this process doesn't own the cluster or nothing was published yet.</summary>
    ClusterModel? Find(ClusterId cluster);

    /// <summary>The advertised address of the process that owns the cluster, if another one does and its lease holds.</summary>
    Uri? OwnerElsewhere(ClusterId cluster);

    /// <summary>The lease of a cluster owned here, for what its owner writes; null for every other.</summary>
    ClusterLease? FindLease(ClusterId cluster) => null;

    /// <summary>Tells every watcher of the cluster that a part of it changed.</summary>
    void Announce(ClusterId cluster, ChangeKind kind)
    {
    }

    /// <summary>The connection to a cluster owned here, for what is read on demand; null for every other.</summary>
    IKafkaCluster? FindKafka(ClusterId cluster);

    /// <summary>Controls of a simulated cluster owned here; null for every other.</summary>
    IDemoControls? FindDemo(ClusterId cluster);

    /// <summary>Asks for a full round of samples soon, for "refresh now".</summary>
    ValueTask RequestRefreshAsync(ClusterId cluster, CancellationToken cancellationToken);

    /// <summary>Changes of all clusters from now on, coalesced; a slow reader misses none of the kinds but may see fewer of them.</summary>
    IAsyncEnumerable<ClusterChange> WatchAsync(CancellationToken cancellationToken);
}
