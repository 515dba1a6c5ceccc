using System.Collections.Concurrent;
using System.Collections.Immutable;
using ControlPlane.Anomalies;
using ControlPlane.Clusters;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Host.Tests.Anomalies;

/// <summary>
/// One process of the product with the watch as its only work, on a real database and a clock that the test moves. Samples are
/// what the test says: brokers 1 to 3, one topic on all of them.
/// </summary>
internal sealed class AnomalyBench : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(9);

    private readonly FakeTime _time = new();
    private readonly Dictionary<int, DateTimeOffset> _downSince = [];
    private readonly ServiceProvider _services;
    private OwnedCluster? _owned;

    public AnomalyBench(TestStorage storage, ClusterId cluster, params IAnomalySink[] sinks)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = storage.ConnectionString,
            ["Storage:MasterKeyFile"] = storage.MasterKeyFile,
            ["Storage:Lease"] = "00:05:00",
        }).Build();
        var services = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton<TimeProvider>(_time)
            .AddSingleton<IHostApplicationLifetime>(new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance))
            .AddStorage(configuration)
            .AddClusters()
            .AddAnomalies();
        foreach (var sink in sinks)
        {
            services.AddSingleton(sink);
        }

        _services = services.BuildServiceProvider();
        Cluster = cluster;
    }

    public ClusterId Cluster { get; }

    /// <summary>Brokers that refuse connections.</summary>
    public HashSet<int> Down { get; } = [];

    public AnomalyStore Store => _services.GetRequiredService<AnomalyStore>();

    public AnomalyWriter Writer => _services.GetRequiredService<AnomalyWriter>();

    public ChangeHub Changes => _services.GetRequiredService<ChangeHub>();

    public IReadOnlyList<Anomaly> Open => _services.GetRequiredService<IOpenAnomalies>().Of(Cluster);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task<ClusterLease> ClaimAsync() =>
        await _services.GetRequiredService<OwnershipStore>().TryClaimAsync(Cluster, Guid.NewGuid(), Token) ?? throw new InvalidOperationException("The cluster is not free.");

    public Task ReleaseAsync(ClusterLease lease) => _services.GetRequiredService<OwnershipStore>().ReleaseAsync(lease, Token);

    public async Task StartAsync(ClusterLease lease)
    {
        var stored = await _services.GetRequiredService<ClusterStore>().FindAsync(Cluster, Token);
        _owned = new OwnedCluster(stored!, lease, new UnusableCluster("not connected in this test", _time), _services.GetRequiredService<ClusterServices>());
        _owned.Start();
    }

    public async Task StopAsync()
    {
        if (_owned is { } owned)
        {
            _owned = null;
            await owned.DisposeAsync();
        }
    }

    /// <summary>Lets time pass with fresh samples each second until the condition holds.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Patience);
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, $"Not within {Patience}: {what}; open are {string.Join(", ", Open.Select(one => $"{one.Key} {one.State}"))}");
            await SampleAsync();
            _time.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Delay(10, Token);
        }
    }

    public Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
    }

    private async Task SampleAsync()
    {
        var now = _time.GetUtcNow();
        var actor = _owned!.Actor;
        foreach (var broker in Enumerable.Range(1, 3))
        {
            if (!Down.Contains(broker))
            {
                _downSince.Remove(broker);
            }
            else
            {
                _downSince.TryAdd(broker, now);
            }
        }

        await actor.PostAsync(new SampleTaken<TopologySample>(SampleKind.Topology, Interval, new(now, Topology(), [])), Token);
        await actor.PostAsync(new SampleTaken<ReassignmentsSample>(SampleKind.Reassignments, Interval, new(now, new ReassignmentsSample([]), [])), Token);
        await actor.PostAsync(new SampleTaken<LivenessSample>(SampleKind.Liveness, Interval, new(now, new LivenessSample([.. Enumerable.Range(1, 3).Select(Probe)]), [])), Token);
    }

    /// <summary>As a crash looks: the controller notices later than our connections, else it were a controlled shutdown.</summary>
    private bool IsFenced(int broker) => _downSince.TryGetValue(broker, out var since) && _time.GetUtcNow() - since >= SessionTimeout;

    private BrokerProbe Probe(int broker) => Down.Contains(broker)
        ? new BrokerProbe(broker, ProbeOutcome.Refused, TimeSpan.Zero, "connection refused")
        : new BrokerProbe(broker, ProbeOutcome.Answered, TimeSpan.Zero, "answers");

    private TopologySample Topology()
    {
        int[] replicas = [1, 2, 3];
        var table = new PartitionTable
        {
            TopicName = ["orders"],
            TopicId = [Guid.Empty],
            TopicInternal = [false],
            TopicMinInSync = [2],
            TopicStart = [0, 1],
            Topic = [0],
            Leader = [1],
            LeaderEpoch = [0],
            ReplicaStart = [0, 3],
            ReplicaBroker = replicas,
            ReplicaFlags = [.. replicas.Select(broker => IsFenced(broker) ? ReplicaFlags.None : ReplicaFlags.InSync)],
        };
        return new TopologySample("kafka", 1, [.. replicas.Select(broker => new ObservedBroker(broker, $"b{broker}", 9092, $"r{broker}", IsFenced(broker)))], table);
    }
}

/// <summary>Writes one row for each transition it hears of, in the transaction it is given, and may then fail.</summary>
internal sealed class RowSink(int failures = 0) : IAnomalySink
{
    public const string Table = "CREATE TABLE IF NOT EXISTS heard (anomaly uuid, state text)";

    private int _failures = failures;
    private int _committed;

    public ConcurrentQueue<string> Heard { get; } = new();

    public int Committed => Volatile.Read(ref _committed);

    public async Task WriteAsync(GuardedWrite write, IReadOnlyList<AnomalyTransition> transitions, CancellationToken cancellationToken)
    {
        foreach (var transition in transitions)
        {
            await using var command = write.Connection.Command("INSERT INTO heard VALUES ($1, $2)", transition.Anomaly.Id, transition.Anomaly.State.ToString());
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        if (Interlocked.Decrement(ref _failures) >= 0)
        {
            throw new InvalidOperationException("This sink fails.");
        }

        foreach (var transition in transitions)
        {
            Heard.Enqueue($"{transition.Before?.ToString() ?? "new"}>{transition.Anomaly.State}");
        }
    }

    void IAnomalySink.Committed() => Interlocked.Increment(ref _committed);
}
