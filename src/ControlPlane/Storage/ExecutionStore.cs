using System.Collections.Immutable;
using System.Text.Json;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>
/// Executions and their journals. An entry is stored with the owner's epoch and only right after the entry its decision was made
/// from; what a list shows and the ledger of throttles are written with it.
/// </summary>
internal sealed class ExecutionStore(Database database, EpochGuard guard)
{
    private const string Columns = "id, cluster, plan, started_by, started_at, finished_at, sequence, owner, summary::text, limits::text";

    /// <summary>Begins an execution of a plan together with what the caller writes about the plan; false where that refuses.</summary>
    public Task<bool> StartAsync(
        ClusterLease lease, Guid id, RebalancePlan plan, string by, Func<GuardedWrite, CancellationToken, Task<bool>> claim, DateTimeOffset at, CancellationToken cancellationToken) =>
        guard.WriteAsync(lease, "start an execution", async (write, token) =>
        {
            if (!await claim(write, token))
            {
                return false;
            }

            var state = ExecutionState.Of(plan.Moves, plan.Limits, plan.KafkaClusterId);
            await using var command = write.Connection.Command(
                """
                INSERT INTO executions (id, cluster, plan, kafka_cluster_id, moves, started_by, started_at, sequence, state, is_settled, summary, initial_limits, limits)
                VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, 0, $8, false, $9::jsonb, $10::jsonb, $10::jsonb)
                """,
                id, lease.Cluster.Value, plan.Id, plan.KafkaClusterId, Json(plan.Moves), by, at.ToUniversalTime(), ExecutionSummary.Of(state).Word, Json(ExecutionSummary.Of(state)), Json(plan.Limits));
            await command.ExecuteNonQueryAsync(token);
            return true;
        }, cancellationToken);

    /// <summary>Appends to the journal right after entry <paramref name="expected"/>, or writes nothing.</summary>
    /// <param name="also">Written in the same transaction; null: nothing.</param>
    /// <exception cref="JournalConflictException">The journal goes on already.</exception>
    public Task<long> AppendAsync(
        ClusterLease lease, Guid id, long expected, ImmutableArray<ExecutionEvent> events, ExecutionState after,
        Func<GuardedWrite, CancellationToken, Task>? also, CancellationToken cancellationToken) =>
        guard.WriteAsync(lease, "store what an execution does", async (write, token) =>
        {
            var summary = ExecutionSummary.Of(after);
            await using var update = write.Connection.Command(
                """
                UPDATE executions SET sequence = $4, state = $5, is_settled = $6, owner = $7, summary = $8::jsonb, limits = $9::jsonb, finished_at = $10
                WHERE id = $1 AND cluster = $2 AND sequence = $3
                """,
                id, lease.Cluster.Value, expected, expected + events.Length, summary.Word, after.IsSettled, after.IsEnded ? null : after.Owner, Json(summary), Json(after.Limits), after.Result?.At.ToUniversalTime());
            if (await update.ExecuteNonQueryAsync(token) != 1)
            {
                throw new JournalConflictException(id, expected);
            }

            await InsertAsync(write, id, expected, events, token);
            if (events.Any(IsOfThrottles))
            {
                await SaveThrottlesAsync(write, id, after, token);
            }

            if (also is not null)
            {
                await also(write, token);
            }

            return expected + events.Length;
        }, cancellationToken);

    /// <summary>Executions of a cluster that have something left to do, oldest first.</summary>
    public async Task<IReadOnlyList<ExecutionHistory>> LoadUnsettledAsync(ClusterId cluster, CancellationToken cancellationToken)
    {
        var ids = await database.SqlAsync("find executions to go on with", async (connection, token) =>
        {
            await using var command = connection.Command("SELECT id FROM executions WHERE cluster = $1 AND NOT is_settled ORDER BY started_at, id", cluster.Value);
            return await command.ListAsync(row => row.GetGuid(0), token);
        }, cancellationToken);
        var histories = new List<ExecutionHistory>();
        foreach (var id in ids)
        {
            if (await LoadAsync(cluster, id, cancellationToken) is { } history)
            {
                histories.Add(history);
            }
        }

        return histories;
    }

    /// <summary>One execution with its journal applied; null where the cluster has none of that id.</summary>
    public Task<ExecutionHistory?> LoadAsync(ClusterId cluster, Guid id, CancellationToken cancellationToken) =>
        database.SqlAsync("read an execution", async (connection, token) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, token);
            await using var find = connection.Command($"SELECT {Columns}, moves::text, initial_limits::text, kafka_cluster_id FROM executions WHERE cluster = $1 AND id = $2", cluster.Value, id);
            var found = (await find.ListAsync(
                row => (Stored: Read(row), State: ExecutionState.Of(Parse<PlannedMove[]>(row.GetString(10)), Parse<ExecutionLimits>(row.GetString(11)), row.IsDBNull(12) ? null : row.GetString(12))),
                token)).Cast<(StoredExecution Stored, ExecutionState State)?>().SingleOrDefault();
            if (found is not { } execution)
            {
                return null;
            }

