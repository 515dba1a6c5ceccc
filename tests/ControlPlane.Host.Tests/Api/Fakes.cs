using System.Collections.Concurrent;
using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Api;

/// <summary>Pictures that the test puts in.</summary>
internal sealed class FakeViews : IClusterViews
{
    private readonly ConcurrentDictionary<ClusterId, ClusterModel> _models = new();
    private readonly ChangeHub _changes = new();

    public ConcurrentDictionary<ClusterId, Uri> Elsewhere { get; } = new();

    public ConcurrentDictionary<ClusterId, ClusterLease> Leases { get; } = new();

    public ConcurrentBag<ClusterId> Refreshed { get; } = [];

    public IReadOnlyCollection<ClusterId> Owned => [.. _models.Keys];

    public FakeKafka Kafka { get; } = new();

    /// <summary>Clusters that answer for themselves.</summary>
    public ConcurrentDictionary<ClusterId, IKafkaCluster> Connected { get; } = new();

    public void Publish(ClusterModel model)
    {
        _models[model.Id] = model;
        _changes.Publish(new ControlPlane.Clusters.ClusterChange(model.Id, ChangeKind.State, model.Generation));
    }

    public void Lose(ClusterId id) => _models.TryRemove(id, out _);

    public ClusterModel? Find(ClusterId cluster) => _models.GetValueOrDefault(cluster);

    public Uri? OwnerElsewhere(ClusterId cluster) => Elsewhere.GetValueOrDefault(cluster);

    public ClusterLease? FindLease(ClusterId cluster) => Leases.GetValueOrDefault(cluster);

    /// <summary>Called on the thread that announces, before anybody else hears of it: what a test holds here, stands still.</summary>
    public Action<ClusterId>? Announced { get; set; }

    public void Announce(ClusterId cluster, ChangeKind kind)
    {
        Announced?.Invoke(cluster);
        _changes.Publish(new ControlPlane.Clusters.ClusterChange(cluster, kind, 0));
    }

    public IKafkaCluster? FindKafka(ClusterId cluster) => Connected.TryGetValue(cluster, out var own) ? own : _models.ContainsKey(cluster) ? Kafka : null;

    public IDemoControls? FindDemo(ClusterId cluster) => _models.ContainsKey(cluster) && cluster.Value.StartsWith("demo", StringComparison.Ordinal) ? new FakeDemo() : null;

    public ValueTask RequestRefreshAsync(ClusterId cluster, CancellationToken cancellationToken)
    {
        Refreshed.Add(cluster);
        return ValueTask.CompletedTask;
    }

    public IAsyncEnumerable<ControlPlane.Clusters.ClusterChange> WatchAsync(CancellationToken cancellationToken) => _changes.WatchAsync(cancellationToken);

    private sealed class FakeDemo : IDemoControls
    {
        public Task<string> ApplyAsync(DemoAction action, CancellationToken cancellationToken) =>
            action.BrokerId == 99 ? throw new ArgumentException("There is no broker 99.") : Task.FromResult($"Did {action.Kind}.");
    }
}

/// <summary>Opens clusters that answer as their bootstrap address says.</summary>
internal sealed class FakeKafkaSource : IKafkaClusterSource
{
    public ClusterKind Kind => ClusterKind.Kafka;

    public Task<IKafkaCluster> OpenAsync(ClusterDefinition definition, ClusterSecrets secrets, CancellationToken cancellationToken) =>
        Task.FromResult<IKafkaCluster>(new FakeKafka { Bootstrap = definition.BootstrapServers });
}

/// <summary>Only what the API asks on demand.</summary>
internal sealed class FakeKafka : IKafkaCluster
{
    public event Action<BrokerProbe>? ConnectionBroken
    {
        add { }
        remove { }
    }

    public string? Bootstrap { get; init; }

    public Task<Sampled<IdentitySample>> IdentifyAsync(CancellationToken cancellationToken) => Task.FromResult(Bootstrap?.StartsWith("same", StringComparison.Ordinal) == true
        ? new Sampled<IdentitySample>(ClusterBuilder.At, new IdentitySample("the-same-kafka", "4.3", "kraft", 3, [], []), [])
        : new Sampled<IdentitySample>(ClusterBuilder.At, null, [new SampleFailure(null, "Metadata", FailureKind.Unreachable, $"Nothing listens at {Bootstrap}. Check the address.")]));

    public Task<Sampled<IReadOnlyList<ConfigEntry>>> FetchTopicConfigAsync(string topic, CancellationToken cancellationToken) =>
        Task.FromResult(new Sampled<IReadOnlyList<ConfigEntry>>(ClusterBuilder.At, [new ConfigEntry("retention.ms", "1000", ConfigSource.TopicOverride, false, false), new ConfigEntry("cleanup.policy", "delete", ConfigSource.Default, false, false)], []));

    public Task<Sampled<LivenessSample>> ProbeAsync(IReadOnlyList<ObservedBroker> brokers, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Sampled<TopologySample>> FetchTopologyAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Sampled<QuorumSample>> FetchQuorumAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Sampled<ReassignmentsSample>> FetchReassignmentsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Sampled<LogDirsSample>> FetchLogDirsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Sampled<OffsetsSample>> FetchOffsetsAsync(ClusterModel model, OffsetsRound? round, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Sampled<GroupsSample>> FetchGroupsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Sampled<BrokerConfigsSample>> FetchBrokerConfigsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Sampled<TopicConfigsSample>> FetchTopicConfigsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
