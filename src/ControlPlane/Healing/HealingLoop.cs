using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Npgsql;

namespace ControlPlane.Healing;

/// <summary>Lets healing look at each owned cluster whenever something changed or is due, and every few seconds while there is trouble.</summary>
internal sealed partial class HealingLoop(
    HealingReader reader, HealingActs acts, HealingRecord record, IOpenAnomalies anomalies, TimeProvider time, ILogger<HealingLoop> logger) : IClusterWork
{
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);

    public async Task RunAsync(OwnedCluster cluster, CancellationToken stopping)
    {
        using var rounds = new HealingRounds(cluster, reader, acts, record, time);
        anomalies.Changed += OnAnomalies;
        cluster.Changed += OnPicture;
        record.Board.Open(cluster.Id, rounds);
        try
        {
            while (true)
            {
                await LookAsync(cluster, rounds);
                await rounds.WaitAsync(PauseAfter(rounds), stopping);
            }
        }
        finally
        {
            record.Board.Close(cluster.Id, rounds);
            cluster.Changed -= OnPicture;
            anomalies.Changed -= OnAnomalies;
        }

        void OnAnomalies(ClusterId changed)
        {
            if (changed == cluster.Id)
            {
                rounds.Nudge();
            }
        }

        void OnPicture(ChangeKind kind)
        {
            if (kind is ChangeKind.State && rounds.IsBusy)
            {
                rounds.Nudge();
            }
        }
    }

    private TimeSpan PauseAfter(HealingRounds rounds)
    {
        var pause = rounds.IsBusy ? Busy : Idle;
        var due = rounds.Due - time.GetUtcNow();
        return due is { } left && left < pause ? (left > Shortest ? left : Shortest) : pause;
    }

    private async Task LookAsync(OwnedCluster cluster, HealingRounds rounds)
    {
        try
        {
            if (cluster.MayAct)
            {
                await rounds.LookAsync();
            }
        }
        catch (StaleEpochException ex)
        {
            LogFailed(cluster.Id, ex.Message); // the ownership loop finds out by itself and ends this cluster's work
        }
        catch (StorageUnavailableException ex)
        {
            LogFailed(cluster.Id, ex.Message);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            LogFailed(cluster.Id, ex.MessageText); // the cluster or the anomaly was removed under the decision
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            LogBroken(cluster.Id, ex); // one bad look must not end healing until the next restart
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: healing could not look: {Problem}")]
    private partial void LogFailed(ClusterId cluster, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cluster {Cluster}: a look of healing failed; it looks again in a moment")]
    private partial void LogBroken(ClusterId cluster, Exception exception);
}
