using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>
/// Plans and what was decided about them. Each change of state compares what is there first, in the owner's guarded transaction, so that of two
/// decisions at once exactly one counts.
/// </summary>
internal sealed class PlanStore(Database database, EpochGuard guard)
{
    private const string Columns = """
        id, cluster, mode, state, hash, made_at, made_by, anomaly, generation, sentence, moves, unplaced, bytes,
        decided_at, decided_by, reason, execution, problem, estimated_seconds, lost_brokers, moves_per_broker, throttle, is_sound
        """;

    private const string OneUnderWay = "plans_one_under_way_key";

    public Task<StoredPlan> SaveAsync(ClusterLease lease, RebalancePlan plan, string by, Guid? anomaly, CancellationToken cancellationToken)
    {
        var body = PlanBody.Write(plan);
        return guard.WriteAsync(lease, "save a plan", async (write, token) =>
        {
            await using var command = write.Connection.Command(
                $"""
                INSERT INTO plans (id, cluster, mode, state, hash, made_at, made_by, anomaly, generation, body, sentence, moves, unplaced, bytes,
                    estimated_seconds, lost_brokers, moves_per_broker, throttle, is_sound)
                VALUES ($1, $2, $3, 'proposed', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) RETURNING {Columns}
                """,
                plan.Id, plan.Cluster.Value, PlanModes.Word(plan.Mode), PlanHash.Of(plan), plan.MadeAt.ToUniversalTime(), by, anomaly, plan.Generation,
                body, PlanEstimate.Sentence(plan), plan.Moves.Length, plan.Unplaced.Length, plan.Bytes,
                PlanEstimate.Seconds(plan), plan.LostBrokers.ToArray(), plan.Limits.MovesPerBroker, plan.Limits.ThrottleBytesPerSecond, plan.Verdict.IsSound);
            return (await command.ListAsync(Read, token)).Single();
        }, cancellationToken);
    }

    public Task<StoredPlan?> FindAsync(ClusterId cluster, Guid id, CancellationToken cancellationToken) =>
        database.SqlAsync("read a plan", (connection, token) => FindAsync(connection, "id = $2", cluster, id, token), cancellationToken);

    /// <summary>Newest first, with the number of all that match.</summary>
    public Task<(IReadOnlyList<StoredPlan> Plans, int Total)> ListAsync(ClusterId cluster, PlanState? state, int offset, int limit, CancellationToken cancellationToken) =>
        database.SqlAsync<(IReadOnlyList<StoredPlan>, int)>("list the plans", async (connection, token) =>
        {
            await using var count = connection.Command(
                "SELECT count(*)::int FROM plans WHERE cluster = $1 AND ($2::text IS NULL OR state = $2::text)", cluster.Value, state is { } wanted ? Text(wanted) : null);
            var total = (int)(await count.ExecuteScalarAsync(token))!;
            await using var command = connection.Command(
                $"SELECT {Columns} FROM plans WHERE cluster = $1 AND ($2::text IS NULL OR state = $2::text) ORDER BY made_at DESC, id OFFSET $3 LIMIT $4",
                cluster.Value, state is { } one ? Text(one) : null, offset, limit);
            return (await command.ListAsync(Read, token), total);
        }, cancellationToken);

    /// <summary>The plans that were made for one anomaly, oldest first.</summary>
    public Task<IReadOnlyList<StoredPlan>> ListForAnomalyAsync(ClusterId cluster, Guid anomaly, CancellationToken cancellationToken) =>
        database.SqlAsync<IReadOnlyList<StoredPlan>>("list the plans for an anomaly", async (connection, token) =>
        {
            await using var command = connection.Command($"SELECT {Columns} FROM plans WHERE cluster = $1 AND anomaly = $2 ORDER BY made_at, id", cluster.Value, anomaly);
            return await command.ListAsync(Read, token);
        }, cancellationToken);

    /// <summary>The whole plan with its moves; null where the cluster has none of that id.</summary>
    public async Task<RebalancePlan?> LoadAsync(ClusterId cluster, Guid id, CancellationToken cancellationToken)
    {
        var body = await database.ReadAsync("read a plan's moves", (context, token) =>
            context.Plans.Where(row => row.Id == id && row.Cluster == cluster).Select(row => row.Body).SingleOrDefaultAsync(token), cancellationToken);
        return body is null ? null : PlanBody.Read(body);
    }

    /// <summary>The approved plan whose execution has not begun, for whoever executes plans; null where none is.</summary>
    public Task<StoredPlan?> FindApprovedAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        database.SqlAsync("find the approved plan", (connection, token) => FindAsync(connection, "state = 'approved'", cluster, null, token), cancellationToken);

    /// <summary>The plan that is approved or runs; null where none is.</summary>
    public Task<StoredPlan?> FindUnderWayAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        database.SqlAsync("find the plan under way", (connection, token) => FindAsync(connection, "state IN ('approved', 'executing')", cluster, null, token), cancellationToken);

    /// <summary>Proposed to approved, discarded or stale.</summary>
    public Task<PlanChange> DecideAsync(ClusterLease lease, Guid id, PlanState to, PlanDecision decision, CancellationToken cancellationToken) =>
        ChangeAsync(lease, id, [PlanState.Proposed], to, decision, null, cancellationToken);

    /// <summary>Approved to executing, under the id of the execution.</summary>
    public Task<PlanChange> BeginAsync(ClusterLease lease, Guid id, Guid execution, CancellationToken cancellationToken) =>
        ChangeAsync(lease, id, [PlanState.Approved], PlanState.Executing, null, execution, cancellationToken);

