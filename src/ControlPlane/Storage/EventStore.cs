using ControlPlane.Engine.Model;
using Microsoft.EntityFrameworkCore;

namespace ControlPlane.Storage;

/// <summary>One thing that happened to a cluster. The id is made where it is noted, so that writing it twice is writing it once.</summary>
/// <param name="Status">How its subject stood afterwards.</param>
internal sealed record ClusterEvent(Guid Id, ClusterId Cluster, DateTimeOffset At, string Kind, string Subject, Status Status, string Sentence);

/// <summary>Which events to show; null kinds means any.</summary>
internal sealed record EventQuery(ClusterId Cluster, DateTimeOffset From, DateTimeOffset To, IReadOnlyList<string>? Kinds, int Limit);

/// <summary>What happened to clusters: written by their owner in batches, read by any process.</summary>
internal sealed class EventStore(Database database, EpochGuard guard)
{
    public const int MaxLimit = 500;

    /// <summary>Events of the lease's cluster, all or none. Those that are stored already are left as they are.</summary>
    /// <exception cref="StaleEpochException">The lease is not held any more; nothing was written.</exception>
    public async Task AppendAsync(ClusterLease lease, IReadOnlyList<ClusterEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count > 0)
        {
            await guard.WriteAsync(lease, "write events", async (write, token) =>
            {
                await using var command = write.Connection.Command(
                    """
                    INSERT INTO cluster_events (id, cluster, at, kind, subject, status, sentence)
                    SELECT id, $1, at, kind, subject, status, sentence
                    FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[]) AS e (id, at, kind, subject, status, sentence)
                    ON CONFLICT (id) DO NOTHING
                    """,
                    lease.Cluster.Value,
                    events.Select(one => one.Id).ToArray(),
                    events.Select(one => one.At.ToUniversalTime()).ToArray(),
                    events.Select(one => one.Kind).ToArray(),
                    events.Select(one => one.Subject).ToArray(),
                    events.Select(one => one.Status.ToString()).ToArray(),
                    events.Select(one => Safe(one.Sentence)).ToArray());
                return await command.ExecuteNonQueryAsync(token);
            }, cancellationToken);
        }
    }

    /// <summary>Newest first; the flag says whether the limit left out older ones of the range.</summary>
    public Task<(IReadOnlyList<ClusterEvent> Events, bool IsComplete)> QueryAsync(EventQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, MaxLimit);
        return database.ReadAsync<(IReadOnlyList<ClusterEvent>, bool)>("read events", async (context, token) =>
        {
            var (from, to) = (query.From.ToUniversalTime(), query.To.ToUniversalTime());
            var rows = context.Events.AsNoTracking().Where(row => row.Cluster == query.Cluster && row.At >= from && row.At < to);
            if (query.Kinds is { } kinds)
            {
                rows = rows.Where(row => kinds.Contains(row.Kind));
            }

            var found = await rows.OrderByDescending(row => row.At).ThenByDescending(row => row.Id).Take(query.Limit + 1).ToListAsync(token);
            return ([.. found.Take(query.Limit).Select(row => new ClusterEvent(
                row.Id, row.Cluster, row.At, row.Kind, row.Subject, Enum.Parse<Status>(row.Status), row.Sentence))], found.Count <= query.Limit);
        }, cancellationToken);
    }

    // Evidence may quote what a broker said, and PostgreSQL text holds no NUL.
    private static string Safe(string text) => text.Replace("\0", "\uFFFD", StringComparison.Ordinal);
}
