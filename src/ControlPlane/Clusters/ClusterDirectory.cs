using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Clusters;

/// <summary>What the database says of clusters, owners and processes, read together once a round.</summary>
internal sealed record Fleet(
    IReadOnlyDictionary<ClusterId, StoredCluster> Clusters, IReadOnlyList<ClusterOwner> Owners, IReadOnlyList<LiveProcess> Live)
{
    public int FreeClusters => Owners.Count(owner => !owner.IsHeld);
}

/// <summary>The questions that the ownership loop has for the stores.</summary>
internal sealed class ClusterDirectory(ClusterStore clusters, OwnershipStore ownership, ProcessStore processes, StorageState storage)
{
    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => storage.WaitUntilReadyAsync(cancellationToken);

    public Task HeartbeatAsync(ProcessInfo process, CancellationToken cancellationToken) => processes.HeartbeatAsync(process, cancellationToken);

    public async Task<Fleet> LoadAsync(CancellationToken cancellationToken)
    {
        var stored = await clusters.ListAsync(cancellationToken);
        var owners = await ownership.ListOwnersAsync(cancellationToken);
        var live = await processes.ListLiveAsync(cancellationToken);
        return new Fleet(stored.ToDictionary(cluster => cluster.Id), owners, live);
    }

    public Task<LeaseRenewal> RenewAsync(IReadOnlyList<ClusterLease> leases, CancellationToken cancellationToken) =>
        ownership.RenewAsync(leases, cancellationToken);

    public Task<IReadOnlyList<ClusterLease>> ClaimAsync(Guid process, int limit, CancellationToken cancellationToken) =>
        ownership.ClaimFreeAsync(process, limit, cancellationToken);

    public Task<bool> ReleaseAsync(ClusterLease lease, CancellationToken cancellationToken) => ownership.ReleaseAsync(lease, cancellationToken);

    public Task SignOffAsync(Guid process, CancellationToken cancellationToken) => processes.RemoveAsync(process, cancellationToken);

    /// <summary>Null when noted; else the cluster that has this Kafka cluster id already.</summary>
    public async Task<ClusterId?> RecordKafkaIdAsync(ClusterLease lease, string kafkaId, CancellationToken cancellationToken) =>
        await clusters.RecordKafkaClusterIdAsync(lease, kafkaId, cancellationToken) is Storage.ClusterChange.DuplicateKafkaCluster(var existing)
            ? existing.Id
            : null;
}
