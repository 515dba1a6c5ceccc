using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>A target with something to send, and whether it failed so often that it is only probed.</summary>
internal readonly record struct DueTarget(Guid Id, bool IsBroken);

/// <summary>How many alerts stand by severity, and how many deliveries wait.</summary>
internal sealed record AlertFigures(IReadOnlyDictionary<Severity, long> Active, long Queued);

/// <summary>
/// The outbox as its senders see it. A claim runs out, so that what a killed process was sending is sent by another; all times are
/// the database's. Locks are taken target first, then delivery.
/// </summary>
internal sealed class DeliveryQueue(Database database)
{
    private const string IsDue = """
        ((o.state = 'queued' AND o.next_attempt_at <= clock_timestamp()) OR (o.state = 'delivering' AND o.claimed_until <= clock_timestamp()))
        AND NOT EXISTS (SELECT FROM alert_deliveries e
            WHERE e.target = o.target AND e.dedup_key = o.dedup_key AND e.seq < o.seq AND e.state IN ('queued', 'delivering'))
        """;

    private const string MayBeSentTo = "t.enabled AND (t.held_until IS NULL OR t.held_until <= clock_timestamp())";

    private const string ClaimSql = $"""
        UPDATE alert_deliveries d SET state = 'delivering', claimed_by = $2, claimed_until = clock_timestamp() + $3, attempts = d.attempts + 1,
            next_attempt_at = NULL, may_have_arrived = d.may_have_arrived OR d.state = 'delivering'
        FROM (SELECT o.id FROM alert_deliveries o WHERE o.target = $1 AND {IsDue} ORDER BY o.seq LIMIT $4 FOR UPDATE SKIP LOCKED) due
        WHERE d.id = due.id
        RETURNING d.id, d.attempts, d.event, d.dedup_key, d.severity, d.summary, d.body, d.cluster, d.anomaly, clock_timestamp() - d.created_at
        """;

    private const string CompleteSql = """
        UPDATE alert_deliveries SET state = $4, claimed_by = NULL, claimed_until = NULL, last_answer = $6, may_have_arrived = may_have_arrived OR $7,
            next_attempt_at = CASE WHEN $4 = 'queued' THEN clock_timestamp() + $5 END,
            delivered_at = CASE WHEN $4 = 'delivered' THEN clock_timestamp() END
        WHERE id = $1 AND claimed_by = $2 AND attempts = $3 AND state = 'delivering'
        RETURNING may_have_arrived
        """;

    // Nobody is told of the end of what nobody was told of.
    private const string DropResolveSql = """
        UPDATE alert_deliveries r SET state = 'superseded', next_attempt_at = NULL, last_answer = 'Not sent: its trigger was never accepted.'
        FROM alert_deliveries t
        WHERE t.id = $1 AND t.event = 'trigger' AND r.target = t.target AND r.anomaly = t.anomaly AND r.event = 'resolve' AND r.state = 'queued' AND NOT r.may_have_arrived
          AND NOT EXISTS (SELECT FROM alert_deliveries o WHERE o.target = t.target AND o.anomaly = t.anomaly AND o.event = 'trigger' AND o.id <> t.id
              AND (o.state IN ('queued', 'delivering', 'delivered') OR (o.may_have_arrived AND o.state <> 'superseded')))
        """;

    // What was to end a test that was not accepted would only fail as well.
    private const string DropTestEndSql = """
        UPDATE alert_deliveries r SET state = 'superseded', next_attempt_at = NULL, last_answer = 'Not sent: its test was never accepted.'
        FROM alert_deliveries t
        WHERE t.id = $1 AND t.event = 'test' AND r.target = t.target AND r.dedup_key = t.dedup_key AND r.event = 'resolve' AND r.state = 'queued' AND NOT r.may_have_arrived
          AND r.seq = (SELECT min(n.seq) FROM alert_deliveries n WHERE n.target = t.target AND n.dedup_key = t.dedup_key AND n.seq > t.seq AND n.state IN ('queued', 'delivering'))
        """;

    public Task<List<DueTarget>> ListDueTargetsAsync(int breakAfter, CancellationToken cancellationToken) =>
        database.SqlAsync("look for deliveries that are due", async (connection, token) =>
        {
            await using var command = connection.Command(
                $"SELECT t.id, t.failures >= $1 FROM alert_targets t WHERE {MayBeSentTo} AND EXISTS (SELECT FROM alert_deliveries o WHERE o.target = t.id AND {IsDue})", breakAfter);
            return await command.ListAsync(reader => new DueTarget(reader.GetGuid(0), reader.GetBoolean(1)), token);
        }, cancellationToken);

