using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Storage.Tables;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Storage;

/// <summary>Which anomalies to show; null means any.</summary>
internal sealed record AnomalyFilter
{
    public ClusterId? Cluster { get; init; }

    /// <summary>Pending and active ones by default.</summary>
    public IReadOnlyList<AnomalyState> States { get; init; } = [AnomalyState.Pending, AnomalyState.Active];

    public string? Kind { get; init; }
}

/// <summary>One page of anomalies: active, pending, resolved; in each the most severe first, then the youngest.</summary>
internal sealed record AnomalyPage(IReadOnlyList<Anomaly> Anomalies, int Total);

/// <summary>A transition as it was told. Before is null where the anomaly was seen for the first time.</summary>
internal sealed record StoredTransition(DateTimeOffset At, AnomalyState? Before, AnomalyState After, Severity Severity, string Sentence);

/// <summary>The anomalies of all clusters, and what became of each.</summary>
internal sealed class AnomalyStore(Database database)
{
    private const string Insert = """
        INSERT INTO anomaly_transitions (anomaly, cluster, at, before, after, severity, sentence)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (anomaly, at, after) DO NOTHING
        """;

    private const string Upsert = """
        INSERT INTO anomalies (id, cluster, kind, subject, state, severity, first_seen, last_seen, active_at, resolved_at, detection, worst)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12::jsonb)
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, severity = excluded.severity, last_seen = excluded.last_seen,
            active_at = excluded.active_at, resolved_at = excluded.resolved_at, detection = excluded.detection, worst = excluded.worst
        WHERE anomalies.state <> 'resolved'
        """;

    /// <summary>
    /// Stores transitions in order and returns those that were not stored yet: after a commit whose outcome was unknown, the same
    /// ones come again.
    /// </summary>
    public static async Task<IReadOnlyList<AnomalyTransition>> SaveAsync(
        GuardedWrite write, IReadOnlyList<AnomalyTransition> transitions, CancellationToken cancellationToken)
    {
        var stored = new List<AnomalyTransition>(transitions.Count);
        foreach (var transition in transitions)
        {
            await UpsertAsync(write, transition.Anomaly, cancellationToken);
            if (await AppendAsync(write, transition, cancellationToken))
            {
                stored.Add(transition);
            }
        }

        return stored;
    }

    public Task<IReadOnlyList<Anomaly>> LoadOpenAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Anomaly>>("read the open anomalies of a cluster", async (context, token) =>
            (await context.Anomalies.AsNoTracking().Where(row => row.Cluster == cluster && row.State != "resolved").OrderBy(row => row.FirstSeen).ToListAsync(token))
                .ConvertAll(AnomalyJson.ToAnomaly), cancellationToken);

    public Task<Anomaly?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.ReadAsync("read an anomaly", async (context, token) =>
            await context.Anomalies.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, token) is { } row ? AnomalyJson.ToAnomaly(row) : null, cancellationToken);

    public Task<AnomalyPage> ListAsync(AnomalyFilter filter, int offset, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync("list the anomalies", async (context, token) =>
        {
            var rows = Select(context.Anomalies.AsNoTracking(), filter);
            var total = await rows.CountAsync(token);
            var page = await rows
                .OrderBy(row => row.State == "active" ? 0 : row.State == "pending" ? 1 : 2)
                .ThenBy(row => row.State == "resolved" ? 0 : row.Severity == "critical" ? 0 : row.Severity == "error" ? 1 : row.Severity == "warning" ? 2 : 3)
                .ThenByDescending(row => row.FirstSeen).ThenBy(row => row.Id)
                .Skip(offset).Take(limit).ToListAsync(token);
            return new AnomalyPage(page.ConvertAll(AnomalyJson.ToAnomaly), total);
        }, cancellationToken);

    /// <summary>Pending and active ones.</summary>
    public Task<int> CountOpenAsync(ClusterId? cluster, CancellationToken cancellationToken) =>
        database.ReadAsync("count the open anomalies", (context, token) =>
            Select(context.Anomalies, new AnomalyFilter { Cluster = cluster }).CountAsync(token), cancellationToken);

    /// <summary>Oldest first; none for an unknown anomaly.</summary>
    public Task<IReadOnlyList<StoredTransition>> ListTransitionsAsync(Guid anomaly, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredTransition>>("read the transitions of an anomaly", async (context, token) =>
            (await context.AnomalyTransitions.AsNoTracking().Where(row => row.Anomaly == anomaly).OrderBy(row => row.Id).ToListAsync(token)).ConvertAll(row =>
                new StoredTransition(
                    row.At,
                    row.Before is null ? null : Enum.Parse<AnomalyState>(row.Before, ignoreCase: true),
                    Enum.Parse<AnomalyState>(row.After, ignoreCase: true),
                    Enum.Parse<Severity>(row.Severity, ignoreCase: true),
                    row.Sentence)), cancellationToken);

    private static IQueryable<AnomalyRow> Select(IQueryable<AnomalyRow> rows, AnomalyFilter filter)
    {
        var states = filter.States.Select(AnomalyJson.Word).ToArray();
        rows = rows.Where(row => states.Contains(row.State));
        rows = filter.Cluster is { } cluster ? rows.Where(row => row.Cluster == cluster) : rows;
        return filter.Kind is { } kind ? rows.Where(row => row.Kind == kind) : rows;
    }

    private static async Task UpsertAsync(GuardedWrite write, Anomaly anomaly, CancellationToken cancellationToken)
    {
        await using var command = write.Connection.Command(
            Upsert, anomaly.Id, anomaly.Cluster.Value, anomaly.Key.Kind, anomaly.Key.Subject, AnomalyJson.Word(anomaly.State), AnomalyJson.Word(anomaly.Last.Severity),
            anomaly.FirstSeen.ToUniversalTime(), anomaly.LastSeen.ToUniversalTime(), anomaly.ActiveAt?.ToUniversalTime(), anomaly.ResolvedAt?.ToUniversalTime(),
            AnomalyJson.Write(anomaly.Last), AnomalyJson.Write(anomaly.Worst));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<bool> AppendAsync(GuardedWrite write, AnomalyTransition transition, CancellationToken cancellationToken)
    {
        var anomaly = transition.Anomaly;
        await using var command = write.Connection.Command(
            Insert, anomaly.Id, anomaly.Cluster.Value, transition.At.ToUniversalTime(), transition.Before is { } before ? AnomalyJson.Word(before) : null,
            AnomalyJson.Word(anomaly.State), AnomalyJson.Word(anomaly.Last.Severity), anomaly.Last.Sentence.Replace('\0', '\uFFFD'));
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }
}
