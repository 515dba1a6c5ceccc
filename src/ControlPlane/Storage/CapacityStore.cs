using System.Collections.Immutable;
using System.Text.Json;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>Capacities and their version; 0 where nobody said anything yet.</summary>
internal sealed record StoredCapacities(BrokerCapacities Capacities, long Version);

/// <summary>What became of an edit of capacities.</summary>
internal abstract record CapacityChange
{
    public sealed record Changed(StoredCapacities Capacities) : CapacityChange;

    public sealed record VersionConflict(long Current) : CapacityChange;

    public sealed record UnknownCluster : CapacityChange;
}

/// <summary>What people say each cluster's brokers can carry.</summary>
internal sealed class CapacityStore(Database database)
{
    // Inserts only from version 0 and updates only from the one that was read, in one statement: of two edits at once one counts.
    private const string Save = """
        INSERT INTO cluster_capacities (cluster, capacities, version) SELECT $1, $2::jsonb, 1 WHERE $3 = 0
        ON CONFLICT (cluster) DO NOTHING RETURNING version
        """;

    private const string Update = """
        UPDATE cluster_capacities SET capacities = $2::jsonb, version = version + 1, updated_at = clock_timestamp()
        WHERE cluster = $1 AND version = $3 RETURNING version
        """;

    public Task<StoredCapacities> LoadAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        database.SqlAsync("read capacities", async (connection, token) =>
        {
            await using var command = connection.Command("SELECT capacities::text, version FROM cluster_capacities WHERE cluster = $1", cluster.Value);
            return (await command.ListAsync(row => new StoredCapacities(Read(row.GetString(0)), row.GetInt64(1)), token)).SingleOrDefault()
                ?? new StoredCapacities(BrokerCapacities.Unknown, 0);
        }, cancellationToken);

    /// <summary>Replaces them if nobody else changed them since that version.</summary>
    public async Task<CapacityChange> SaveAsync(ClusterId cluster, BrokerCapacities capacities, long expectedVersion, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await database.SqlAsync("change capacities", async (connection, token) =>
            {
                await using var command = connection.Command(expectedVersion == 0 ? Save : Update, cluster.Value, Write(capacities), expectedVersion);
                return (await command.ListAsync(row => row.GetInt64(0), token)).Select(version => new StoredCapacities(capacities, version)).SingleOrDefault();
            }, cancellationToken);
            return stored is not null ? new CapacityChange.Changed(stored) : new CapacityChange.VersionConflict((await LoadAsync(cluster, cancellationToken)).Version);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return new CapacityChange.UnknownCluster();
        }
    }

    private static string Write(BrokerCapacities capacities) =>
        JsonSerializer.Serialize(new Body(capacities.Default, new(capacities.Brokers)), JsonSerializerOptions.Web);

    private static BrokerCapacities Read(string text)
    {
        var body = JsonSerializer.Deserialize<Body>(text, JsonSerializerOptions.Web) ?? throw new InvalidDataException("Stored capacities are empty.");
        return new BrokerCapacities(body.Default, body.Brokers.ToImmutableSortedDictionary());
    }

    private sealed record Body(NetworkCapacity Default, Dictionary<int, NetworkCapacity> Brokers);
}
