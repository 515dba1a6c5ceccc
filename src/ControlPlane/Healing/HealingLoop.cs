using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Npgsql;

namespace ControlPlane.Healing;

/// <summary>Lets healing look at each owned cluster whenever something changed or is due, and every few seconds while there is trouble.</summary>
internal sealed partial class HealingLoop(
    HealingReader reader, HealingActs acts, HealingRecord record, HealingBoard board, IOpenAnomalies anomalies, HealingClock clock) : IClusterWork
{
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);

    public async Task RunAsync(OwnedCluster cluster, CancellationToken stopping)
    {
        using var rounds = new HealingRounds(cluster, reader, acts, record, clock.Time);
        anomalies.Changed += OnAnomalies;
        cluster.Changed += OnPicture;
        board.Open(cluster.Id, rounds);
        try
        {
            while (true)
            {
                await LookAsync(cluster, rounds, stopping);
                await rounds.WaitAsync(PauseAfter(rounds), stopping);
            }
        }
        finally
        {
            board.Close(cluster.Id, rounds);
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
        var due = rounds.Due - clock.Time.GetUtcNow();
        return due is { } left && left < pause ? (left > Shortest ? left : Shortest) : pause;
    }

    private async Task LookAsync(OwnedCluster cluster, HealingRounds rounds, CancellationToken stopping)
    {
        try
        {
            if (cluster.MayAct)
            {
                await rounds.LookAsync(stopping);
            }
        }
        catch (StaleEpochException ex)
        {
            clock.LogFailed(cluster.Id, ex.Message); // the ownership loop finds out by itself and ends this cluster's work
        }
        catch (StorageUnavailableException ex)
        {
            clock.LogFailed(cluster.Id, ex.Message);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            clock.LogFailed(cluster.Id, ex.MessageText); // the cluster or the anomaly was removed under the decision
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            clock.LogBroken(cluster.Id, ex); // one bad look must not end healing until the next restart
        }
    }
}
