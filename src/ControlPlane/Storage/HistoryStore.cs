using System.Collections.Concurrent;
using ControlPlane.Engine.Model;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace ControlPlane.Storage;

/// <summary>History of a cluster's metrics: written by its owner in frames, read at the resolution a chart can show.</summary>
internal sealed class HistoryStore(Database database, EpochGuard guard, IOptions<StorageOptions> options)
{
    private readonly ConcurrentDictionary<(ClusterId Cluster, long Epoch), HistoryNames> _names = new();

    /// <summary>
    /// Writes all frames or none. The same frames again (after an unknown outcome) change nothing.
    /// </summary>
    /// <exception cref="StaleEpochException">The lease is not held any more; nothing was written.</exception>
    public async Task AppendAsync(ClusterLease lease, IReadOnlyList<HistoryFrame> frames, CancellationToken cancellationToken)
    {
        if (frames.Count == 0)
        {
            return;
        }

        var names = NamesOf(lease);
        await names.LearnAsync(guard, lease, frames, cancellationToken);
        try
        {
            await WriteAsync(lease, frames, names, CopyAsync, cancellationToken);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await WriteAsync(lease, frames, names, InsertMissingAsync, cancellationToken);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            _names.TryRemove((lease.Cluster, lease.Epoch), out _); // the cluster was removed and its names with it
            throw new StaleEpochException(lease, "write history", ex);
        }
    }

    public Task<HistoryRange> QueryAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(query.From, query.To);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.MaxPoints, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.MaxPoints, HistoryQuery.MostPoints);
        return database.SqlAsync(
            "read history", (connection, token) => HistoryReader.ReadAsync(connection, query, options.Value, token), cancellationToken);
    }

    private HistoryNames NamesOf(ClusterLease lease)
    {
        foreach (var stale in _names.Keys.Where(key => key.Cluster == lease.Cluster && key.Epoch != lease.Epoch))
        {
            _names.TryRemove(stale, out _); // a name learned in an earlier epoch may be gone with a removed cluster
        }

        return _names.GetOrAdd((lease.Cluster, lease.Epoch), _ => new HistoryNames());
    }

    private Task<int> WriteAsync(
        ClusterLease lease,
        IReadOnlyList<HistoryFrame> frames,
        HistoryNames names,
        Func<NpgsqlConnection, IReadOnlyList<HistoryFrame>, HistoryNames, CancellationToken, Task> store,
        CancellationToken cancellationToken) =>
        guard.WriteAsync(lease, "write history", async (write, token) =>
        {
            await HistoryRollups.ReopenAsync(write.Connection, frames.Min(frame => frame.At), token);
            await store(write.Connection, frames, names, token);
            return frames.Count;
        }, cancellationToken);

    private static async Task CopyAsync(
        NpgsqlConnection connection, IReadOnlyList<HistoryFrame> frames, HistoryNames names, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY history_fine (series, at, objects, values) FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var frame in frames)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(names.Series(frame), NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(frame.At.ToUniversalTime(), NpgsqlDbType.TimestampTz, cancellationToken);
            await copy.WriteAsync(names.Objects(frame), NpgsqlDbType.Array | NpgsqlDbType.Integer, cancellationToken);
            await copy.WriteAsync(frame.Values.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Real, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    /// <summary>The slow way, for a batch of which a part is stored already.</summary>
    private static async Task InsertMissingAsync(
        NpgsqlConnection connection, IReadOnlyList<HistoryFrame> frames, HistoryNames names, CancellationToken cancellationToken)
    {
        foreach (var frame in frames)
        {
            await using var command = connection.Command(
                "INSERT INTO history_fine (series, at, objects, values) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                names.Series(frame), frame.At.ToUniversalTime(), names.Objects(frame), frame.Values.ToArray());
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
