using Microsoft.Extensions.Options;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>One transaction in which the lease is proven and the claim of any other process waits.</summary>
internal sealed class GuardedWrite(NpgsqlConnection connection, ClusterLease lease)
{
    public ClusterLease Lease { get; } = lease;

    public NpgsqlConnection Connection { get; } = connection;
}

/// <summary>
/// The only way to write what a cluster's owner decides. The ownership row stays share-locked until the commit, so a
/// claim is ordered after the whole write or the write fails; there is no moment between check and commit.
/// </summary>
internal sealed class EpochGuard(Database database, IOptions<StorageOptions> options)
{
    private const string Check = """
        SELECT set_config('kcp.cluster', cluster, true), set_config('kcp.epoch', epoch::text, true)
        FROM cluster_ownership
        WHERE cluster = $1 AND owner = $2 AND epoch = $3 AND lease_until > clock_timestamp()
        FOR SHARE
        """;

    /// <summary>Runs <paramref name="write"/> in a transaction that only the holder of the lease can commit.</summary>
    /// <exception cref="StaleEpochException">The lease is not held any more; nothing was written.</exception>
    /// <exception cref="StorageUnavailableException">The database failed; the write is stored whole or not at all.</exception>
    public async Task<T> WriteAsync<T>(
        ClusterLease lease, string what, Func<GuardedWrite, CancellationToken, Task<T>> write, CancellationToken cancellationToken)
    {
        try
        {
            return await database.SqlAsync(what, async (connection, token) =>
            {
                await using var transaction = await connection.BeginTransactionAsync(token);
                await BoundAsync(connection, token);
                if (!await IsHeldAsync(connection, lease, token))
                {
                    throw new StaleEpochException(lease, what);
                }

                var result = await write(new GuardedWrite(connection, lease), token);
                await transaction.CommitAsync(token);
                return result;
            }, cancellationToken);
        }
        catch (PostgresException ex) when (ex.SqlState == StorageErrorCodes.StaleEpoch)
        {
            throw new StaleEpochException(lease, what, ex);
        }
    }

    /// <summary>
    /// A stopped process keeps its connection: without these limits its open transaction would hold up the next owner
    /// for as long as it sleeps. The server ends it instead, and what it wrote so far is undone.
    /// </summary>
    private async Task BoundAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var limit = $"{(long)options.Value.GuardTimeout.TotalMilliseconds}ms";
        await using var command = connection.Command(
            "SELECT set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $1, true)", limit);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<bool> IsHeldAsync(NpgsqlConnection connection, ClusterLease lease, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(Check, lease.Cluster.Value, lease.Owner, lease.Epoch);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }
}
