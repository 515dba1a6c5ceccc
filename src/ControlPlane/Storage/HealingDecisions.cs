using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Storage;

/// <summary>A decision as it was made.</summary>
internal sealed record StoredDecision(long Id, ClusterId Cluster, DateTimeOffset At, Guid AnomalyId, string Kind, string Subject, HealingDecision Decision);

/// <summary>The append-only record of what healing decided, and why. Written by the owner of the cluster only.</summary>
internal sealed class HealingDecisions(Database database, EpochGuard guard)
{
    public const int MaxPageSize = 500;

    private const string Insert = """
        INSERT INTO healing_decisions (cluster, at, anomaly, kind, subject, outcome, status, sentence, acts_at, guards, plan, execution)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12) RETURNING id
        """;

    private const string InsertAudit = """
        INSERT INTO audit (actor, actor_kind, cluster, action, target, outcome, reason)
        VALUES ('healing policy', 'system', $1, $2, $3, 'succeeded', $4)
        """;

    /// <summary>Stores one decision.</summary>
    /// <param name="lease">Of the cluster.</param>
    /// <param name="decision">Its id is given by the database.</param>
    /// <param name="act">What is done with it, for the audit trail: stored in the same transaction; null where nothing is done.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public Task<StoredDecision> AppendAsync(ClusterLease lease, StoredDecision decision, string? act, CancellationToken cancellationToken) =>
        guard.WriteAsync(lease, "store a decision of healing", async (write, token) =>
        {
            var made = decision.Decision;
            await using var command = write.Connection.Command(
                Insert, decision.Cluster.Value, decision.At.ToUniversalTime(), decision.AnomalyId, decision.Kind, decision.Subject, HealingJson.Word(made.Outcome),
                HealingJson.Word(made.Status), HealingJson.Clean(made.Sentence), made.ActsAt?.ToUniversalTime(), HealingJson.Write(made.Guards), made.PlanId, made.ExecutionId);
            var id = (long)(await command.ExecuteScalarAsync(token) ?? throw new InvalidOperationException("The database gave no id."));
            if (act is not null)
            {
                await using var audit = write.Connection.Command(InsertAudit, decision.Cluster.Value, act, decision.Subject, HealingJson.Clean(made.Sentence));
                await audit.ExecuteNonQueryAsync(token);
            }

            return decision with { Id = id };
        }, cancellationToken);

    /// <summary>Newest first; of one anomaly, or of all.</summary>
    public Task<(IReadOnlyList<StoredDecision> Decisions, int Total)> ListAsync(
        ClusterId cluster, Guid? anomaly, int offset, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<(IReadOnlyList<StoredDecision>, int)>("list the decisions of healing", async (context, token) =>
        {
            var rows = context.HealingDecisions.AsNoTracking().Where(row => row.Cluster == cluster && (anomaly == null || row.Anomaly == anomaly));
            var total = await rows.CountAsync(token);
            var page = await rows.OrderByDescending(row => row.Id).Skip(offset).Take(Math.Min(limit, MaxPageSize)).ToListAsync(token);
            return (page.ConvertAll(HealingJson.ToDecision), total);
        }, cancellationToken);

    /// <summary>The last decision about each anomaly that is open, or whose healing was not over then.</summary>
    public Task<IReadOnlyList<StoredDecision>> LoadLatestAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredDecision>>("read the last decisions of healing", async (context, token) =>
        {
            var rows = await context.HealingDecisions.FromSql(
                $"""
                SELECT d.* FROM (SELECT DISTINCT ON (anomaly) * FROM healing_decisions WHERE cluster = {cluster.Value} ORDER BY anomaly, id DESC) d
                JOIN anomalies a ON a.id = d.anomaly
                WHERE a.state <> 'resolved' OR d.outcome NOT IN ('ended', 'not-needed')
                """).AsNoTracking().ToListAsync(token);
            return rows.ConvertAll(HealingJson.ToDecision);
        }, cancellationToken);

    /// <summary>How many healings of other anomalies began within the last 24 hours.</summary>
    public Task<int> CountHealedLastDayAsync(ClusterId cluster, Guid except, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync("count the healings of a day", (context, token) =>
        {
            var since = (now - TimeSpan.FromDays(1)).ToUniversalTime();
            return context.HealingDecisions.Where(row => row.Cluster == cluster && row.Outcome == "started" && row.At > since && row.Anomaly != except)
                .Select(row => row.Plan).Distinct().CountAsync(token);
        }, cancellationToken);
}
