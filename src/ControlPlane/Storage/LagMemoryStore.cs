using ControlPlane.Engine.Model;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>One part of what is known of a cluster's lag, as Engine/Lag/Memory sealed it.</summary>
/// <param name="At">Up to when it was known to hold.</param>
internal sealed record LagMemoryPart(int Kind, int Part, DateTimeOffset At, byte[] Body);

/// <summary>
/// Keeps what the owner of a cluster knows of its lag, part by part: each stands for itself, so a write that ends in the middle leaves older parts
/// beside newer ones, and never a broken one. Written under the lease.
/// </summary>
internal sealed class LagMemoryStore(Database database, EpochGuard guard)
{
    /// <summary>A row of the table holds so much at most; larger parts are cut.</summary>
    private const int BytesOfPiece = 1 << 20;

    /// <summary>Replaces one part.</summary>
    /// <exception cref="StaleEpochException">The lease is not held any more; nothing was written.</exception>
    public Task SaveAsync(ClusterLease lease, LagMemoryPart part, CancellationToken cancellationToken) =>
        guard.WriteAsync(lease, "remember lag", async (write, token) =>
        {
            var pieces = part.Body.Chunk(BytesOfPiece).ToArray();
            await using var command = write.Connection.Command(
                """
                INSERT INTO lag_memory (cluster, kind, part, piece, at, body)
                SELECT $1, $2, $3, n - 1, $4, b FROM unnest($5::bytea[]) WITH ORDINALITY AS u (b, n)
                ON CONFLICT (cluster, kind, part, piece) DO UPDATE SET at = excluded.at, body = excluded.body
                """,
                lease.Cluster.Value, part.Kind, part.Part, part.At.ToUniversalTime(), pieces);
            await command.ExecuteNonQueryAsync(token);
            await using var rest = write.Connection.Command(
                "DELETE FROM lag_memory WHERE cluster = $1 AND kind = $2 AND part = $3 AND piece >= $4", lease.Cluster.Value, part.Kind, part.Part, pieces.Length);
            return await rest.ExecuteNonQueryAsync(token);
        }, cancellationToken);

    /// <summary>Says that these parts still hold, and forgets those from a number on.</summary>
    public Task ConfirmAsync(ClusterLease lease, int kind, int[] parts, int forgetFrom, DateTimeOffset at, CancellationToken cancellationToken) =>
        guard.WriteAsync(lease, "confirm remembered lag", async (write, token) =>
        {
            await using var confirm = write.Connection.Command(
                "UPDATE lag_memory SET at = $4 WHERE cluster = $1 AND kind = $2 AND part = ANY ($3)", lease.Cluster.Value, kind, parts, at.ToUniversalTime());
            await confirm.ExecuteNonQueryAsync(token);
            await using var forget = write.Connection.Command("DELETE FROM lag_memory WHERE cluster = $1 AND kind = $2 AND part >= $3", lease.Cluster.Value, kind, forgetFrom);
            return await forget.ExecuteNonQueryAsync(token);
        }, cancellationToken);

    /// <summary>All parts, one after the other, so that they are not in memory together.</summary>
    public Task<int> ReadAsync(ClusterId cluster, Action<LagMemoryPart> take, CancellationToken cancellationToken) =>
        database.SqlAsync("read remembered lag", async (connection, token) =>
        {
            await using var command = connection.Command("SELECT kind, part, at, body FROM lag_memory WHERE cluster = $1 ORDER BY kind, part, piece", cluster.Value);
            await using var reader = await command.ExecuteReaderAsync(token);
            return await ReadAsync(reader, take, token);
        }, cancellationToken);

    private static async Task<int> ReadAsync(NpgsqlDataReader reader, Action<LagMemoryPart> take, CancellationToken cancellationToken)
    {
        var (parts, pieces) = (0, new List<byte[]>());
        LagMemoryPart? open = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var (kind, part) = (reader.GetInt32(0), reader.GetInt32(1));
            if (open is not null && (open.Kind, open.Part) != (kind, part))
            {
                take(open with { Body = Joined(pieces) });
                (open, parts) = (null, parts + 1);
            }

            if (open is null)
            {
                open = new LagMemoryPart(kind, part, reader.GetTime(2), []);
                pieces.Clear();
            }

            pieces.Add(reader.GetFieldValue<byte[]>(3));
        }

        if (open is not null)
        {
            take(open with { Body = Joined(pieces) });
            parts++;
        }

        return parts;
    }

    private static byte[] Joined(List<byte[]> pieces)
    {
        if (pieces.Count == 1)
        {
            return pieces[0];
        }

        var (whole, at) = (new byte[pieces.Sum(piece => piece.Length)], 0);
        foreach (var piece in pieces)
        {
            piece.CopyTo(whole, at);
            at += piece.Length;
        }

        return whole;
    }
}
