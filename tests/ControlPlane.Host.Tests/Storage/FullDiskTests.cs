using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ControlPlane.Host.Tests.Storage;

/// <summary>A server on a disk that is really full: what it says, what it keeps, and that it goes on once there is space.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private const int Megabytes = 192;

    private SmallDisk? _disk;
    private PostgresServer? _server;
    private string _connectionString = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SmallDisk Disk => _disk ?? throw new InvalidOperationException("The test has not begun.");

    [Fact]
    public async Task A_start_on_a_full_disk_waits_with_the_reason_and_goes_on_once_there_is_space()
    {
        await using var storage = new TestStorage(_connectionString);
        await FillAsync(storage);
        var (state, startup) = (storage.Get<StorageState>(), Assert.Single(storage.Services.GetServices<IHostedService>().OfType<StorageStartup>()));

        await startup.StartAsync(Token);
        await UntilAsync(() => state.Status.Problem is not null);

        Assert.Contains("has no disk space left", state.Status.Problem, StringComparison.Ordinal);
        Assert.Contains("Free or add space on the server; writing resumes by itself", state.Status.Problem, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Unhealthy, (await storage.Get<HealthCheckService>().CheckHealthAsync(Token)).Status);
        Disk.Free();
        await state.WaitUntilReadyAsync(Token);
        Assert.Empty(await storage.Get<ClusterStore>().ListAsync(Token)); // all tables are there
        await storage.AddClusterAsync("orders", Token);
        await startup.StopAsync(Token);
    }

    [Fact]
    public async Task A_disk_that_fills_up_stops_writes_with_the_reason_and_loses_nothing_that_was_acknowledged()
    {
        await using var storage = new TestStorage(_connectionString);
        await storage.Get<DatabaseSetup>().RunAsync(Token);
        var cluster = await storage.AddClusterAsync("orders", Token);
        var lease = await storage.Get<OwnershipStore>().TryClaimAsync(cluster, Guid.NewGuid(), Token);
        var (history, from) = (storage.Get<HistoryStore>(), TimeProvider.System.GetUtcNow());
        await AppendAsync(0);
        await FillAsync(storage);

        var (written, failure) = (1, (StorageUnavailableException?)null);
        for (; failure is null && written < 5_000; written += failure is null ? 1 : 0)
        {
            try
            {
                await AppendAsync(written);
            }
            catch (StorageUnavailableException ex)
            {
                failure = ex;
            }
        }

        Assert.Equal(StorageFault.Full, failure?.Fault);
        Assert.Contains("has no disk space left", failure!.Message, StringComparison.Ordinal);
        Assert.Equal(written, await storage.ScalarAsync<long>("SELECT count(*) FROM history_fine", Token));
        Assert.NotNull(await storage.Get<ClusterStore>().FindAsync(cluster, Token)); // reading goes on
        Disk.Free();
        await AppendAsync(written);
        Assert.Equal(written + 1, await storage.ScalarAsync<long>("SELECT count(*) FROM history_fine", Token));

        Task AppendAsync(int index) => history.AppendAsync(lease!, [HistoryFrame.OfCluster("m", TimeSpan.FromSeconds(1), from.AddSeconds(index), index)], Token);
    }

    public async ValueTask InitializeAsync()
    {
        _disk = SmallDisk.TryMount(Megabytes, out var why);
        Assert.SkipWhen(_disk is null, why);
        _server = await StorageServer.StartOwnAsync(Token, Disk.Path);
        _connectionString = await _server.CreateDatabaseAsync("full", template: null, Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_disk is not null)
        {
            await _disk.DisposeAsync();
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>With a fresh segment of the write-ahead log, which is laid out whole: the log of a full disk still takes some small writes.</summary>
    private async Task FillAsync(TestStorage storage)
    {
        await storage.ExecuteAsync("SELECT pg_switch_wal()", Token);
        await storage.ExecuteAsync("CHECKPOINT", Token);
        Disk.Fill();
    }
}
