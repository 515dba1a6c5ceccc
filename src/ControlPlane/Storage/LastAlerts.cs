using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>The end of all alerts of a cluster that is being removed: else a pager stays red for what nobody watches any more.</summary>
internal static class LastAlerts
{
    // Writes that began before are waited for, later ones are refused; the row itself goes with its cluster. Nobody may take
    // a cluster from an owner, so it is set free first.
    private const string SetFree = "UPDATE cluster_ownership SET owner = NULL, lease_until = NULL WHERE cluster = $1";

    private const string TakeOver = """
        UPDATE cluster_ownership SET epoch = epoch + 1, owner = gen_random_uuid(), lease_until = clock_timestamp() WHERE cluster = $1
        RETURNING set_config('kcp.cluster', cluster, true), set_config('kcp.epoch', epoch::text, true)
        """;

    /// <summary>Inside the transaction that removes the cluster.</summary>
    public static async Task ResolveAsync(StorageContext context, ClusterId cluster, CancellationToken cancellationToken)
    {
        var connection = (NpgsqlConnection)context.Database.GetDbConnection();
        await using (var free = connection.Command(SetFree, cluster.Value))
        {
            await free.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var claim = connection.Command(TakeOver, cluster.Value))
        {
            await claim.ExecuteNonQueryAsync(cancellationToken);
        }

        var active = AnomalyJson.Word(AnomalyState.Active);
        var open = await context.Anomalies.AsNoTracking().Where(row => row.Cluster == cluster && row.State == active).OrderBy(row => row.Id).ToListAsync(cancellationToken);
        if (open.Count == 0)
        {
            return;
        }

        var now = await context.Database.SqlQuery<DateTimeOffset>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellationToken);
        var targets = await OutboxWriter.LockTargetsAsync(connection, cancellationToken);
        foreach (var anomaly in open.Select(AnomalyJson.ToAnomaly))
        {
            // Without a link: the incident's page goes with the cluster.
            await OutboxWriter.ResolveAsync(connection, targets, Ended(anomaly, now), "", cancellationToken);
        }
    }

    private static Anomaly Ended(Anomaly anomaly, DateTimeOffset now) => anomaly with
    {
        State = AnomalyState.Resolved,
        ResolvedAt = now,
        Last = anomaly.Last with { Evidence = [.. anomaly.Last.Evidence, new Evidence("end", "the cluster was removed from the control plane; the trouble itself may last", now)] },
    };
}
