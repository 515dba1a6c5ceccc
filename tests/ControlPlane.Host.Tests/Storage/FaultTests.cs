using ControlPlane.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace ControlPlane.Host.Tests.Storage;

public sealed class FaultTests(StorageServer server) : StorageTests(server)
{
    private string Name => new NpgsqlConnectionStringBuilder(Storage.ConnectionString).Database!;

    [Fact]
    public async Task A_read_only_database_still_answers_questions_and_refuses_writes_in_words()
    {
        Storage.Get<StorageState>().Report(new StorageStatus(StoragePhase.Ready, null, 1));
        var issued = await Storage.Get<TokenStore>().CreateAsync("ci", Role.Viewer, "admin", null, Token);
        await Storage.ExecuteAsync($"ALTER DATABASE \"{Name}\" SET default_transaction_read_only = on", Token);
        Storage.Get<NpgsqlDataSource>().Clear();

        var failure = await Assert.ThrowsAsync<StorageUnavailableException>(() => Storage.AddClusterAsync("orders", Token));

        Assert.Equal(StorageFault.ReadOnly, failure.Fault);
        Assert.Contains("point Storage:ConnectionString to the primary", failure.Message, StringComparison.Ordinal);
        Assert.Empty(await Storage.Get<ClusterStore>().ListAsync(Token));
        Assert.NotNull(await Storage.Get<TokenStore>().AuthenticateAsync(issued.Secret, Token));
        Assert.Equal(HealthStatus.Degraded, (await Storage.Get<HealthCheckService>().CheckHealthAsync(Token)).Status);
    }

    [Fact]
    public async Task Wrong_password_and_missing_database_are_told_apart()
    {
        var parsed = new NpgsqlConnectionStringBuilder(Storage.ConnectionString);
        await using var wrong = new TestStorage(new NpgsqlConnectionStringBuilder(Storage.ConnectionString) { Password = "wrong" }.ToString());
        await using var missing = new TestStorage(new NpgsqlConnectionStringBuilder(Storage.ConnectionString) { Database = "nowhere" }.ToString());

        var refused = await Assert.ThrowsAsync<StorageUnavailableException>(() => wrong.Get<DatabaseSetup>().RunAsync(Token));
        var absent = await Assert.ThrowsAsync<StorageUnavailableException>(() => missing.Get<DatabaseSetup>().RunAsync(Token));

        Assert.Equal((StorageFault.AccessRefused, StorageFault.MissingDatabase), (refused.Fault, absent.Fault));
        Assert.DoesNotContain(parsed.Password!, refused.ToString(), StringComparison.Ordinal);
        Assert.Contains("createdb", absent.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("53100", nameof(StorageFault.Full))]
    [InlineData("53300", nameof(StorageFault.TooManyConnections))]
    [InlineData("57P03", nameof(StorageFault.Starting))]
    [InlineData("25006", nameof(StorageFault.ReadOnly))]
    [InlineData("42501", nameof(StorageFault.PermissionDenied))]
    public async Task Each_SQLSTATE_becomes_advice(string state, string expected)
    {

        var failure = await Assert.ThrowsAsync<StorageUnavailableException>(() => Storage.Get<Database>().SqlAsync("write a thing", async (connection, token) =>
        {
            await using var command = connection.Command($"DO $$ BEGIN RAISE EXCEPTION 'no luck' USING ERRCODE = '{state}'; END $$");
            return await command.ExecuteNonQueryAsync(token);
        }, Token));

        Assert.Equal(expected, failure.Fault.ToString());
        Assert.StartsWith($"Could not write a thing: database '{Name}' on 127.0.0.1:", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{state} no luck", failure.Message, StringComparison.Ordinal);
    }
}
