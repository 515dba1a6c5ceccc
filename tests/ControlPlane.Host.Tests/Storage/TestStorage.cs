using System.Security.Cryptography;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ControlPlane.Host.Tests.Storage;

/// <summary>The product's own storage composition on a test database: one of these is one process of the product.</summary>
internal sealed class TestStorage : IAsyncDisposable
{
    /// <summary>Longer than any pause of a busy machine, so that only a test that wants it sees a lease or a heartbeat expire.</summary>
    public const string LongLease = "00:03:00";

    private readonly string _folder = Directory.CreateTempSubdirectory("kcp-storage-").FullName;
    private readonly ServiceProvider _services;

    public TestStorage(string connectionString, bool pooled = true, string? masterKeyFile = null, Dictionary<string, string?>? settings = null)
    {
        ConnectionString = pooled ? connectionString : connectionString + ";Pooling=false";
        MasterKeyFile = masterKeyFile ?? NewMasterKey();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Storage:ConnectionString"] = ConnectionString,
                ["Storage:MasterKeyFile"] = MasterKeyFile,
                ["Storage:Lease"] = LongLease,
                ["Storage:CommandTimeout"] = "00:01:00",
                ["Storage:RetryInterval"] = "00:00:00.200",
            })
            .AddInMemoryCollection(settings ?? [])
            .Build();
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IHostApplicationLifetime>(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance))
            .AddStorage(configuration)
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
    }

    public string ConnectionString { get; }

    public string MasterKeyFile { get; }

    public IServiceProvider Services => _services;

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public string NewMasterKey(params string[] olderFiles)
    {
        var file = Path.Combine(_folder, Path.GetRandomFileName());
        File.WriteAllLines(file, ["# test", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)), .. olderFiles.SelectMany(File.ReadAllLines)]);
        return file;
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await Get<NpgsqlDataSource>().OpenConnectionAsync(cancellationToken);
        await using var command = connection.Command(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken)
    {
        await using var connection = await Get<NpgsqlDataSource>().OpenConnectionAsync(cancellationToken);
        await using var command = connection.Command(sql);
        return (T)(await command.ExecuteScalarAsync(cancellationToken) ?? throw new InvalidOperationException("No value."));
    }

    public async Task<ClusterId> AddClusterAsync(string id, CancellationToken cancellationToken)
    {
        var definition = new ClusterDefinition { Id = new ClusterId(id), Name = id, Kind = ClusterKind.Kafka, BootstrapServers = "localhost:9092" };
        Assert.IsType<ClusterAddition.Added>(await Get<ClusterStore>().AddAsync(definition, ClusterSecrets.None, cancellationToken));
        return definition.Id;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A fresh database for the tests of one class.</summary>
public abstract class StorageTests(StorageServer server) : IAsyncLifetime
{
    private TestStorage? _storage;

    internal TestStorage Storage => _storage ?? throw new InvalidOperationException("The test has not begun.");

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected StorageServer Server => server;

    public virtual async ValueTask InitializeAsync() => _storage = new TestStorage(await server.NewDatabaseAsync(Token));

    public virtual async ValueTask DisposeAsync()
    {
        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Waits until the database says so.</summary>
    internal async Task UntilAsync(string condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await Storage.ScalarAsync<bool>(condition, Token))
        {
            Assert.False(limit.IsCancellationRequested, $"Not within 60 s: {condition}");
            await Task.Delay(50, Token);
        }
    }

    /// <summary>A further process of the product on the same database, with the same master key.</summary>
    internal TestStorage AnotherProcess(Dictionary<string, string?>? settings = null) =>
        new(Storage.ConnectionString, masterKeyFile: Storage.MasterKeyFile, settings: settings);
}
