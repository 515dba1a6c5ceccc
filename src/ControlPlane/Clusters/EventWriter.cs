using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Clusters;

/// <summary>
/// The one writer of the event log: stores what was noted in batches, under the lease the cluster has now. What can't be stored
/// waits for the database or for the cluster to come back to this process, and is given up only when it is too old or too much.
/// </summary>
internal sealed partial class EventWriter(EventLog log, ClusterRegistry registry, EventStore store, TimeProvider time, ILogger<EventWriter> logger) : BackgroundService
{
    private const int BatchSize = 500;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>A cluster that has not come back by then belongs to another process, whose own events tell the rest.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan LastTry = TimeSpan.FromSeconds(3);

    private readonly List<NotedEvent> _waiting = [];
    private long _reportedForgotten;

    /// <summary>Runs before the ownership loop hands its clusters over, so that the last events still have their lease.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LastTry);
        try
        {
            Take();
            await WriteAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
        }

        if (_waiting.Count > 0)
        {
            LogGivenUp(_waiting.Count, "this process stops");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WaitAsync(stoppingToken);
                Take();
                await WriteAsync(stoppingToken);
                Forget();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception ex)
            {
                LogRoundBroken(ex);
                await Task.Delay(RetryInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Until something new is noted; where something waits for its next try, that long at most.</summary>
    private async Task WaitAsync(CancellationToken stopping)
    {
        if (_waiting.Count == 0)
        {
            await log.Noted.WaitToReadAsync(stopping);
            return;
        }

        await Task.Delay(RetryInterval, time, stopping);
    }

    private void Take()
    {
        while (_waiting.Count < EventLog.Capacity && log.Noted.TryRead(out var noted))
        {
            _waiting.Add(noted);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        foreach (var cluster in _waiting.GroupBy(noted => noted.Event.Cluster).ToList())
        {
            // A lease of a moment ago may still hold while the cluster is being handed over; the database is the judge of it.
            var lease = registry.OwnedClusters.FirstOrDefault(owned => owned.Id == cluster.Key && owned.MayAct)?.Lease ?? cluster.Last().Lease;
            foreach (var batch in cluster.Chunk(BatchSize))
            {
                if (!await TryWriteAsync(lease, batch, cancellationToken))
                {
                    break;
                }
            }
        }
    }

    private async Task<bool> TryWriteAsync(ClusterLease lease, NotedEvent[] batch, CancellationToken cancellationToken)
    {
        try
        {
            await store.AppendAsync(lease, [.. batch.Select(noted => noted.Event)], cancellationToken);
            var stored = batch.Select(noted => noted.Event.Id).ToHashSet();
            _waiting.RemoveAll(noted => stored.Contains(noted.Event.Id));
            return true;
        }
        catch (Exception ex) when (ex is StaleEpochException or StorageUnavailableException)
        {
            LogWaiting(lease.Cluster, batch.Length, ex.Message);
            return false;
        }
    }

    private void Forget()
    {
        var before = time.GetUtcNow() - Patience;
        var old = _waiting.RemoveAll(noted => noted.Event.At < before);
        if (old > 0)
        {
            LogGivenUp(old, $"they could not be stored for {Patience}");
        }

        var forgotten = log.Forgotten;
        if (forgotten > _reportedForgotten)
        {
            LogGivenUp(forgotten - _reportedForgotten, $"more than {EventLog.Capacity} waited to be stored");
            _reportedForgotten = forgotten;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Cluster {Cluster}: {Count} events wait to be stored: {Problem}")]
    private partial void LogWaiting(ClusterId cluster, int count, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} events of clusters are lost to charts and lists: {Why}")]
    private partial void LogGivenUp(long count, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "A round of storing events failed; the next one comes as planned")]
    private partial void LogRoundBroken(Exception exception);
}
