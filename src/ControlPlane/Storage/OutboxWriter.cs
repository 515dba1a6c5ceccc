using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using Npgsql;
using NpgsqlTypes;

namespace ControlPlane.Storage;

/// <summary>How a delivery begins.</summary>
/// <param name="Wait">Of a queued one, before it is sent.</param>
/// <param name="Why">Of one that is not sent.</param>
internal readonly record struct FirstState(DeliveryState State, TimeSpan Wait = default, string? Why = null);

/// <summary>Puts notifications into the outbox, inside somebody's transaction.</summary>
internal static class OutboxWriter
{
    private const string InsertSql = """
        INSERT INTO alert_deliveries (id, target, cluster, anomaly, event, dedup_key, severity, summary, body, state, attempts, may_have_arrived, next_attempt_at, resent_from, last_answer)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, false, CASE WHEN $10 = 'queued' THEN clock_timestamp() + $12 END, $11, $13)
        ON CONFLICT (target, anomaly, event) WHERE resent_from IS NULL DO NOTHING
        """;

    /// <summary>All targets. The lock keeps them from being removed under the deliveries, and a resend from overtaking them.</summary>
    public static async Task<IReadOnlyList<AlertTarget>> LockTargetsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("SELECT id, kind, enabled, min_severity, clusters FROM alert_targets ORDER BY id FOR KEY SHARE");
        return await command.ListAsync(
            reader => new AlertTarget(
                reader.GetGuid(0),
                Enum.Parse<AlertTargetKind>(reader.GetString(1), ignoreCase: true),
                reader.GetBoolean(2),
                Enum.Parse<Severity>(reader.GetString(3), ignoreCase: true),
                reader.IsDBNull(4) ? null : [.. reader.GetFieldValue<string[]>(4)]),
            cancellationToken);
    }

    public static async Task OpenAlertAsync(NpgsqlConnection connection, Anomaly anomaly, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            """
            INSERT INTO alerts (anomaly, cluster, dedup_key, severity, active_at, told_at) VALUES ($1, $2, $3, $4, coalesce($5, clock_timestamp()), $6)
            ON CONFLICT (anomaly) DO UPDATE SET severity = excluded.severity, told_at = excluded.told_at
            """,
            anomaly.Id, anomaly.Cluster.Value, AlertRules.DedupKey(anomaly.Cluster, anomaly.Key), AlertRules.Word(anomaly.Last.Severity), anomaly.ActiveAt?.ToUniversalTime(), ToldAt(anomaly));
        command.Parameters[5].NpgsqlDbType = NpgsqlDbType.TimestampTz;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Moves an alert that stands on to what the anomaly is now, and says what of that is new.</summary>
    public static async Task<(bool IsWorse, bool IsNews)> MoveAlertAsync(NpgsqlConnection connection, Anomaly anomaly, CancellationToken cancellationToken)
    {
        await using var read = connection.Command("SELECT severity, told_at FROM alerts WHERE anomaly = $1 AND resolved_at IS NULL FOR UPDATE", anomaly.Id);
        var rows = await read.ListAsync(row => (Severity: Enum.Parse<Severity>(row.GetString(0), ignoreCase: true), ToldAt: row.IsDBNull(1) ? (DateTimeOffset?)null : row.GetTime(1)), cancellationToken);
        if (rows is not [var before])
        {
            return (false, false);
        }

        var (isWorse, isNews) = (anomaly.Last.Severity > before.Severity, ToldAt(anomaly) is { } told && told != before.ToldAt);
        if (isNews || anomaly.Last.Severity != before.Severity)
        {
            await OpenAlertAsync(connection, anomaly, cancellationToken);
        }

        return (isWorse, isNews);
    }

    private static DateTimeOffset? ToldAt(Anomaly anomaly) => anomaly.Last.Storm?.ToldAt.ToUniversalTime();

    private static async Task CloseAlertAsync(NpgsqlConnection connection, Guid anomaly, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("UPDATE alerts SET resolved_at = clock_timestamp() WHERE anomaly = $1 AND resolved_at IS NULL", anomaly);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The triggers of an anomaly by target, as they are once whoever is just claiming or finishing one is done.</summary>
    public static async Task<ILookup<Guid, SentTrigger>> LockTriggersAsync(NpgsqlConnection connection, Guid anomaly, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "SELECT target, id, state, may_have_arrived FROM alert_deliveries WHERE anomaly = $1 AND event = 'trigger' ORDER BY seq FOR UPDATE", anomaly);
        var rows = await command.ListAsync(
            reader => (Target: reader.GetGuid(0), Trigger: new SentTrigger(reader.GetGuid(1), State(reader.GetString(2)), reader.GetBoolean(3))), cancellationToken);
        return rows.ToLookup(row => row.Target, row => row.Trigger);
    }

    /// <summary>Tells the end of a trouble to whoever was told of its beginning, whatever their filters say by now.</summary>
    /// <param name="connection">In a transaction that owns the anomaly's cluster.</param>
    /// <param name="targets">All of them, locked.</param>
    /// <param name="anomaly">As it is at its end.</param>
    /// <param name="publicUrl">For links; empty: none are made.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public static async Task ResolveAsync(
        NpgsqlConnection connection, IReadOnlyList<AlertTarget> targets, Anomaly anomaly, string publicUrl, CancellationToken cancellationToken)
    {
        await CloseAlertAsync(connection, anomaly.Id, cancellationToken);
        var triggers = await LockTriggersAsync(connection, anomaly.Id, cancellationToken);
        foreach (var target in targets)
        {
            var (fate, overtaken) = Superseding.OnResolve([.. triggers[target.Id]]);
            if (fate == ResolveFate.Unneeded)
            {
                continue;
            }

            await SupersedeAsync(connection, overtaken, cancellationToken);
            var state = fate == ResolveFate.Send ? DeliveryState.Queued : DeliveryState.Superseded;
            var notification = AlertPayloads.Of(target.Kind, AlertEvent.Resolve, anomaly, publicUrl);
            await InsertAsync(connection, target.Id, notification, state, null, cancellationToken);
        }
    }

    public static Task<Guid> InsertAsync(
        NpgsqlConnection connection, Guid target, Notification notification, DeliveryState state, Guid? resentFrom, CancellationToken cancellationToken) =>
        InsertAsync(connection, target, notification, new FirstState(state), resentFrom, cancellationToken);

    public static async Task<Guid> InsertAsync(
        NpgsqlConnection connection, Guid target, Notification notification, FirstState first, Guid? resentFrom, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        await using var command = connection.Command(
            InsertSql, id, target, notification.Cluster?.Value, notification.Anomaly, AlertRules.Word(notification.Event), notification.DedupKey,
            AlertRules.Word(notification.Severity), notification.Summary, notification.Body, Word(first.State), resentFrom, first.Wait, first.Why);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return id;
    }

    private static async Task SupersedeAsync(NpgsqlConnection connection, IEnumerable<Guid> deliveries, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "UPDATE alert_deliveries SET state = 'superseded', next_attempt_at = NULL, last_answer = 'Not sent: the trouble was over before.' WHERE id = ANY ($1) AND state = 'queued'", deliveries.ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static string Word(DeliveryState state) => state.ToString().ToLowerInvariant();

    public static DeliveryState State(string word) => Enum.Parse<DeliveryState>(word, ignoreCase: true);
}