    /// <summary>Approved or executing to done, cancelled or failed. An approved plan that turns out not to fit any more has failed.</summary>
    public Task<PlanChange> EndAsync(ClusterLease lease, Guid id, PlanState to, string? problem, CancellationToken cancellationToken) =>
        to is PlanState.Done or PlanState.Cancelled or PlanState.Failed
            ? ChangeAsync(lease, id, [PlanState.Approved, PlanState.Executing], to, new PlanDecision("", null, problem), null, cancellationToken)
            : throw new ArgumentOutOfRangeException(nameof(to), to, "A plan ends as done, cancelled or failed.");

    /// <summary>The same inside a transaction that the caller has open already, such as the one that ends the execution.</summary>
    public static async Task<bool> TryChangeAsync(GuardedWrite write, Guid id, PlanState from, PlanState to, Guid? execution, string? problem, CancellationToken cancellationToken)
    {
        await using var command = write.Connection.Command(
            "UPDATE plans SET state = $4, execution = coalesce($5::uuid, execution), problem = coalesce($6::text, problem) WHERE id = $1 AND cluster = $2 AND state = $3",
            id, write.Lease.Cluster.Value, Text(from), Text(to), execution, problem);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private async Task<PlanChange> ChangeAsync(
        ClusterLease lease, Guid id, PlanState[] from, PlanState to, PlanDecision? decision, Guid? execution, CancellationToken cancellationToken)
    {
        try
        {
            return await guard.WriteAsync<PlanChange>(lease, $"set a plan {Text(to)}", async (write, token) =>
            {
                await using var command = write.Connection.Command(
                    $"""
                    UPDATE plans SET state = $4,
                        decided_at = CASE WHEN $5::text IS NULL OR $5::text = '' THEN decided_at ELSE clock_timestamp() END,
                        decided_by = coalesce(nullif($5::text, ''), decided_by), reason = coalesce($6::text, reason),
                        problem = coalesce($7::text, problem), execution = coalesce($8::uuid, execution),
                        moves_per_broker = coalesce($9::integer, moves_per_broker),
                        throttle = CASE WHEN $9::integer IS NULL THEN throttle ELSE $10::bigint END
                    WHERE id = $1 AND cluster = $2 AND state = ANY ($3) RETURNING {Columns}
                    """,
                    id, lease.Cluster.Value, Array.ConvertAll(from, Text), Text(to), decision?.By, decision?.Reason, decision?.Problem, execution,
                    decision?.Limits?.MovesPerBroker, decision?.Limits?.ThrottleBytesPerSecond);
                return (await command.ListAsync(Read, token)).SingleOrDefault() is { } changed ? new PlanChange.Changed(changed)
                    : await FindAsync(write.Connection, "id = $2", lease.Cluster, id, token) is { } found ? new PlanChange.NotPossible(found)
                    : new PlanChange.Unknown();
            }, cancellationToken);
        }
        catch (PostgresException ex) when (ex is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: OneUnderWay })
        {
            return await FindUnderWayAsync(lease.Cluster, cancellationToken) is { } other
                ? new PlanChange.OtherUnderWay(other)
                : await ChangeAsync(lease, id, from, to, decision, execution, cancellationToken); // it ended meanwhile
        }
    }

    private static async Task<StoredPlan?> FindAsync(NpgsqlConnection connection, string condition, ClusterId cluster, Guid? id, CancellationToken cancellationToken)
    {
        await using var command = id is { } wanted
            ? connection.Command($"SELECT {Columns} FROM plans WHERE cluster = $1 AND {condition}", cluster.Value, wanted)
            : connection.Command($"SELECT {Columns} FROM plans WHERE cluster = $1 AND {condition}", cluster.Value);
        return (await command.ListAsync(Read, cancellationToken)).SingleOrDefault();
    }

    private static StoredPlan Read(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        new ClusterId(row.GetString(1)),
        Mode(row.GetString(2)),
        Enum.Parse<PlanState>(row.GetString(3), ignoreCase: true),
        row.GetString(4),
        row.GetTime(5),
        row.GetString(6))
    {
        Anomaly = row.IsDBNull(7) ? null : row.GetGuid(7),
        Generation = row.GetInt64(8),
        Sentence = row.GetString(9),
        Moves = row.GetInt32(10),
        Unplaced = row.GetInt32(11),
        Bytes = row.GetInt64(12),
        DecidedAt = row.IsDBNull(13) ? null : row.GetTime(13),
        DecidedBy = row.IsDBNull(14) ? null : row.GetString(14),
        Reason = row.IsDBNull(15) ? null : row.GetString(15),
        Execution = row.IsDBNull(16) ? null : row.GetGuid(16),
        Problem = row.IsDBNull(17) ? null : row.GetString(17),
        EstimatedSeconds = row.IsDBNull(18) ? null : row.GetDouble(18),
        LostBrokers = row.GetFieldValue<int[]>(19),
        Limits = new ExecutionLimits(row.GetInt32(20), row.IsDBNull(21) ? null : row.GetInt64(21)),
        IsSound = row.GetBoolean(22),
    };

    private static PlanMode Mode(string word) =>
        PlanModes.TryParse(word, out var mode) ? mode : throw new InvalidDataException($"A stored plan is of the unknown mode '{word}'. A newer version of the product may have made it.");

    private static string Text(PlanState state) => state.ToString().ToLowerInvariant();
}
