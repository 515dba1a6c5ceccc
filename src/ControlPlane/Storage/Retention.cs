using Microsoft.Extensions.Options;

namespace ControlPlane.Storage;

/// <summary>What one round of retention removed.</summary>
internal sealed record RemovedRows(long History, long Audit, long Tokens, long Processes, long Anomalies, long Deliveries, long Plans, long Events, long Executions);

/// <summary>Removes what is older than the options keep: history, audit entries, dead tokens, forgotten processes, resolved anomalies, old deliveries, plans, events and executions.</summary>
internal sealed class Retention(Database database, HistoryRollups history, IOptions<StorageOptions> options)
{
    /// <summary>How long a revoked or expired token stays visible, a silent process in the list, and a finished delivery in the log.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    // What still has to be sent stays, and the trigger of an alert that lasts: without it nobody would be told of its end.
    private const string OldDeliveries = """
        WITH ended AS (DELETE FROM alerts WHERE resolved_at < clock_timestamp() - $1)
        DELETE FROM alert_deliveries d WHERE d.state NOT IN ('queued', 'delivering') AND d.created_at < clock_timestamp() - $1
          AND NOT EXISTS (SELECT FROM alerts a WHERE a.anomaly = d.anomaly AND a.resolved_at IS NULL)
        """;

    // Journal and throttles go with it, and its plan. What a broker still owes a throttle to is kept however old it is.
    private const string OldExecutions = """
        WITH ended AS (DELETE FROM executions WHERE is_settled AND finished_at < clock_timestamp() - $1 RETURNING plan),
             done AS (DELETE FROM plans p USING ended e WHERE p.id = e.plan AND p.state IN ('done', 'cancelled', 'failed'))
        SELECT count(*) FROM ended
        """;

    public async Task<RemovedRows> RunAsync(CancellationToken cancellationToken) => new(
        await history.RemoveOldAsync(cancellationToken),
        await RemoveAuditAsync(cancellationToken),
        await DeleteAsync("remove dead tokens", "DELETE FROM tokens WHERE coalesce(least(revoked_at, expires_at), 'infinity') < clock_timestamp() - $1", Remembered, cancellationToken),
        await DeleteAsync("remove silent processes", "DELETE FROM processes WHERE last_seen < clock_timestamp() - $1", Remembered, cancellationToken),
        await DeleteAsync("remove resolved anomalies", "DELETE FROM anomalies WHERE resolved_at < clock_timestamp() - $1", options.Value.AnomalyRetention, cancellationToken),
        await DeleteAsync("remove old deliveries", OldDeliveries, Remembered, cancellationToken),
        await DeleteAsync("remove old plans", "DELETE FROM plans WHERE state IN ('proposed', 'discarded', 'stale') AND made_at < clock_timestamp() - $1", Remembered, cancellationToken),
        await DeleteAsync("remove old events", "DELETE FROM cluster_events WHERE at < clock_timestamp() - $1", options.Value.EventRetention, cancellationToken),
        await RemoveExecutionsAsync(cancellationToken));

    private Task<long> RemoveExecutionsAsync(CancellationToken cancellationToken) =>
        database.SqlAsync("remove old executions", async (connection, token) =>
        {
            await using var command = connection.Command(OldExecutions, options.Value.ExecutionRetention);
            return (long)(await command.ExecuteScalarAsync(token))!;
        }, cancellationToken);

    /// <summary>The trail refuses deletion except in a transaction that declares itself to be this one.</summary>
    private Task<long> RemoveAuditAsync(CancellationToken cancellationToken) =>
        database.SqlAsync("remove old audit entries", async (connection, token) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(token);
            await using var declare = connection.Command("SELECT set_config('kcp.audit_retention', 'on', true)");
            await declare.ExecuteNonQueryAsync(token);
            await using var delete = connection.Command("DELETE FROM audit WHERE at < clock_timestamp() - $1", options.Value.AuditRetention);
            long removed = await delete.ExecuteNonQueryAsync(token);
            await transaction.CommitAsync(token);
            return removed;
        }, cancellationToken);

    private Task<long> DeleteAsync(string what, string sql, TimeSpan age, CancellationToken cancellationToken) =>
        database.SqlAsync(what, async (connection, token) =>
        {
            await using var command = connection.Command(sql, age);
            return (long)await command.ExecuteNonQueryAsync(token);
        }, cancellationToken);
}
