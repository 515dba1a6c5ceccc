using System.Collections.Immutable;
using System.Text.Json;
using ControlPlane.Engine.Model;
using ControlPlane.Storage.Secrets;
using ControlPlane.Storage.Tables;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>The registered clusters and their sealed secrets.</summary>
internal sealed class ClusterStore(Database database, SecretBox secretBox, EpochGuard guard)
{
    public const string Purpose = "clusters.secrets";

    public Task<IReadOnlyList<StoredCluster>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredCluster>>("list the clusters", async (context, token) =>
        {
            var rows = await context.Clusters.AsNoTracking().OrderBy(row => row.Id).ToListAsync(token);
            return rows.ConvertAll(ToCluster);
        }, cancellationToken);

    public Task<StoredCluster?> FindAsync(ClusterId id, CancellationToken cancellationToken) =>
        database.ReadAsync("read a cluster", async (context, token) => await LoadAsync(context, id, token), cancellationToken);

    /// <summary>The decrypted secrets; none for an unknown cluster.</summary>
    /// <exception cref="SecretUnreadableException">The master key file does not hold the key they were sealed with.</exception>
    public async Task<ClusterSecrets> LoadSecretsAsync(ClusterId id, CancellationToken cancellationToken)
    {
        var sealedBytes = await database.ReadAsync("read a cluster's secrets", (context, token) =>
            context.Clusters.Where(row => row.Id == id).Select(row => row.Secrets).SingleOrDefaultAsync(token), cancellationToken);
        return sealedBytes is null ? ClusterSecrets.None : Open(id, sealedBytes);
    }

    public Task<ClusterAddition> AddAsync(ClusterDefinition definition, ClusterSecrets secrets, CancellationToken cancellationToken) =>
        database.ChangeAsync("add a cluster", async (context, token) =>
        {
            var row = new ClusterRow { Id = definition.Id, Version = 1, Secrets = Seal(definition.Id, secrets) };
            Apply(definition, row);
            context.Add(row);
            context.Add(new OwnershipRow { Cluster = definition.Id });
            try
            {
                await context.SaveChangesAsync(token);
            }
            catch (DbUpdateException ex) when (ex.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                context.ChangeTracker.Clear();
                return await ExplainDuplicateAsync(context, definition, ex, token);
            }

            return new ClusterAddition.Added(await ReloadAsync(context, definition.Id, token));
        }, cancellationToken);

