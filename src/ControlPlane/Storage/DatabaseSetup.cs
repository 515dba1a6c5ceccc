using ControlPlane.Storage.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace ControlPlane.Storage;

/// <summary>Brings the database to this version's schema, once, however many processes start together.</summary>
internal sealed class DatabaseSetup(
    Database database, NpgsqlDataSource source, IDbContextFactory<StorageContext> contexts, MasterKeyCheck masterKey, SecretReseal reseal)
{
    public const int OldestServer = 13;

    // Arbitrary but fixed: held for the length of a migration.
    private const long MigrationLock = 0x6B63705F6D696772;

    /// <summary>Checks the server, migrates under a lock, checks the master key and seals with it what an older one sealed.</summary>
    /// <exception cref="StorageRefusedException">The server is too old, the schema too new or the master key another one.</exception>
    /// <exception cref="StorageUnavailableException">The database does not answer or can't be written; try again later.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        masterKey.RequireFile(); // first: a missing file is told even while the database is away
        await database.SqlAsync("prepare the database", async (connection, token) =>
        {
            CheckServer(connection.PostgreSqlVersion, database.Name);
            await using var take = connection.Command("SELECT pg_advisory_lock($1)", MigrationLock);
            take.CommandTimeout = 0; // another process may be migrating a large database
            await take.ExecuteNonQueryAsync(token);
            try
            {
                await MigrateAsync(token);
            }
            finally
            {
                await ReleaseAsync(connection);
            }

            return true;
        }, cancellationToken);
        await masterKey.VerifyAsync(cancellationToken);
        await reseal.RunAsync(cancellationToken);
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var known = context.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        var history = context.GetService<IHistoryRepository>();
        var applied = await history.ExistsAsync(cancellationToken) ? (await history.GetAppliedMigrationsAsync(cancellationToken)).ToList() : [];
        if (applied.Find(row => !known.Contains(row.MigrationId)) is { } newer)
        {
            throw new StorageRefusedException(
                $"{database.Name} was migrated by a newer version of the product (migration {newer.MigrationId} is unknown here; newest known: {known.Max(StringComparer.Ordinal)}). "
                + "Start that version or a later one, or restore the backup made before the upgrade.");
        }

        if (applied.Count < known.Count)
        {
            context.Database.SetCommandTimeout(TimeSpan.Zero);
            await context.Database.MigrateAsync(cancellationToken);
        }
    }

    public static void CheckServer(Version version, string database)
    {
        if (version.Major < OldestServer)
        {
            throw new StorageRefusedException(
                $"{database} runs PostgreSQL {version}. Expected {OldestServer} or newer: upgrade the server or point Storage:ConnectionString to a newer one.");
        }
    }

    private async Task ReleaseAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var release = connection.Command("SELECT pg_advisory_unlock($1)", MigrationLock);
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            NpgsqlConnection.ClearPool(connection);
            source.Clear(); // a broken session holds no lock any more
        }
    }
}
