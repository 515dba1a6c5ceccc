using ControlPlane.Engine.Model;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>Who owns a cluster as far as the database knows.</summary>
/// <param name="Address">Advertised address of the owner; null when nobody owns the cluster or the owner's process is gone.</param>
/// <param name="IsHeld">Whether the lease still holds by the database's clock.</param>
internal sealed record ClusterOwner(ClusterId Cluster, Guid? Owner, string? Address, long Epoch, DateTimeOffset? LeaseUntil, bool IsHeld);

/// <summary>What became of a set of leases that should be prolonged.</summary>
internal sealed record LeaseRenewal(IReadOnlyList<ClusterLease> Renewed, IReadOnlyList<ClusterLease> Lost);

/// <summary>
/// One owner per cluster: claims, renewals and releases of leases. All times are the database's, so processes with
/// wrong clocks can't disturb each other.
/// </summary>
internal sealed class OwnershipStore(Database database, IOptions<StorageOptions> options, TimeProvider time)
{
    private const string ClaimColumns = """
        owner = $1, epoch = greatest(epoch + 1, nextval('ownership_epoch')),
        lease_until = clock_timestamp() + $2, claimed_at = clock_timestamp()
        """;

    private const string Free = "(owner IS NULL OR lease_until <= clock_timestamp())";

    private TimeSpan Lease => options.Value.Lease;

    /// <summary>The lease, or null when another process holds the cluster or the cluster is unknown.</summary>
    public async Task<ClusterLease?> TryClaimAsync(ClusterId cluster, Guid process, CancellationToken cancellationToken)
    {
        var leases = await ClaimAsync(
            $"UPDATE cluster_ownership SET {ClaimColumns} WHERE cluster = $3 AND {Free} RETURNING cluster, epoch, lease_until",
            process, cluster.Value, cancellationToken);
        return leases.SingleOrDefault();
    }

    /// <summary>
    /// Claims up to <paramref name="limit"/> clusters that nobody owns, longest free first. Rows that another process
    /// claims at the same moment, or in which the last owner's final write is just ending, are left for the next round.
    /// </summary>
    public Task<IReadOnlyList<ClusterLease>> ClaimFreeAsync(Guid process, int limit, CancellationToken cancellationToken) =>
        ClaimAsync(
            $"""
            UPDATE cluster_ownership SET {ClaimColumns}
            WHERE cluster IN (
                SELECT cluster FROM cluster_ownership WHERE {Free}
                ORDER BY lease_until NULLS FIRST, cluster LIMIT $3 FOR UPDATE SKIP LOCKED)
              AND {Free}
            RETURNING cluster, epoch, lease_until
            """,
            process, limit, cancellationToken);

    /// <summary>
    /// Prolongs leases that still hold. One that ran out is lost even if nobody has claimed the cluster since: what this
    /// process knows about it is too old to act upon.
    /// </summary>
    public async Task<LeaseRenewal> RenewAsync(IReadOnlyList<ClusterLease> leases, CancellationToken cancellationToken)
    {
        if (leases.Count == 0)
        {
            return new LeaseRenewal([], []);
        }

        var deadline = LocalDeadline();
        var until = await database.SqlAsync("renew leases", async (connection, token) =>
        {
            await using var command = connection.Command(
                """
                UPDATE cluster_ownership o SET lease_until = clock_timestamp() + $1
                FROM unnest($2::text[], $3::uuid[], $4::bigint[]) AS mine (cluster, owner, epoch)
                WHERE o.cluster = mine.cluster AND o.owner = mine.owner AND o.epoch = mine.epoch
                  AND o.lease_until > clock_timestamp()
                RETURNING o.cluster, o.lease_until
                """,
                Lease,
                leases.Select(lease => lease.Cluster.Value).ToArray(),
                leases.Select(lease => lease.Owner).ToArray(),
                leases.Select(lease => lease.Epoch).ToArray());
            var rows = await command.ListAsync(reader => (Cluster: new ClusterId(reader.GetString(0)), Until: reader.GetTime(1)), token);
            return rows.ToDictionary(row => row.Cluster, row => row.Until);
        }, cancellationToken);

        var kept = leases.ToLookup(lease => until.ContainsKey(lease.Cluster));
        return new LeaseRenewal(
            [.. kept[true].Select(lease => lease with { Until = until[lease.Cluster], LocalDeadline = deadline })],
            [.. kept[false]]);
    }

    /// <summary>Hands the cluster over at once; false when the lease was lost already.</summary>
    public Task<bool> ReleaseAsync(ClusterLease lease, CancellationToken cancellationToken) =>
        database.SqlAsync("release a cluster", async (connection, token) =>
        {
            await using var command = connection.Command(
                "UPDATE cluster_ownership SET owner = NULL, lease_until = NULL WHERE cluster = $1 AND owner = $2 AND epoch = $3",
                lease.Cluster.Value, lease.Owner, lease.Epoch);
            return await command.ExecuteNonQueryAsync(token) == 1;
        }, cancellationToken);

    public Task<IReadOnlyList<ClusterOwner>> ListOwnersAsync(CancellationToken cancellationToken) =>
        OwnersAsync(null, cancellationToken);

    public async Task<ClusterOwner?> FindOwnerAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        (await OwnersAsync(cluster, cancellationToken)).SingleOrDefault();

    private Task<IReadOnlyList<ClusterOwner>> OwnersAsync(ClusterId? cluster, CancellationToken cancellationToken) =>
        database.SqlAsync<IReadOnlyList<ClusterOwner>>("read who owns which cluster", async (connection, token) =>
        {
            await using var command = connection.Command(
                """
                SELECT o.cluster, o.owner, p.address, o.epoch, o.lease_until, coalesce(o.lease_until > clock_timestamp(), false)
                FROM cluster_ownership o LEFT JOIN processes p ON p.id = o.owner
                WHERE $1::text IS NULL OR o.cluster = $1
                ORDER BY o.cluster
                """,
                cluster?.Value);
            return await command.ListAsync(
                reader => new ClusterOwner(
                    new ClusterId(reader.GetString(0)),
                    reader.IsDBNull(1) ? null : reader.GetGuid(1),
                    reader.IsDBNull(2) ? null : reader.GetString(2),
                    reader.GetInt64(3),
                    reader.IsDBNull(4) ? null : reader.GetTime(4),
                    reader.GetBoolean(5)),
                token);
        }, cancellationToken);

    private async Task<IReadOnlyList<ClusterLease>> ClaimAsync(string sql, Guid process, object which, CancellationToken cancellationToken)
    {
        var deadline = LocalDeadline();
        try
        {
            return await database.SqlAsync("claim clusters", async (connection, token) =>
            {
                await using var command = connection.Command(sql, process, Lease, which);
                return await command.ListAsync(
                    reader => new ClusterLease(new ClusterId(reader.GetString(0)), process, reader.GetInt64(1), reader.GetTime(2), deadline),
                    token);
            }, cancellationToken);
        }
        catch (PostgresException ex) when (ex.SqlState == StorageErrorCodes.UnsafeOwnership)
        {
            return []; // another process was faster and the trigger saw it
        }
    }

    private long LocalDeadline() => time.GetTimestamp() + (long)(Lease.TotalSeconds * time.TimestampFrequency);
}
