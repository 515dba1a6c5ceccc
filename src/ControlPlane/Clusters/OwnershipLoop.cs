using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Clusters;

/// <summary>
/// Claims this process's share of the clusters, renews the leases every third of their length, hands over what is too much and,
/// at shutdown, everything. A lease that can't be proven any more ends the work on its cluster at once, by our own clock.
/// </summary>
internal sealed partial class OwnershipLoop(
    ClusterRegistry registry,
    ClusterDirectory directory,
    ProcessIdentity process,
    IOptions<StorageOptions> options,
    TimeProvider time,
    ILogger<OwnershipLoop> logger) : BackgroundService
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(250);
    private readonly Pulse _pulse = new(time);
    private bool _hasBegun;

    /// <summary>True while the last round reached the database.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Makes the next round come at once: a cluster was added, edited or removed.</summary>
    public void Nudge() => _pulse.Nudge();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_hasBegun)
        {
            await HandOverAllAsync(cancellationToken); // else nobody knows of this process, and the tables may not be there
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            await directory.WaitUntilReadyAsync(stoppingToken);
            _hasBegun = true;
            await Task.WhenAll(RunRoundsAsync(stoppingToken), WatchLeasesAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (StorageRefusedException)
        {
            // StorageStartup has said why and stops the process
        }
    }

    private async Task RunRoundsAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                limit.CancelAfter(options.Value.RenewInterval * 2); // a database that hangs must not hold up the next try beyond the lease
                await RoundAsync(limit.Token);
                IsConnected = true;
            }
            catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
            {
                IsConnected = false;
                LogRoundFailed("the database did not answer in time");
            }
            catch (Exception ex) when (ex is StorageUnavailableException or Npgsql.NpgsqlException)
            {
                IsConnected = false;
                LogRoundFailed(ex.Message);
            }
            catch (Exception ex) when (ex is not OperationCanceledException)
            {
                LogRoundBroken(ex);
            }

            await _pulse.WaitAsync(options.Value.RenewInterval, stopping);
        }
    }

    /// <summary>Ends work on clusters whose lease ran out unproven, without asking anybody: after a pause, a stop or an outage.</summary>
    private async Task WatchLeasesAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(WatchInterval, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            foreach (var cluster in registry.OwnedClusters.Where(cluster => !cluster.MayAct))
            {
                await registry.DropAsync(cluster.Id, "its lease could not be renewed in time");
            }
        }
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        await directory.HeartbeatAsync(process.Info, cancellationToken);
        await RenewAsync(cancellationToken);
        var fleet = await directory.LoadAsync(cancellationToken);
        await ReviewAsync(fleet, cancellationToken);
        var others = fleet.Live.Where(live => live.Process.Id != process.Id).ToList();
        var owned = registry.OwnedClusters.Count;
        var claim = FairShare.ToClaim(fleet.Clusters.Count, others.Count + 1, owned);
        var leases = claim == 0 || fleet.FreeClusters == 0 ? [] : await directory.ClaimAsync(process.Id, claim, cancellationToken);
        foreach (var lease in leases)
        {
            await AcquireAsync(lease, cancellationToken);
        }

        if (leases.Count == 0 && FairShare.ToHandOver(fleet.Clusters.Count, owned, [.. others.Select(other => other.OwnedClusters)]) > 0)
        {
            await HandOverAsync(registry.OwnedClusters.MaxBy(cluster => cluster.Lease.Epoch)!, "another process has fewer", cancellationToken);
        }

        registry.ReportElsewhere(Elsewhere(fleet));
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var held = registry.OwnedClusters;
        var renewal = await directory.RenewAsync([.. held.Select(cluster => cluster.Lease)], cancellationToken);
        foreach (var lease in renewal.Renewed)
        {
            held.First(cluster => cluster.Id == lease.Cluster).Renew(lease);
        }

        foreach (var lost in renewal.Lost)
        {
            await registry.DropAsync(lost.Cluster, "the database says that the lease is lost");
        }
    }

    private async Task ReviewAsync(Fleet fleet, CancellationToken cancellationToken)
    {
        foreach (var cluster in registry.OwnedClusters)
        {
            if (fleet.Clusters.TryGetValue(cluster.Id, out var stored))
            {
                await registry.ReviewAsync(cluster, stored, cancellationToken);
                await LearnKafkaIdAsync(cluster, stored, cancellationToken);
            }
            else
            {
                await registry.DropAsync(cluster.Id, "it was removed");
            }
        }
    }

    /// <summary>Notes Kafka's own cluster id once it is known, so that the same cluster can't be registered twice.</summary>
    private async Task LearnKafkaIdAsync(OwnedCluster cluster, StoredCluster stored, CancellationToken cancellationToken)
    {
        if (stored.Definition.KafkaClusterId is null && cluster.Actor.Model?.KafkaClusterId is { } kafkaId && cluster.MayAct)
        {
            try
            {
                if (await directory.RecordKafkaIdAsync(cluster.Lease, kafkaId, cancellationToken) is { } duplicate)
                {
                    LogDuplicate(cluster.Id, kafkaId, duplicate);
                }
            }
            catch (StaleEpochException)
            {
                // lost meanwhile: the next owner notes it
            }
        }
    }

    private async Task AcquireAsync(ClusterLease lease, CancellationToken cancellationToken)
    {
        try
        {
            await registry.AcquireAsync(lease, cancellationToken);
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            LogAcquireFailed(lease.Cluster, ex.Message); // its lease runs out; whoever can open it claims it
        }
    }

    private async Task HandOverAsync(OwnedCluster cluster, string why, CancellationToken cancellationToken)
    {
        var lease = cluster.Lease;
        await registry.DropAsync(cluster.Id, why); // first stop, then let go: never two owners
        await directory.ReleaseAsync(lease, cancellationToken);
    }

    private async Task HandOverAllAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(registry.OwnedClusters.Select(cluster => HandOverAsync(cluster, "this process stops", cancellationToken)));
            await directory.SignOffAsync(process.Id, cancellationToken);
        }
        catch (Exception ex)
        {
            LogHandOverFailed(ex.Message);
        }
    }

    private ImmutableDictionary<ClusterId, Uri> Elsewhere(Fleet fleet) => fleet.Owners
        .Where(owner => owner.IsHeld && owner.Owner != process.Id && Uri.TryCreate(owner.Address, UriKind.Absolute, out _))
        .ToImmutableDictionary(owner => owner.Cluster, owner => new Uri(owner.Address!));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Can't renew the ownership of clusters: {Problem}. Work goes on until the leases run out, and again when the database answers")]
    private partial void LogRoundFailed(string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "A round of the ownership loop failed; the next one comes as planned")]
    private partial void LogRoundBroken(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster} was claimed but can't be worked on here: {Problem}")]
    private partial void LogAcquireFailed(ClusterId cluster, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster} is the Kafka cluster {KafkaClusterId}, which is registered as {Existing} already. Remove one of the two")]
    private partial void LogDuplicate(ClusterId cluster, string kafkaClusterId, ClusterId existing);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not hand over all clusters: {Problem}. Their leases run out by themselves")]
    private partial void LogHandOverFailed(string problem);
}
