using ControlPlane.Engine.Model;
using Microsoft.Extensions.Options;

namespace ControlPlane.Storage;

/// <summary>One running process of the product.</summary>
internal sealed record ProcessInfo(Guid Id, string Name, string Address, string Version);

/// <summary>A process that signed on and did not sign off.</summary>
/// <param name="IsLive">Whether it was heard within the length of a lease.</param>
/// <param name="Clusters">What it owns now.</param>
internal sealed record LiveProcess(
    ProcessInfo Process, DateTimeOffset StartedAt, DateTimeOffset LastSeen, bool IsLive, IReadOnlyList<ClusterId> Clusters)
{
    public int OwnedClusters => Clusters.Count;
}

/// <summary>Heartbeats of the processes that share one database.</summary>
internal sealed class ProcessStore(Database database, IOptions<StorageOptions> options)
{
    public Task HeartbeatAsync(ProcessInfo process, CancellationToken cancellationToken) =>
        database.SqlAsync("send a heartbeat", async (connection, token) =>
        {
            await using var command = connection.Command(
                """
                INSERT INTO processes (id, name, address, version) VALUES ($1, $2, $3, $4)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address,
                    version = excluded.version, last_seen = clock_timestamp()
                """,
                process.Id, process.Name, process.Address, process.Version);
            return await command.ExecuteNonQueryAsync(token);
        }, cancellationToken);

    /// <summary>Processes to share the clusters with, in a stable order.</summary>
    public async Task<IReadOnlyList<LiveProcess>> ListLiveAsync(CancellationToken cancellationToken) =>
        [.. (await ListAsync(cancellationToken)).Where(process => process.IsLive)];

    /// <summary>Also those that went silent and may be missed.</summary>
    public Task<IReadOnlyList<LiveProcess>> ListAsync(CancellationToken cancellationToken) =>
        database.SqlAsync<IReadOnlyList<LiveProcess>>("list the processes", async (connection, token) =>
        {
            await using var command = connection.Command(
                """
                SELECT p.id, p.name, p.address, p.version, p.started_at, p.last_seen, p.last_seen > clock_timestamp() - $1,
                       ARRAY(SELECT o.cluster::text FROM cluster_ownership o
                             WHERE o.owner = p.id AND o.lease_until > clock_timestamp() ORDER BY o.cluster)
                FROM processes p ORDER BY p.id
                """,
                options.Value.Lease);
            return await command.ListAsync(
                reader => new LiveProcess(
                    new ProcessInfo(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)),
                    reader.GetTime(4),
                    reader.GetTime(5),
                    reader.GetBoolean(6),
                    Array.ConvertAll(reader.GetFieldValue<string[]>(7), id => new ClusterId(id))),
                token);
        }, cancellationToken);

    /// <summary>Says good-bye at shutdown, so that the others take their share at once.</summary>
    public Task RemoveAsync(Guid process, CancellationToken cancellationToken) =>
        database.SqlAsync("sign off a process", async (connection, token) =>
        {
            await using var command = connection.Command("DELETE FROM processes WHERE id = $1", process);
            return await command.ExecuteNonQueryAsync(token);
        }, cancellationToken);
}
