using System.Text;
using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Storage.Secrets;
using ControlPlane.Storage.Tables;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>Where alerts go, with their sealed secrets.</summary>
internal sealed class AlertTargetStore(Database database, SecretBox secretBox)
{
    private const string Purpose = "alert_targets.secret";

    private static readonly string[] Open = ["queued", "delivering"];

    public Task<IReadOnlyList<StoredAlertTarget>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<StoredAlertTarget>>("list the alert targets", async (context, token) =>
        {
            var rows = await context.AlertTargets.AsNoTracking().OrderBy(row => row.Name).ToListAsync(token);
            var queued = await context.Deliveries.Where(row => Open.Contains(row.State)).GroupBy(row => row.Target)
                .Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(group => group.Key, group => group.Count, token);
            return rows.ConvertAll(row => ToTarget(row, queued.GetValueOrDefault(row.Id)));
        }, cancellationToken);

    public Task<StoredAlertTarget?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        database.ReadAsync("read an alert target", (context, token) => LoadAsync(context, id, token), cancellationToken);

    /// <summary>The decrypted secret; null where none is set or the target is unknown.</summary>
    /// <exception cref="SecretUnreadableException">The master key file does not hold the key it was sealed with.</exception>
    public async Task<string?> LoadSecretAsync(Guid id, CancellationToken cancellationToken)
    {
        var box = await database.ReadAsync("read an alert target's secret", (context, token) =>
            context.AlertTargets.Where(row => row.Id == id).Select(row => row.Secret).SingleOrDefaultAsync(token), cancellationToken);
        return box is null ? null : Encoding.UTF8.GetString(secretBox.Open(Purpose, id.ToString(), box));
    }

    public Task<AlertTargetChange> AddAsync(AlertTargetDefinition definition, string? secret, CancellationToken cancellationToken) =>
        database.ChangeAsync<AlertTargetChange>("add an alert target", async (context, token) =>
        {
            var row = new AlertTargetRow { Id = definition.Rules.Id, Version = 1, Secret = Seal(definition.Rules.Id, secret) };
            Apply(definition, row);
            context.Add(row);
            return await SaveAsync(context, row.Id, token);
        }, cancellationToken);

    /// <summary>Replaces the definition if nobody else changed it meanwhile; what failed before the change is forgotten.</summary>
    /// <param name="definition">The whole new definition.</param>
    /// <param name="secret">Null keeps the stored one.</param>
    /// <param name="expectedVersion">The version the change was made from.</param>
    /// <param name="cancellationToken">Stops waiting for the database.</param>
    public Task<AlertTargetChange> UpdateAsync(AlertTargetDefinition definition, string? secret, long expectedVersion, CancellationToken cancellationToken) =>
        database.ChangeAsync<AlertTargetChange>("change an alert target", async (context, token) =>
        {
            var row = await context.AlertTargets.SingleOrDefaultAsync(row => row.Id == definition.Rules.Id, token);
            if (row is null)
            {
                return new AlertTargetChange.Unknown();
            }

            if (row.Version != expectedVersion)
            {
                return new AlertTargetChange.VersionConflict(row.Version);
            }

            Apply(definition, row);
            row.Secret = secret is null ? row.Secret : Seal(row.Id, secret);
            (row.Failures, row.HeldUntil, row.Problem) = (0, null, null);
            row.Version++;
            return await SaveAsync(context, row.Id, token);
        }, cancellationToken);

    /// <summary>Removes the target with its deliveries. Null when there is none.</summary>
    public Task<StoredAlertTarget?> RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        database.ChangeAsync("remove an alert target", async (context, token) =>
        {
            var removed = await LoadAsync(context, id, token);
            return await context.AlertTargets.Where(row => row.Id == id).ExecuteDeleteAsync(token) == 0 ? null : removed;
        }, cancellationToken);

    private static async Task<AlertTargetChange> SaveAsync(StorageContext context, Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            context.ChangeTracker.Clear();
            return await LoadAsync(context, id, cancellationToken) is { } current
                ? new AlertTargetChange.VersionConflict(current.Version)
                : new AlertTargetChange.Unknown();
        }
        catch (DbUpdateException ex) when (ex.InnerException is PostgresException { ConstraintName: AlertTargetTable.UniqueName })
        {
            return new AlertTargetChange.NameTaken();
        }

        context.ChangeTracker.Clear();
        return await LoadAsync(context, id, cancellationToken) is { } saved ? new AlertTargetChange.Saved(saved) : new AlertTargetChange.Unknown();
    }

    private static async Task<StoredAlertTarget?> LoadAsync(StorageContext context, Guid id, CancellationToken cancellationToken) =>
        await context.AlertTargets.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is { } row
            ? ToTarget(row, await context.Deliveries.CountAsync(delivery => delivery.Target == id && Open.Contains(delivery.State), cancellationToken))
            : null;

    private static void Apply(AlertTargetDefinition definition, AlertTargetRow row)
    {
        row.Name = definition.Name;
        row.Kind = definition.Rules.Kind.ToString().ToLowerInvariant();
        row.Enabled = definition.Rules.IsEnabled;
        row.Url = definition.Url;
        row.MinSeverity = AlertRules.Word(definition.Rules.MinSeverity);
        row.Clusters = definition.Rules.Clusters?.ToArray();
    }

    private static StoredAlertTarget ToTarget(AlertTargetRow row, int queued) => new(
        new AlertTargetDefinition(
            new AlertTarget(row.Id, Enum.Parse<AlertTargetKind>(row.Kind, ignoreCase: true), row.Enabled, Enum.Parse<Severity>(row.MinSeverity, ignoreCase: true), row.Clusters is null ? null : [.. row.Clusters]),
            row.Name,
            row.Url),
        row.Secret is not null,
        row.Failures,
        row.HeldUntil,
        row.Problem,
        queued,
        row.LastDeliveredAt,
        row.CreatedAt,
        row.Version);

    private byte[]? Seal(Guid id, string? secret) => secret is null ? null : secretBox.Seal(Purpose, id.ToString(), Encoding.UTF8.GetBytes(secret));
}
