using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Hosting;
using ControlPlane.Sampling;
using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Host.Tests.Clusters;

/// <summary>A server of its own, because it is stopped; a whole process, because an outage ends the ownership too.</summary>
public sealed class EventWriterTests : IAsyncLifetime
{
    private PostgresServer? _server;
    private string _connectionString = "";
    private TestStorage? _storage;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PostgresServer Server => _server ?? throw new InvalidOperationException("The test has not begun.");

    private TestStorage Storage => _storage ?? throw new InvalidOperationException("The test has not begun.");

    [Fact]
    public async Task What_was_noted_before_and_during_an_outage_of_the_database_is_stored_after_it()
    {
        await using var services = Compose();
        var (loop, writer, registry, log) = (services.GetRequiredService<OwnershipLoop>(), services.GetRequiredService<EventWriter>(), services.GetRequiredService<ClusterRegistry>(), services.GetRequiredService<EventLog>());
        await loop.StartAsync(Token);
        await writer.StartAsync(Token);
        await UntilAsync(() => Task.FromResult(registry.OwnedClusters.Count == 1));
        var lease = registry.OwnedClusters.Single().Lease;
        Note(log, lease, 0, 50);
        await UntilAsync(async () => await CountAsync("broker") == 50);

        await Server.StopAsync(Token);
        Note(log, lease, 50, 650);
        await UntilAsync(() => Task.FromResult(registry.OwnedClusters.Count == 0)); // the lease ran out unproven
        await Server.StartAsync(Token);
        await UntilAsync(async () => await CountAsync("broker") >= 650);

        Assert.Equal(650, await CountAsync("broker"));
        Assert.Equal(0, log.Forgotten);
        Assert.True(await CountAsync("ownership") >= 2, "The first claim and the one after the outage are told.");

        Note(log, registry.OwnedClusters.Single().Lease, 650, 651);
        await writer.StopAsync(Token);
        await loop.StopAsync(Token);
        Assert.Equal(651, await CountAsync("broker"));
    }

    public async ValueTask InitializeAsync()
    {
        _server = await StorageServer.StartOwnAsync(Token);
        _connectionString = await _server.CreateDatabaseAsync("events", template: null, Token);
        _storage = new TestStorage(_connectionString, pooled: false); // the test's own questions don't meet connections of before the outage
        await _storage.Get<DatabaseSetup>().RunAsync(Token);
        await _storage.Get<ClusterStore>().AddAsync(
            new ClusterDefinition { Id = new ClusterId("demo"), Name = "demo", Kind = ClusterKind.Simulated, Simulation = """{"brokers":3,"topics":2,"groups":1}""" }, ClusterSecrets.None, Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    internal static void Note(EventLog log, ClusterLease lease, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            log.Note(lease, new ClusterEffect.BrokerChanged(i, BrokerState.Active, BrokerState.Down, "refused"));
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(50, Token);
        }
    }

    private Task<long> CountAsync(string kind) => Storage.ScalarAsync<long>($"SELECT count(*) FROM cluster_events WHERE kind = '{kind}'", Token);

    private ServiceProvider Compose()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = _connectionString,
            ["Storage:MasterKeyFile"] = Storage.MasterKeyFile,
            ["Storage:Lease"] = "00:00:03",
        }).Build();
        var services = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton<IHostApplicationLifetime>(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance))
            .AddStorage(configuration)
            .AddClusters()
            .AddSampling(configuration)
            .AddSingleton<IKafkaClusterSource, SimulatedKafkaSource>()
            .BuildServiceProvider();
        services.GetRequiredService<StorageState>().Report(new StorageStatus(StoragePhase.Ready, null, 1));
        services.GetRequiredService<ProcessIdentity>().Advertise("http://127.0.0.1:1");
        return services;
    }
}