    /// <summary>Replaces the definition if nobody else changed it since <paramref name="expectedVersion"/>.</summary>
    /// <param name="definition">The whole new definition.</param>
    /// <param name="secrets">The whole new set of secrets; null keeps those that are stored.</param>
    /// <param name="expectedVersion">The version the change was made from.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public Task<ClusterChange> UpdateAsync(
        ClusterDefinition definition, ClusterSecrets? secrets, long expectedVersion, CancellationToken cancellationToken) =>
        database.ChangeAsync("change a cluster", async (context, token) =>
        {
            var row = await context.Clusters.SingleOrDefaultAsync(row => row.Id == definition.Id, token);
            if (row is null)
            {
                return new ClusterChange.Unknown();
            }

            var before = ToCluster(row);
            if (row.Version != expectedVersion)
            {
                return new ClusterChange.VersionConflict(before);
            }

            Apply(definition, row);
            row.Secrets = secrets is null ? row.Secrets : Seal(row.Id, secrets);
            row.Version++;
            return await SaveAsync(context, row, before, token);
        }, cancellationToken);

    /// <summary>Notes what Kafka calls the cluster, learned by its owner when it was reached. Kept if it is known already.</summary>
    /// <exception cref="StaleEpochException">The lease is not held any more; nothing was written.</exception>
    public async Task<ClusterChange> RecordKafkaClusterIdAsync(ClusterLease lease, string kafkaClusterId, CancellationToken cancellationToken)
    {
        var before = await FindAsync(lease.Cluster, cancellationToken);
        try
        {
            await guard.WriteAsync(lease, "note a Kafka cluster id", async (guarded, token) =>
            {
                await using var command = guarded.Connection.Command(
                    "UPDATE clusters SET kafka_cluster_id = $2, version = version + 1, updated_at = clock_timestamp() WHERE id = $1 AND kafka_cluster_id IS NULL",
                    lease.Cluster.Value,
                    kafkaClusterId);
                return await command.ExecuteNonQueryAsync(token);
            }, cancellationToken);
        }
        catch (PostgresException ex) when (ex.ConstraintName == ClusterTable.UniqueKafkaClusterId)
        {
            return await database.ReadAsync("read a cluster", (context, token) => FindByKafkaIdAsync(context, kafkaClusterId, token), cancellationToken) is { } existing
                ? new ClusterChange.DuplicateKafkaCluster(existing)
                : throw new InvalidOperationException("The conflicting cluster was removed meanwhile. Try again.", ex);
        }

        return before is not null && await FindAsync(lease.Cluster, cancellationToken) is { } after
            ? new ClusterChange.Changed(before, after)
            : new ClusterChange.Unknown();
    }

    /// <summary>
    /// Removes the cluster with its ownership and history, and tells whoever was told of a trouble there that nobody watches it any
    /// more; the audit trail stays. Null when there is none.
    /// </summary>
    public Task<StoredCluster?> RemoveAsync(ClusterId id, CancellationToken cancellationToken) =>
        database.ChangeTogetherAsync("remove a cluster", async (context, token) =>
        {
            var removed = await LoadAsync(context, id, token);
            if (removed is null)
            {
                return null;
            }

            await LastAlerts.ResolveAsync(context, id, token);
            return await context.Clusters.Where(row => row.Id == id).ExecuteDeleteAsync(token) == 0 ? null : removed;
        }, cancellationToken);

    private static async Task<ClusterChange> SaveAsync(StorageContext context, ClusterRow row, StoredCluster before, CancellationToken cancellationToken)
    {
        try
        {
            row.UpdatedAt = await context.Database.SqlQuery<DateTimeOffset>($"SELECT clock_timestamp() AS \"Value\"").SingleAsync(cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            return new ClusterChange.Changed(before, ToCluster(row));
        }
        catch (DbUpdateConcurrencyException)
        {
            context.ChangeTracker.Clear();
            return await LoadAsync(context, row.Id, cancellationToken) is { } current
                ? new ClusterChange.VersionConflict(current)
                : new ClusterChange.Unknown();
        }
        catch (DbUpdateException ex) when (ex.InnerException is PostgresException { ConstraintName: ClusterTable.UniqueKafkaClusterId })
        {
            context.ChangeTracker.Clear();
            return await FindByKafkaIdAsync(context, row.KafkaClusterId, cancellationToken) is { } existing
                ? new ClusterChange.DuplicateKafkaCluster(existing)
                : throw new InvalidOperationException("The conflicting cluster was removed meanwhile. Try again.", ex);
        }
    }

    private static async Task<ClusterAddition> ExplainDuplicateAsync(
        StorageContext context, ClusterDefinition definition, DbUpdateException cause, CancellationToken cancellationToken)
    {
        if (await LoadAsync(context, definition.Id, cancellationToken) is { } sameId)
        {
            return new ClusterAddition.DuplicateId(sameId);
        }

        return await FindByKafkaIdAsync(context, definition.KafkaClusterId, cancellationToken) is { } sameKafka
            ? new ClusterAddition.DuplicateKafkaCluster(sameKafka)
            : throw new InvalidOperationException("The conflicting cluster was removed meanwhile. Try again.", cause);
    }

    private static async Task<StoredCluster> ReloadAsync(StorageContext context, ClusterId id, CancellationToken cancellationToken) =>
        ToCluster(await context.Clusters.AsNoTracking().SingleAsync(row => row.Id == id, cancellationToken));

    private static async Task<StoredCluster?> LoadAsync(StorageContext context, ClusterId id, CancellationToken cancellationToken) =>
        await context.Clusters.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is { } row ? ToCluster(row) : null;

    private static async Task<StoredCluster?> FindByKafkaIdAsync(StorageContext context, string? kafkaClusterId, CancellationToken cancellationToken) =>
        await context.Clusters.AsNoTracking().SingleOrDefaultAsync(row => row.KafkaClusterId == kafkaClusterId, cancellationToken) is { } row
            ? ToCluster(row)
            : null;

    private static void Apply(ClusterDefinition definition, ClusterRow row)
    {
        row.Name = definition.Name;
        row.Kind = definition.Kind switch
        {
            ClusterKind.Kafka => "kafka",
            ClusterKind.Simulated => "simulated",
            _ => throw new InvalidOperationException($"Unhandled cluster kind {definition.Kind}"),
        };
        row.BootstrapServers = definition.BootstrapServers;
        row.Settings = definition.Settings;
        row.Simulation = definition.Simulation;
        row.KafkaClusterId = definition.KafkaClusterId;
        row.Labels = definition.Labels.ToDictionary(StringComparer.Ordinal);
    }

    private static StoredCluster ToCluster(ClusterRow row) => new(
        new ClusterDefinition
        {
            Id = row.Id,
            Name = row.Name,
            Kind = row.Kind == "simulated" ? ClusterKind.Simulated : ClusterKind.Kafka,
            BootstrapServers = row.BootstrapServers,
            Settings = row.Settings,
            Simulation = row.Simulation,
            KafkaClusterId = row.KafkaClusterId,
            Labels = row.Labels.ToImmutableSortedDictionary(StringComparer.Ordinal),
        },
        row.Secrets is not null,
        row.CreatedAt,
        row.UpdatedAt,
        row.Version);

    private byte[]? Seal(ClusterId id, ClusterSecrets secrets) =>
        secrets.Values.Count == 0 ? null : secretBox.Seal(Purpose, id.Value, JsonSerializer.SerializeToUtf8Bytes(secrets.Values));

    private ClusterSecrets Open(ClusterId id, byte[] sealedBytes)
    {
        var values = JsonSerializer.Deserialize<Dictionary<string, string>>(secretBox.Open(Purpose, id.Value, sealedBytes));
        return new ClusterSecrets(values ?? throw new SecretUnreadableException($"The secrets of cluster '{id}' are damaged. Enter them again."));
    }
}
