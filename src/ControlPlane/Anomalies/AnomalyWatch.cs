using ControlPlane.Clusters;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Anomalies;

/// <summary>Watches each owned cluster for trouble: goes on from what is stored, detects in memory, and stores what changes.</summary>
internal sealed partial class AnomalyWatch(
    AnomalyStore store, AnomalyWriter writer, AnomalyNews news, OpenAnomalies open, TimeProvider time, ILogger<AnomalyWatch> logger) : IClusterWork
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public async Task RunAsync(OwnedCluster cluster, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var rounds = new DetectionRounds(cluster, time, logger);
        try
        {
            rounds.Continue(await LoadAsync(cluster, ending.Token));
            var saving = SaveAsync(cluster, rounds.Unstored, ending.Token);
            var detecting = rounds.RunAsync(all => open.Set(cluster.Id, all), ending.Token);
            await Task.WhenAny(saving, detecting);
            await ending.CancelAsync(); // if one of them ended by an error, the other must not go on alone
            await Task.WhenAll(saving, detecting);
        }
        finally
        {
            open.Forget(cluster.Id);
        }
    }

    /// <summary>Nothing can be judged before what is open is known: else it would be found a second time.</summary>
    private async Task<IReadOnlyList<Anomaly>> LoadAsync(OwnedCluster cluster, CancellationToken stopping)
    {
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            try
            {
                return await store.LoadOpenAsync(cluster.Id, stopping);
            }
            catch (StorageUnavailableException ex)
            {
                LogNotLoaded(cluster.Id, ex.Message);
            }

            await Task.Delay(pause, time, stopping);
        }
    }

    private async Task SaveAsync(OwnedCluster cluster, UnstoredTransitions unstored, CancellationToken stopping)
    {
        var pause = FirstPause;
        while (true)
        {
            var transitions = await unstored.NextAsync(stopping);
            try
            {
                var stored = await writer.WriteAsync(cluster.Lease, transitions, stopping);
                unstored.Stored(transitions);
                pause = FirstPause;
                news.Tell(cluster.Id, stored);
                continue;
            }
            catch (StaleEpochException ex)
            {
                LogStale(cluster.Id, ex.Message); // a new lease comes with a renewal, or the ownership loop ends this work
            }
            catch (StorageUnavailableException ex)
            {
                LogNotStored(cluster.Id, transitions.Count, pause, ex.Message);
            }
            catch (Exception ex) when (ex is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                LogWriteFailed(cluster.Id, transitions.Count, pause, ex); // a sink's error: the transaction is undone, nothing is lost
            }

            await Task.Delay(pause, time, stopping);
            pause = Longer(pause);
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => 2 * pause < LongestPause ? 2 * pause : LongestPause;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: its open anomalies could not be read, so none are looked for yet: {Problem}")]
    private partial void LogNotLoaded(ClusterId cluster, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: anomalies were not stored: {Problem}")]
    private partial void LogStale(ClusterId cluster, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: {Count} changes of anomalies are not stored yet, the next try comes in {Pause}: {Problem}")]
    private partial void LogNotStored(ClusterId cluster, int count, TimeSpan pause, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: storing {Count} changes of anomalies failed, the next try comes in {Pause}")]
    private partial void LogWriteFailed(ClusterId cluster, int count, TimeSpan pause, Exception exception);
}
