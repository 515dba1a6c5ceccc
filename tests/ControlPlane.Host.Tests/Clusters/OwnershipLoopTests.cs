using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Host.Tests.Api;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Hosting;
using ControlPlane.Sampling;
using ControlPlane.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Host.Tests.Clusters;

/// <summary>Two processes of the product in one: each with its own registry and loop, on one real database.</summary>
public sealed class OwnershipLoopTests(StorageServer server) : StorageTests(server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Two_processes_share_the_clusters_and_one_takes_over_what_the_other_hands_over()
    {
        await AddSimulatedAsync(4);
        await using var left = Process();
        await using var right = Process();
        await left.StartAsync();
        await UntilAsync(() => left.Registry.Owned.Count == 4, "the first process owns all");
        await UntilAsync(() => left.Registry.Owned.All(id => left.Registry.Find(id)?.Counts.OfflinePartitions == 0), "they are sampled");

        await right.StartAsync();
        await UntilAsync(() => left.Registry.Owned.Count == 2 && right.Registry.Owned.Count == 2, "they share");
        Assert.Empty(left.Registry.Owned.Intersect(right.Registry.Owned));

        await left.StopAsync();
        await UntilAsync(() => right.Registry.Owned.Count == 4, "the second takes over");
        Assert.Empty(left.Registry.Owned);
        await right.StopAsync();
    }

    [Fact]
    public async Task A_process_that_stops_before_the_database_is_ready_leaves_its_tables_alone()
    {
        await Storage.ExecuteAsync("DROP SCHEMA public CASCADE", Token);
        await using var process = Process();
        await process.Loop.StartAsync(Token);
        await process.StopAsync();
        Assert.DoesNotContain(nameof(OwnershipLoop), process.Lines.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lease_that_cannot_be_proven_ends_the_work_without_asking_anybody()
    {
        await AddSimulatedAsync(1);
        await using var process = Process();
        await process.StartAsync();
        await UntilAsync(() => process.Registry.Owned.Count == 1, "it is owned");
        var cluster = process.Registry.OwnedClusters.Single();

        cluster.Renew(cluster.Lease with { LocalDeadline = TimeProvider.System.GetTimestamp() - 1 }); // as after a SIGSTOP past the lease

        Assert.False(cluster.MayAct);
        Assert.Empty(process.Registry.Owned);
        Assert.Null(process.Registry.Find(cluster.Id));
        await UntilAsync(() => cluster.Stopping.IsCancellationRequested, "its work ends");
        await process.StopAsync();
    }

    [Fact]
    public async Task A_removed_cluster_is_dropped_and_an_edited_one_is_opened_anew()
    {
        await AddSimulatedAsync(2);
        await using var process = Process();
        await process.StartAsync();
        await UntilAsync(() => process.Registry.Owned.Count == 2, "they are owned");
        var store = Storage.Get<ClusterStore>();
        var (removed, edited) = (new ClusterId("demo-0"), new ClusterId("demo-1"));
        await UntilAsync(() => process.Registry.Find(edited)?.Brokers.Length == 3, "it has three brokers");

        await store.RemoveAsync(removed, Token);
        await UpdateAsync(store, edited, """{"brokers":4,"topics":2,"groups":1}""");
        process.Loop.Nudge();

        await UntilAsync(() => !process.Registry.Owned.Contains(removed), "the removed one is gone");
        await UntilAsync(() => process.Registry.Find(edited)?.Brokers.Length == 4, "the edited one has four brokers");
        await process.StopAsync();
    }

    [Fact]
    public async Task Only_what_reaches_a_cluster_opens_its_connection_anew()
    {
        await AddSimulatedAsync(1);
        var (store, id) = (Storage.Get<ClusterStore>(), new ClusterId("demo-0"));
        await using var process = Process();
        await process.StartAsync();
        await UntilAsync(() => process.Registry.Find(id)?.Brokers.Length == 3, "it is sampled");
        var opened = process.Registry.OwnedClusters.Single();

        await EditAsync(store, id, definition => definition with { Name = "Renamed", Labels = definition.Labels.Add("team", "a") }, secrets: null);
        process.Loop.Nudge();
        await UntilAsync(() => opened.Stored.Definition is { Name: "Renamed", Labels.Count: 1 }, "it has its new name");
        await EditAsync(store, id, definition => definition with { Name = "Again" }, ClusterSecrets.None); // entered anew, but the same
        process.Loop.Nudge();
        await UntilAsync(() => opened.Stored.Definition.Name == "Again", "it has its newer name");
        Assert.Same(opened, process.Registry.OwnedClusters.Single());

        await EditAsync(store, id, definition => definition, new ClusterSecrets(new Dictionary<string, string> { ["password"] = "new" }));
        process.Loop.Nudge();
        await UntilAsync(() => process.Registry.OwnedClusters.SingleOrDefault() is { } now && now != opened, "a new password opens it anew");
        await process.StopAsync();
    }

    private static Task UpdateAsync(ClusterStore store, ClusterId id, string simulation) =>
        EditAsync(store, id, definition => definition with { Simulation = simulation }, secrets: null);

    private static async Task EditAsync(ClusterStore store, ClusterId id, Func<ClusterDefinition, ClusterDefinition> edit, ClusterSecrets? secrets)
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var stored = await store.FindAsync(id, Token) ?? throw new InvalidOperationException("The cluster is gone.");
            if (await store.UpdateAsync(edit(stored.Definition), secrets, stored.Version, Token) is ControlPlane.Storage.ClusterChange.Changed)
            {
                return; // else its owner noted the Kafka id in between
            }
        }

        Assert.Fail("The cluster could not be edited.");
    }

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"Not within {Patience}: {what}");
            await Task.Delay(50, Token);
        }
    }

    private async Task AddSimulatedAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var definition = new ClusterDefinition
            {
                Id = new ClusterId($"demo-{i}"),
                Name = "demo",
                Kind = ClusterKind.Simulated,
                Simulation = """{"brokers":3,"topics":2,"groups":1}""",
            };
            Assert.IsType<ClusterAddition.Added>(await Storage.Get<ClusterStore>().AddAsync(definition, ClusterSecrets.None, Token));
        }
    }

    private TestProcess Process() => new(Storage.ConnectionString, Storage.MasterKeyFile);

    /// <summary>Storage, clusters and sampling as Program composes them, without a web server.</summary>
    private sealed class TestProcess : IAsyncDisposable
    {
        private readonly ServiceProvider _services;

        public TestProcess(string connectionString, string masterKeyFile)
        {
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Storage:ConnectionString"] = connectionString,
                ["Storage:MasterKeyFile"] = masterKeyFile,
            }).Build();
            _services = new ServiceCollection()
                .AddLogging(logging => logging.AddProvider(Lines))
                .AddMetrics()
                .AddSingleton<IHostApplicationLifetime>(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance))
                .AddStorage(configuration)
                .AddClusters()
                .AddSampling(configuration)
                .AddSingleton<IKafkaClusterSource, SimulatedKafkaSource>()
                .BuildServiceProvider();
            Loop = _services.GetRequiredService<OwnershipLoop>();
            Registry = _services.GetRequiredService<ClusterRegistry>();
        }

        public LogLines Lines { get; } = new();

        public OwnershipLoop Loop { get; }

        public ClusterRegistry Registry { get; }

        public async Task StartAsync()
        {
            _services.GetRequiredService<StorageState>().Report(new StorageStatus(StoragePhase.Ready, null, 1)); // the template is migrated
            _services.GetRequiredService<ProcessIdentity>().Advertise("http://127.0.0.1:1");
            await Loop.StartAsync(Token);
        }

        public Task StopAsync() => Loop.StopAsync(Token);

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
