using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

[assembly: AssemblyFixture(typeof(StorageServer))]

namespace ControlPlane.Host.Tests.Storage;

/// <summary>
/// One PostgreSQL for all tests of the assembly, with a migrated database to copy from. Where PostgreSQL is missing the
/// tests that need it are skipped with the reason; with CI set they fail.
/// </summary>
public sealed class StorageServer : IAsyncDisposable
{
    private const string Template = "kcp_template";

    private readonly SemaphoreSlim _once = new(1, 1);
    private PostgresServer? _server;
    private int _databases;

    /// <summary>Connection string of a fresh database with the current schema.</summary>
    public async Task<string> NewDatabaseAsync(CancellationToken cancellationToken)
    {
        var server = await StartedAsync(cancellationToken);
        return await server.CreateDatabaseAsync(NextName(), Template, cancellationToken);
    }

    /// <summary>Connection string of a database without any table.</summary>
    public async Task<string> NewEmptyDatabaseAsync(CancellationToken cancellationToken)
    {
        var server = await StartedAsync(cancellationToken);
        return await server.CreateDatabaseAsync(NextName(), template: null, cancellationToken);
    }

    /// <summary>A server of its own, for tests that stop or kill it. The caller disposes it.</summary>
    public static async Task<PostgresServer> StartOwnAsync(CancellationToken cancellationToken, string? parent = null)
    {
        try
        {
            return await PostgresServer.StartNewAsync(cancellationToken, parent);
        }
        catch (PostgresMissingException ex) when (Environment.GetEnvironmentVariable("CI") is null)
        {
            Assert.Skip(ex.Message);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _once.Dispose();
    }

    private string NextName() => $"kcp_{Interlocked.Increment(ref _databases)}";

    private async Task<PostgresServer> StartedAsync(CancellationToken cancellationToken)
    {
        await _once.WaitAsync(cancellationToken);
        try
        {
            if (_server is null)
            {
                var server = await StartOwnAsync(cancellationToken);
                await using var storage = new TestStorage(await server.CreateDatabaseAsync(Template, null, cancellationToken), pooled: false);
                await storage.Get<DatabaseSetup>().RunAsync(cancellationToken);
                await storage.ExecuteAsync("DELETE FROM master_key_checks", cancellationToken); // each test has keys of its own
                _server = server;
            }

            return _server;
        }
        finally
        {
            _once.Release();
        }
    }
}
