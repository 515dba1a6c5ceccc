using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using ControlPlane.Storage.Tables;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>A policy and its version; 0 for the default one of a cluster that nobody edited.</summary>
internal sealed record StoredHealingPolicy(HealingPolicy Policy, long Version);

/// <summary>What became of an edit of a policy.</summary>
internal abstract record HealingPolicyChange
{
    public sealed record Changed(StoredHealingPolicy Policy) : HealingPolicyChange;

    public sealed record VersionConflict(long Current) : HealingPolicyChange;

    public sealed record UnknownCluster : HealingPolicyChange;
}

/// <summary>What people allow healing to do in each cluster, and what they said about single anomalies.</summary>
internal sealed class HealingStore(Database database)
{
    private const string Extend = """
        INSERT INTO healing_overrides (anomaly, cluster, extra_seconds, is_left_alone, said_by, reason)
        VALUES ($1, $2, $3, false, $4, $5)
        ON CONFLICT (anomaly) DO UPDATE SET extra_seconds = least(healing_overrides.extra_seconds + excluded.extra_seconds, $6), is_left_alone = false,
            heal_now_at = NULL, said_by = excluded.said_by, reason = excluded.reason, updated_at = clock_timestamp()
        """;

    private const string Say = """
        INSERT INTO healing_overrides (anomaly, cluster, extra_seconds, is_left_alone, heal_now_at, said_by, reason)
        VALUES ($1, $2, 0, $3, CASE WHEN $3 THEN NULL ELSE clock_timestamp() END, $4, $5)
        ON CONFLICT (anomaly) DO UPDATE SET is_left_alone = excluded.is_left_alone, heal_now_at = excluded.heal_now_at,
            said_by = excluded.said_by, reason = excluded.reason, updated_at = clock_timestamp()
        """;

    public Task<StoredHealingPolicy> LoadPolicyAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        database.ReadAsync("read a healing policy", async (context, token) =>
            await context.HealingPolicies.AsNoTracking().SingleOrDefaultAsync(row => row.Cluster == cluster, token) is { } row
                ? new StoredHealingPolicy(HealingJson.ToPolicy(row), row.Version)
                : new StoredHealingPolicy(HealingPolicy.Default, 0), cancellationToken);

    /// <summary>Replaces the policy if nobody else changed it since <paramref name="expectedVersion"/>.</summary>
    public Task<HealingPolicyChange> SavePolicyAsync(ClusterId cluster, HealingPolicy policy, long expectedVersion, CancellationToken cancellationToken) =>
        database.WriteAsync<HealingPolicyChange>("change a healing policy", async (context, token) =>
        {
            var row = await context.HealingPolicies.SingleOrDefaultAsync(row => row.Cluster == cluster, token);
            if ((row?.Version ?? 0) != expectedVersion)
            {
                return new HealingPolicyChange.VersionConflict(row?.Version ?? 0);
            }

            if (row is null)
            {
                row = new HealingPolicyRow { Cluster = cluster };
                context.Add(row);
            }

            Apply(policy, row);
            row.UpdatedAt = await context.Database.SqlQuery<DateTimeOffset>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(token);
            row.Version = expectedVersion + 1;
            try
            {
                await context.SaveChangesAsync(token);
                return new HealingPolicyChange.Changed(new StoredHealingPolicy(policy, row.Version));
            }
            catch (DbUpdateConcurrencyException)
            {
                return new HealingPolicyChange.VersionConflict(await CurrentAsync(context, cluster, token));
            }
            catch (DbUpdateException ex) when (ex.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                return new HealingPolicyChange.VersionConflict(await CurrentAsync(context, cluster, token)); // the first edit of two came from somebody else
            }
            catch (DbUpdateException ex) when (ex.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
            {
                return new HealingPolicyChange.UnknownCluster();
            }
        }, cancellationToken);

    public Task<IReadOnlyDictionary<Guid, HealingOverride>> LoadOverridesAsync(ClusterId cluster, IReadOnlyCollection<Guid> anomalies, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<Guid, HealingOverride>>("read what was said about anomalies", async (context, token) =>
            (await context.HealingOverrides.AsNoTracking().Where(row => row.Cluster == cluster && anomalies.Contains(row.Anomaly)).ToListAsync(token))
                .ToDictionary(row => row.Anomaly, HealingJson.ToOverride), cancellationToken);

    /// <summary>Adds to the grace time of one anomaly; all additions together are at most <see cref="HealingPolicy.LongestGrace"/>.</summary>
    public Task ExtendAsync(ClusterId cluster, Guid anomaly, TimeSpan more, string by, string? reason, CancellationToken cancellationToken) =>
        SayAsync(Extend, [anomaly, cluster.Value, (int)more.TotalSeconds, by, reason, (int)HealingPolicy.LongestGrace.TotalSeconds], cancellationToken);

    public Task LeaveAloneAsync(ClusterId cluster, Guid anomaly, string by, string? reason, CancellationToken cancellationToken) =>
        SayAsync(Say, [anomaly, cluster.Value, true, by, reason], cancellationToken);

    // By the database's clock, as the ends of plans it is compared with.
    public Task HealNowAsync(ClusterId cluster, Guid anomaly, string by, string? reason, CancellationToken cancellationToken) =>
        SayAsync(Say, [anomaly, cluster.Value, false, by, reason], cancellationToken);

    private Task<int> SayAsync(string sql, object?[] values, CancellationToken cancellationToken) =>
        database.SqlAsync("keep what was said about an anomaly", async (connection, token) =>
        {
            await using var command = connection.Command(sql, values);
            return await command.ExecuteNonQueryAsync(token);
        }, cancellationToken);

    private static async Task<long> CurrentAsync(StorageContext context, ClusterId cluster, CancellationToken cancellationToken)
    {
        context.ChangeTracker.Clear();
        return await context.HealingPolicies.Where(row => row.Cluster == cluster).Select(row => row.Version).SingleOrDefaultAsync(cancellationToken);
    }

    private static void Apply(HealingPolicy policy, HealingPolicyRow row)
    {
        row.Rules = HealingJson.Write(policy.Rules);
        row.PausedUntil = policy.Pause?.Until.ToUniversalTime();
        row.PausedBy = policy.Pause?.By;
        row.PauseReason = policy.Pause?.Reason;
        row.MinCompleteness = policy.MinCompleteness;
        row.MaxBrokersDown = policy.MaxBrokersDown;
    }
}
