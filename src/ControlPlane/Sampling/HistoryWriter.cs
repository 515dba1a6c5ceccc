using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace ControlPlane.Sampling;

/// <summary>Writes the history of each owned cluster, under its lease: the database refuses what comes with a stale epoch.</summary>
internal sealed partial class HistoryWriter(
    HistoryStore history, IOptions<SamplingOptions> options, SamplingMetrics metrics, TimeProvider time, ILogger<HistoryWriter> logger) : IClusterWork
{
    public async Task RunAsync(OwnedCluster cluster, CancellationToken stopping)
    {
        var interval = options.Value.History;
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            // A picture that nothing has refreshed since is no new measurement.
            if (cluster.MayAct && cluster.Actor.Model is { Brokers.IsEmpty: false } model && time.GetUtcNow() - model.At < 2 * interval)
            {
                await WriteAsync(cluster, model, stopping);
            }
        }
    }

    private async Task WriteAsync(OwnedCluster cluster, ClusterModel model, CancellationToken stopping)
    {
        try
        {
            await history.AppendAsync(cluster.Lease, HistoryFrames.Of(model, options.Value), stopping);
            metrics.CountHistory(cluster.Id, "ok");
        }
        catch (StaleEpochException ex)
        {
            metrics.CountHistory(cluster.Id, "stale");
            LogStale(cluster.Id, ex.Message); // the ownership loop finds out by itself and ends this cluster's work
        }
        catch (StorageUnavailableException ex)
        {
            metrics.CountHistory(cluster.Id, "failed");
            LogFailed(cluster.Id, ex.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: history was not written: {Problem}")]
    private partial void LogStale(ClusterId cluster, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: history has a gap: {Problem}")]
    private partial void LogFailed(ClusterId cluster, string problem);
}