            await using var read = connection.Command("SELECT sequence, epoch, body::text FROM execution_journal WHERE execution = $1 ORDER BY sequence", id);
            var journal = await read.ListAsync(row => new StoredEvent(row.GetInt64(0), row.GetInt64(1), Parse<ExecutionEvent>(row.GetString(2))), token);
            return (ExecutionHistory?)new ExecutionHistory(execution.Stored, [.. journal], journal.Aggregate(execution.State, (state, entry) => state.Apply(entry.Event)));
        }, cancellationToken);

    /// <summary>Of one cluster or of all (null): those under way first, then newest first; with the number of all.</summary>
    public Task<(IReadOnlyList<StoredExecution> Executions, int Total)> ListAsync(ClusterId? cluster, int offset, int limit, CancellationToken cancellationToken) =>
        database.SqlAsync<(IReadOnlyList<StoredExecution>, int)>("list the executions", async (connection, token) =>
        {
            await using var count = connection.Command("SELECT count(*)::int FROM executions WHERE $1::text IS NULL OR cluster = $1::text", cluster?.Value);
            var total = (int)(await count.ExecuteScalarAsync(token))!;
            await using var command = connection.Command(
                $"SELECT {Columns} FROM executions WHERE $1::text IS NULL OR cluster = $1::text ORDER BY finished_at IS NOT NULL, started_at DESC, id OFFSET $2 LIMIT $3",
                cluster?.Value, offset, limit);
            return (await command.ListAsync(Read, token), total);
        }, cancellationToken);

    private static async Task InsertAsync(GuardedWrite write, Guid id, long expected, ImmutableArray<ExecutionEvent> events, CancellationToken cancellationToken)
    {
        await using var insert = write.Connection.Command(
            """
            INSERT INTO execution_journal (execution, sequence, cluster, epoch, at, body)
            SELECT $1, $2 + entry.place, $3, $4, entry.at, entry.body::jsonb
            FROM unnest($5::timestamptz[], $6::text[]) WITH ORDINALITY AS entry (at, body, place)
            """,
            id, expected, write.Lease.Cluster.Value, write.Lease.Epoch, events.Select(change => change.At.UtcDateTime).ToArray(), events.Select(change => Json(change)).ToArray());
        await insert.ExecuteNonQueryAsync(cancellationToken);
    }

    private static bool IsOfThrottles(ExecutionEvent change) => change is ExecutionEvent.ThrottlesRecorded or ExecutionEvent.ThrottlesSet
        or ExecutionEvent.ThrottlesOwed or ExecutionEvent.ThrottlesRestored;

    private static async Task SaveThrottlesAsync(GuardedWrite write, Guid id, ExecutionState state, CancellationToken cancellationToken)
    {
        var ledger = state.Throttles.Values.ToArray();
        await using var command = write.Connection.Command(
            """
            INSERT INTO execution_throttles (execution, resource, key, cluster, value, before, state, recorded_at)
            SELECT $1, resource, key, $2, value, before, state, recorded_at
            FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[]) AS t (resource, key, value, before, state, recorded_at)
            ON CONFLICT (execution, resource, key) DO UPDATE SET value = excluded.value, before = excluded.before, state = excluded.state, recorded_at = excluded.recorded_at
            """,
            id, write.Lease.Cluster.Value, Array.ConvertAll(ledger, one => one.Key.Resource), Array.ConvertAll(ledger, one => one.Key.Key), Array.ConvertAll(ledger, one => one.Value),
            Array.ConvertAll(ledger, one => one.Before), Array.ConvertAll(ledger, one => one.State.ToString().ToLowerInvariant()), Array.ConvertAll(ledger, one => one.RecordedAt.UtcDateTime));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static StoredExecution Read(NpgsqlDataReader row) => new(row.GetGuid(0), new ClusterId(row.GetString(1)), row.GetGuid(2), row.GetString(3), row.GetTime(4))
    {
        FinishedAt = row.IsDBNull(5) ? null : row.GetTime(5),
        Sequence = row.GetInt64(6),
        Owner = row.IsDBNull(7) ? null : row.GetString(7),
        Summary = Parse<ExecutionSummary>(row.GetString(8)),
        Limits = Parse<ExecutionLimits>(row.GetString(9)),
    };

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, JsonSerializerOptions.Default);

    private static T Parse<T>(string text) => JsonSerializer.Deserialize<T>(text, Lenient) ?? throw new InvalidDataException($"An execution's {typeof(T).Name} is stored as null.");

    /// <summary>jsonb keeps keys in its own order, so the kind of an event need not come first.</summary>
    private static readonly JsonSerializerOptions Lenient = new() { AllowOutOfOrderMetadataProperties = true };
}
