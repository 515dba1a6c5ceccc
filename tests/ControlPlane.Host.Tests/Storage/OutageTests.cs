using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using NpgsqlTypes;

namespace ControlPlane.Host.Tests.Storage;

/// <summary>A server of its own, because it is stopped, killed and frozen.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private PostgresServer? _server;
    private string _connectionString = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PostgresServer Server => _server ?? throw new InvalidOperationException("The test has not begun.");

    [Fact]
    public async Task A_database_that_comes_late_is_waited_for_with_a_visible_reason()
    {
        await Server.StopAsync(Token);
        await using var storage = new TestStorage(_connectionString);
        var (state, startup) = (storage.Get<StorageState>(), StartupOf(storage));
        await startup.StartAsync(Token);
        await UntilAsync(() => state.Status.Problem is not null);

        Assert.Equal(StoragePhase.Connecting, state.Status.Phase);
        Assert.Contains($"127.0.0.1:{Server.Port}", state.Status.Problem, StringComparison.Ordinal);
        Assert.Contains("Storage:ConnectionString", state.Status.Problem, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Unhealthy, (await storage.Get<HealthCheckService>().CheckHealthAsync(Token)).Status);
        Assert.False(state.IsReady);

        await Server.StartAsync(Token);
        await state.WaitUntilReadyAsync(Token);
        Assert.Empty(await storage.Get<ClusterStore>().ListAsync(Token));
        Assert.Equal(HealthStatus.Healthy, (await storage.Get<HealthCheckService>().CheckHealthAsync(Token)).Status);
        await startup.StopAsync(Token);
    }

    [Fact]
    public async Task Questions_survive_a_restart_of_the_server_and_writes_say_what_became_of_them()
    {
        await using var storage = await PreparedAsync();
        var cluster = await storage.AddClusterAsync("orders", Token);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => storage.Get<ClusterStore>().FindAsync(cluster, Token))); // fills the pool

        await Server.StopAsync(Token);
        var down = await Assert.ThrowsAsync<StorageUnavailableException>(() => storage.Get<ClusterStore>().ListAsync(Token));
        await Server.StartAsync(Token);

        Assert.Equal(StorageFault.Unreachable, down.Fault);
        Assert.True(down.IsTransient);
        Assert.Single(await storage.Get<ClusterStore>().ListAsync(Token));
    }

    [Fact]
    public async Task A_server_killed_in_the_middle_of_a_copy_keeps_nothing_of_it()
    {
        await using var storage = await PreparedAsync();
        var cluster = await storage.AddClusterAsync("orders", Token);
        var lease = await storage.Get<OwnershipStore>().TryClaimAsync(cluster, Guid.NewGuid(), Token);
        var at = TimeProvider.System.GetUtcNow();
        await storage.Get<HistoryStore>().AppendAsync(lease!, [HistoryFrame.OfCluster("m", TimeSpan.FromSeconds(1), at, 1)], Token);

        var failure = await Assert.ThrowsAsync<StorageUnavailableException>(() => storage.Get<EpochGuard>().WriteAsync(lease!, "copy", async (guarded, token) =>
        {
            await using var copy = await guarded.Connection.BeginBinaryImportAsync("COPY history_fine (series, at, objects, values) FROM STDIN (FORMAT BINARY)", token);
            for (var i = 1; i < 50_000; i++)
            {
                await copy.StartRowAsync(token);
                await copy.WriteAsync(1, NpgsqlDbType.Integer, token);
                await copy.WriteAsync(at.AddSeconds(i), NpgsqlDbType.TimestampTz, token);
                await copy.WriteAsync(new[] { 1 }, NpgsqlDbType.Array | NpgsqlDbType.Integer, token);
                await copy.WriteAsync(new[] { 1f }, NpgsqlDbType.Array | NpgsqlDbType.Real, token);
                if (i == 20_000)
                {
                    await Server.KillAsync(token);
                }
            }

            return await copy.CompleteAsync(token);
        }, Token));

        Assert.True(failure.Fault is StorageFault.Disconnected or StorageFault.Unreachable, failure.ToString());
        await Server.StartAsync(Token);
        Assert.Equal(1, await storage.ScalarAsync<long>("SELECT count(*) FROM history_fine", Token));
    }

    [Fact]
    public async Task A_frozen_server_is_reported_instead_of_waited_for()
    {
        await using var storage = await PreparedAsync(new() { ["Storage:CommandTimeout"] = "00:00:03" });
        var state = storage.Get<StorageState>();
        state.Report(new StorageStatus(StoragePhase.Ready, null, 1));
        await storage.Get<ClusterStore>().ListAsync(Token);
        await Server.PauseAsync(Token);
        try
        {
            var frozen = await Assert.ThrowsAsync<StorageUnavailableException>(() => storage.Get<ClusterStore>().ListAsync(Token));
            Assert.Equal(StorageFault.TimedOut, frozen.Fault);
            Assert.Equal(HealthStatus.Unhealthy, (await storage.Get<HealthCheckService>().CheckHealthAsync(Token)).Status);
        }
        finally
        {
            await Server.ResumeAsync(Token);
        }

        Assert.Empty(await storage.Get<ClusterStore>().ListAsync(Token));
    }

    public async ValueTask InitializeAsync()
    {
        _server = await StorageServer.StartOwnAsync(Token);
        _connectionString = await _server.CreateDatabaseAsync("outage", template: null, Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private static StorageStartup StartupOf(TestStorage storage) =>
        Assert.Single(storage.Services.GetServices<IHostedService>().OfType<StorageStartup>());

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(20, Token);
        }
    }

    private async Task<TestStorage> PreparedAsync(Dictionary<string, string?>? settings = null)
    {
        var storage = new TestStorage(_connectionString, settings: settings);
        await storage.Get<DatabaseSetup>().RunAsync(Token);
        return storage;
    }
}
