using System.Collections.Concurrent;
using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Clusters;

/// <summary>The clusters this process owns now, and who owns the others.</summary>
internal sealed partial class ClusterRegistry(
    KafkaClusterFactory factory, ClusterStore clusters, ClusterServices services, ChangeHub changes, ILogger<ClusterRegistry> logger) : IClusterViews
{
    private readonly ConcurrentDictionary<ClusterId, OwnedCluster> _owned = new();
    private volatile ImmutableDictionary<ClusterId, Uri> _elsewhere = ImmutableDictionary<ClusterId, Uri>.Empty;

    public IReadOnlyCollection<ClusterId> Owned => [.. _owned.Values.Where(cluster => cluster.MayAct).Select(cluster => cluster.Id)];

    public IReadOnlyCollection<OwnedCluster> OwnedClusters => [.. _owned.Values];

    public ClusterModel? Find(ClusterId cluster) => FindOwned(cluster)?.Actor.Model;

    public Uri? OwnerElsewhere(ClusterId cluster) => _elsewhere.GetValueOrDefault(cluster);

    public ClusterLease? FindLease(ClusterId cluster) => FindOwned(cluster)?.Lease;

    public void Announce(ClusterId cluster, ChangeKind kind) => changes.Publish(new ClusterChange(cluster, kind, Find(cluster)?.Generation ?? 0));

    public IKafkaCluster? FindKafka(ClusterId cluster) => FindOwned(cluster)?.Kafka;

    public IDemoControls? FindDemo(ClusterId cluster) => FindOwned(cluster)?.Kafka as IDemoControls;

    public ValueTask RequestRefreshAsync(ClusterId cluster, CancellationToken cancellationToken)
    {
        FindOwned(cluster)?.Wish(new SampleWish(null));
        return ValueTask.CompletedTask;
    }

    public IAsyncEnumerable<ClusterChange> WatchAsync(CancellationToken cancellationToken) => changes.WatchAsync(cancellationToken);

    /// <summary>Begins to own a cluster. Settings that can't work leave it owned and say so in the log and in its picture.</summary>
    public async Task AcquireAsync(ClusterLease lease, CancellationToken cancellationToken)
    {
        if (await StartAsync(lease, cancellationToken))
        {
            services.Events.NoteOwner(lease);
        }
    }

    private async Task<bool> StartAsync(ClusterLease lease, CancellationToken cancellationToken)
    {
        if (await clusters.FindAsync(lease.Cluster, cancellationToken) is not { } stored)
        {
            return false; // removed since; its row is gone with it
        }

        var secrets = await clusters.LoadSecretsAsync(lease.Cluster, cancellationToken);
        var cluster = new OwnedCluster(stored, lease, await OpenAsync(stored, secrets, cancellationToken), services) { Secrets = secrets };
        if (!_owned.TryAdd(lease.Cluster, cluster))
        {
            await cluster.DisposeAsync();
            return false;
        }

        cluster.Start();
        LogAcquired(lease.Cluster, lease.Epoch);
        changes.Publish(new ClusterChange(lease.Cluster, ChangeKind.Fleet, 0));
        return true;
    }

    /// <summary>Stops acting for the cluster at once, then lets its work end.</summary>
    public async Task DropAsync(ClusterId id, string why)
    {
        if (_owned.TryRemove(id, out var cluster))
        {
            cluster.Stop();
            LogDropped(id, why);
            await cluster.DisposeAsync();
            changes.Publish(new ClusterChange(id, ChangeKind.Fleet, 0));
        }
    }

    /// <summary>Takes edits of the definition: a new connection where what reaches the cluster changed, else only new words.</summary>
    public async Task ReviewAsync(OwnedCluster cluster, StoredCluster stored, CancellationToken cancellationToken)
    {
        var before = cluster.Stored;
        if (stored.Version == before.Version)
        {
            return;
        }

        if (Reach(before.Definition) == Reach(stored.Definition)
            && cluster.Secrets.AreSame(await clusters.LoadSecretsAsync(cluster.Id, cancellationToken)))
        {
            cluster.Describe(stored);
            return;
        }

        var lease = cluster.Lease;
        await DropAsync(cluster.Id, "its settings were changed");
        await StartAsync(lease, cancellationToken);
    }

    public void ReportElsewhere(ImmutableDictionary<ClusterId, Uri> owners)
    {
        var before = _elsewhere;
        _elsewhere = owners;
        foreach (var moved in before.Keys.Union(owners.Keys).Where(id => before.GetValueOrDefault(id) != owners.GetValueOrDefault(id)))
        {
            changes.Publish(new ClusterChange(moved, ChangeKind.Fleet, 0));
        }
    }

    private static (ClusterKind, string?, string, string?) Reach(ClusterDefinition definition) =>
        (definition.Kind, definition.BootstrapServers, definition.Settings, definition.Simulation);

    private OwnedCluster? FindOwned(ClusterId cluster) =>
        _owned.TryGetValue(cluster, out var owned) && owned.MayAct ? owned : null;

    private async Task<IKafkaCluster> OpenAsync(StoredCluster stored, ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        try
        {
            return await factory.OpenAsync(stored.Definition, secrets, cancellationToken);
        }
        catch (ClusterSettingsException ex)
        {
            LogUnusable(stored.Id, ex.Message);
            return new UnusableCluster(ex.Message, services.Time);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster} is owned here now (epoch {Epoch})")]
    private partial void LogAcquired(ClusterId cluster, long epoch);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster} is no longer worked on here: {Why}")]
    private partial void LogDropped(ClusterId cluster, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster} can't be opened: {Problem}")]
    private partial void LogUnusable(ClusterId cluster, string problem);
}
