using ControlPlane.Storage;
using ControlPlane.Storage.Migrations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace ControlPlane.Host.Tests.Storage;

public sealed class SchemaTests(StorageServer server) : StorageTests(server)
{
    /// <summary>Migrations are written by hand and there is no model snapshot: this is what keeps both in step.</summary>
    [Fact]
    public async Task The_migrated_database_is_the_one_the_model_describes()
    {
        await using var context = await Storage.Get<IDbContextFactory<StorageContext>>().CreateDbContextAsync(Token);
        var script = context.Database.GenerateCreateScript();
        await using var model = new TestStorage(await Server.NewEmptyDatabaseAsync(Token));
        await model.ExecuteAsync(script, Token);
        var tables = context.Model.GetEntityTypes().Select(entity => entity.GetTableName()!).Order(StringComparer.Ordinal).ToArray();

        foreach (var facet in new[] { Columns, Indexes, ForeignKeys })
        {
            var described = await FactsAsync(model, facet, tables);
            Assert.NotEmpty(described);
            Assert.Equal(described, await FactsAsync(Storage, facet, tables));
        }

        Assert.Equal(tables, await FactsAsync(Storage, OwnTables, []));
    }

    [Fact]
    public async Task Processes_that_start_together_migrate_once()
    {
        var connectionString = await Server.NewEmptyDatabaseAsync(Token);
        await using var first = new TestStorage(connectionString);
        await using var second = new TestStorage(connectionString, masterKeyFile: first.MasterKeyFile);
        await using var third = new TestStorage(connectionString, masterKeyFile: first.MasterKeyFile);

        await Task.WhenAll(new[] { first, second, third }.Select(process => process.Get<DatabaseSetup>().RunAsync(Token)));

        await using var context = await first.Get<IDbContextFactory<StorageContext>>().CreateDbContextAsync(Token);
        Assert.Equal(context.Database.GetMigrations(), await context.Database.GetAppliedMigrationsAsync(Token));
        Assert.Empty(await third.Get<ClusterStore>().ListAsync(Token));
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_and_left_alone()
    {
        await Storage.ExecuteAsync("""INSERT INTO schema_migrations ("MigrationId", "ProductVersion") VALUES ('20991231000001_Future', '10.0.0')""", Token);

        var refused = await Assert.ThrowsAsync<StorageRefusedException>(() => Storage.Get<DatabaseSetup>().RunAsync(Token));

        Assert.Contains("migrated by a newer version", refused.Message, StringComparison.Ordinal);
        Assert.Contains("20991231000001_Future", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("12.20", true)]
    [InlineData("13.0", false)]
    [InlineData("17.2", false)]
    public void Servers_older_than_13_are_refused(string version, bool tooOld)
    {
        var refused = Record.Exception(() => DatabaseSetup.CheckServer(Version.Parse(version), "database 'kcp' on db:5432"));

        Assert.Equal(tooOld, refused is StorageRefusedException);
        Assert.True(refused is null || refused.Message.Contains("Expected 13 or newer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failed_migration_leaves_nothing_behind_and_can_be_repeated()
    {
        await using var fresh = new TestStorage(await Server.NewEmptyDatabaseAsync(Token));
        await fresh.ExecuteAsync("CREATE TABLE history_hour (in_the_way integer)", Token);

        await Assert.ThrowsAsync<PostgresException>(() => fresh.Get<DatabaseSetup>().RunAsync(Token));

        Assert.Equal(0, await fresh.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE tablename = 'history_fine'", Token));
        await fresh.ExecuteAsync("DROP TABLE history_hour", Token);
        await fresh.Get<DatabaseSetup>().RunAsync(Token);
        Assert.Equal(1, await fresh.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE tablename = 'history_fine'", Token));
    }

    private const string Columns = """
        SELECT concat_ws(' ', table_name, column_name, udt_name, character_maximum_length, is_nullable, is_identity, column_default)
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name = ANY ($1)
        """;

    // The name of a unique index matters: stores tell duplicates apart by it.
    private const string Indexes = """
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY ($1)
          AND indexname NOT LIKE 'pk\_%' AND indexname NOT LIKE 'PK\_%'
        UNION ALL
        SELECT t.relname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.contype = 'p' AND t.relname = ANY ($1)
        """;

    private const string ForeignKeys = """
        SELECT t.relname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.contype = 'f' AND t.relname = ANY ($1)
        """;

    private const string OwnTables = """
        SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename NOT LIKE 'qrtz\_%' AND tablename <> 'schema_migrations' AND cardinality($1::text[]) = 0
        """;

    private static async Task<string[]> FactsAsync(TestStorage storage, string sql, string[] tables)
    {
        await using var connection = await storage.Get<NpgsqlDataSource>().OpenConnectionAsync(Token);
        await using var command = connection.Command(sql, [tables]);
        return [.. (await command.ListAsync(reader => reader.GetString(0), Token)).Order(StringComparer.Ordinal)];
    }
}