    /// <summary>Takes up to <paramref name="room"/> due deliveries of a target; one as a probe where it failed too often.</summary>
    public Task<List<DeliveryClaim>> ClaimAsync(Guid target, Guid process, int room, TimeSpan lease, int breakAfter, CancellationToken cancellationToken) =>
        database.SqlAsync("claim deliveries", async (connection, token) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(token);
            if (await LockForClaimAsync(connection, target, token) is not { } found)
            {
                return [];
            }

            var isProbe = found.Failures >= breakAfter;
            if (isProbe && !await HoldForProbeAsync(connection, target, lease, token))
            {
                return [];
            }

            await using var command = connection.Command(ClaimSql, target, process, lease, isProbe ? 1 : room);
            var claims = await command.ListAsync(
                reader => new DeliveryClaim(reader.GetGuid(0), target, process, reader.GetInt32(1), ReadNotification(reader, 2), reader.GetTimeSpan(9), isProbe)
                {
                    TargetName = found.Name,
                    Kind = found.Kind,
                    Url = found.Url,
                },
                token);
            if (claims.Count > 0)
            {
                await transaction.CommitAsync(token); // else the probe's hold is taken back
            }

            return claims;
        }, cancellationToken);

    /// <summary>Writes down how an attempt ended. False where the claim ran out and another process has the delivery now.</summary>
    public Task<bool> CompleteAsync(DeliveryClaim claim, AttemptOutcome outcome, DeliverySchedule schedule, CancellationToken cancellationToken) =>
        database.SqlAsync("record a delivery attempt", async (connection, token) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(token);
            await RecordHealthAsync(connection, claim, outcome, schedule, token);
            await using var update = connection.Command(
                CompleteSql, claim.Id, claim.Process, claim.Attempt, OutboxWriter.Word(outcome.State), outcome.Pause ?? TimeSpan.Zero, Words(outcome.Result), SendVerdicts.MayHaveArrived(outcome.Result));
            var mayHaveArrived = await update.ExecuteScalarAsync(token) as bool?;
            if (mayHaveArrived is false && outcome.State == DeliveryState.Failed)
            {
                await using var drop = connection.Command(claim.Notification.Event == AlertEvent.Test ? DropTestEndSql : DropResolveSql, claim.Id);
                await drop.ExecuteNonQueryAsync(token);
            }

            await RecordAttemptAsync(connection, claim, outcome, token);
            await transaction.CommitAsync(token);
            return mayHaveArrived is not null;
        }, cancellationToken);

    /// <summary>Gives a delivery back unsent, and lets nothing go to its target for that long.</summary>
    public Task ReleaseAsync(DeliveryClaim claim, TimeSpan hold, CancellationToken cancellationToken) =>
        database.SqlAsync("give a delivery back", async (connection, token) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(token);
            await using var target = connection.Command("UPDATE alert_targets SET held_until = greatest(held_until, clock_timestamp() + $2) WHERE id = $1", claim.Target, hold);
            await target.ExecuteNonQueryAsync(token);
            await using var delivery = connection.Command(
                "UPDATE alert_deliveries SET state = 'queued', attempts = attempts - 1, claimed_by = NULL, claimed_until = NULL, next_attempt_at = clock_timestamp() WHERE id = $1 AND claimed_by = $2 AND attempts = $3 AND state = 'delivering'",
                claim.Id, claim.Process, claim.Attempt);
            await delivery.ExecuteNonQueryAsync(token);
            await transaction.CommitAsync(token);
            return true;
        }, cancellationToken);

    /// <summary>Takes one request from the budget of an integration key, over all processes; or says how long to wait.</summary>
    /// <param name="key">Names the integration key without being it.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public Task<TimeSpan?> TakeTokenAsync(string key, CancellationToken cancellationToken) =>
        database.SqlAsync("take from a rate limit", async (connection, token) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(token);
            await using (var create = connection.Command("INSERT INTO alert_rates (key, tokens, at) VALUES ($1, $2, clock_timestamp()) ON CONFLICT (key) DO NOTHING", key, TokenBucket.Burst))
            {
                await create.ExecuteNonQueryAsync(token);
            }

            await using var read = connection.Command("SELECT tokens, at, clock_timestamp() FROM alert_rates WHERE key = $1 FOR UPDATE", key);
            var (bucket, now) = (await read.ListAsync(reader => (new TokenBucket(reader.GetDouble(0), reader.GetTime(1)), reader.GetTime(2)), token)).Single();
            (bucket, var wait) = bucket.Take(now);
            await using var write = connection.Command("UPDATE alert_rates SET tokens = $2, at = $3 WHERE key = $1", key, bucket.Tokens, bucket.At);
            await write.ExecuteNonQueryAsync(token);
            await transaction.CommitAsync(token);
            return wait;
        }, cancellationToken);

    public Task<AlertFigures> ReadFiguresAsync(CancellationToken cancellationToken) =>
        database.SqlAsync("count alerts", async (connection, token) =>
        {
            await using var alerts = connection.Command("SELECT severity, count(*) FROM alerts WHERE resolved_at IS NULL GROUP BY severity");
            var active = await alerts.ListAsync(reader => (Enum.Parse<Severity>(reader.GetString(0), ignoreCase: true), reader.GetInt64(1)), token);
            await using var open = connection.Command("SELECT count(*) FROM alert_deliveries WHERE state IN ('queued', 'delivering')");
            return new AlertFigures(active.ToDictionary(row => row.Item1, row => row.Item2), (long)(await open.ExecuteScalarAsync(token))!);
        }, cancellationToken);

    private static async Task<(int Failures, string Name, AlertTargetKind Kind, string Url)?> LockForClaimAsync(NpgsqlConnection connection, Guid target, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"SELECT t.failures, t.name, t.kind, t.url FROM alert_targets t WHERE t.id = $1 AND {MayBeSentTo} FOR KEY SHARE", target);
        var rows = await command.ListAsync(reader => (reader.GetInt32(0), reader.GetString(1), Enum.Parse<AlertTargetKind>(reader.GetString(2), ignoreCase: true), reader.GetString(3)), cancellationToken);
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>True for one process only; should it die, the hold runs out like its claim.</summary>
    private static async Task<bool> HoldForProbeAsync(NpgsqlConnection connection, Guid target, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = connection.Command($"UPDATE alert_targets t SET held_until = clock_timestamp() + $2 WHERE t.id = $1 AND {MayBeSentTo}", target, lease);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static async Task RecordHealthAsync(NpgsqlConnection connection, DeliveryClaim claim, AttemptOutcome outcome, DeliverySchedule schedule, CancellationToken cancellationToken)
    {
        await using var read = connection.Command("SELECT failures FROM alert_targets WHERE id = $1 FOR NO KEY UPDATE", claim.Target);
        if (await read.ExecuteScalarAsync(cancellationToken) is not int failures || !outcome.CountsForTarget)
        {
            return;
        }

        // An answer shows that the target works, whatever it thinks of the message; one asked for patience gets it.
        var failed = outcome.Verdict == SendVerdict.Retry && outcome.Result.HttpStatus is not 429;
        if (failed && failures >= schedule.BreakAfter && !claim.IsProbe)
        {
            return; // sent before the others failed: their probe decides
        }

        var now = failed ? failures + 1 : 0;
        var hold = outcome.Verdict == SendVerdict.Retry && outcome.Result is { HttpStatus: 429 or 503, RetryAfter: not null } ? outcome.Pause : null;
        hold = schedule.Hold(now) is { } broken && broken > (hold ?? TimeSpan.Zero) ? broken : hold;
        await using var write = connection.Command(
            """
            UPDATE alert_targets SET failures = $2, problem = $3, held_until = clock_timestamp() + $4, enabled = enabled AND NOT $5, version = version + CASE WHEN $5 AND enabled THEN 1 ELSE 0 END,
                last_delivered_at = CASE WHEN $6 THEN clock_timestamp() ELSE last_delivered_at END
            WHERE id = $1
            """,
            claim.Target, now, outcome.Result.Problem, hold, outcome.Verdict == SendVerdict.Gone, outcome.Verdict == SendVerdict.Delivered);
        write.Parameters[3].NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Interval;
        await write.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task RecordAttemptAsync(NpgsqlConnection connection, DeliveryClaim claim, AttemptOutcome outcome, CancellationToken cancellationToken)
    {
        var word = outcome.Verdict switch
        {
            SendVerdict.Delivered => "delivered",
            SendVerdict.Retry => "retry",
            _ => "refused",
        };
        await using var command = connection.Command(
            """
            INSERT INTO alert_attempts (delivery, number, at, took_seconds, outcome, http_status, problem, response_preview)
            SELECT d.id, $2, clock_timestamp() - $3, $4, $5, $6, $7, $8 FROM alert_deliveries d WHERE d.id = $1
            ON CONFLICT (delivery, number) DO NOTHING
            """,
            claim.Id, claim.Attempt, outcome.Took, outcome.Took.TotalSeconds, word, outcome.Result.HttpStatus, outcome.Result.Problem, outcome.Result.Preview?.Replace('\0', '\uFFFD'));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Words(SendResult result) => result.HttpStatus is { } status ? (result.Problem ?? $"HTTP {status}") : result.Problem ?? "no answer";

    private static Notification ReadNotification(NpgsqlDataReader reader, int at) => new(
        Enum.Parse<AlertEvent>(reader.GetString(at), ignoreCase: true),
        reader.GetString(at + 1),
        Enum.Parse<Severity>(reader.GetString(at + 2), ignoreCase: true),
        reader.GetString(at + 3),
        reader.GetString(at + 4),
        reader.IsDBNull(at + 5) ? null : new ClusterId(reader.GetString(at + 5)),
        reader.IsDBNull(at + 6) ? null : reader.GetGuid(at + 6));
}
