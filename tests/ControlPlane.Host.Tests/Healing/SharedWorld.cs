using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Simulation;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Healing;

/// <summary>
/// One simulated cluster that outlives the processes which watch it, as a real one does. The product has the wall's clock, as ever; the world has
/// its own, which can hurry: what is copied for hours, a test waits for seconds. Its samples carry the clock of the product.
/// </summary>
internal sealed class SharedWorld(SimulationSpec spec) : IKafkaClusterSource, IAsyncDisposable
{
    /// <summary>At twice the pace a dead broker is fenced after 4.5 s: later than a controlled shutdown shows (LivenessLimits), at whatever moment somebody looks.</summary>
    private const double Pace = 2;

    private readonly ScaledTime _own = new(Pace);
    private SimulatedKafkaCluster? _kafka;

    public SimulatedKafkaCluster Kafka => _kafka ??= SimulatedKafkaCluster.Open(spec, _own);

    /// <summary>The cluster no longer lists its reassignments.</summary>
    public bool HidesReassignments { get; set; }

    public ClusterKind Kind => ClusterKind.Simulated;

    public Task<IKafkaCluster> OpenAsync(ClusterDefinition definition, ClusterSecrets secrets, CancellationToken cancellationToken) => Task.FromResult<IKafkaCluster>(new Visit(this));

    public Task KillAsync(int broker) => Kafka.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, broker, null), TestContext.Current.CancellationToken);

    public Task RestoreAsync() => Kafka.ApplyAsync(new DemoAction(DemoActionKind.Restore, null, null), TestContext.Current.CancellationToken);

    /// <summary>Only while something is copied: at this pace a crash could not be told from a shutdown.</summary>
    public void Hurry() => _own.Pace(5_000);

    public ValueTask DisposeAsync() => Kafka.DisposeAsync();

    /// <summary>One process's connection to it.</summary>
    private sealed class Visit(SharedWorld world) : IKafkaCluster
    {
        public event Action<BrokerProbe>? ConnectionBroken
        {
            add => world.Kafka.ConnectionBroken += value;
            remove => world.Kafka.ConnectionBroken -= value;
        }

        public IKafkaOperations? Operations => world.Kafka.Operations;

        public Task<Sampled<IdentitySample>> IdentifyAsync(CancellationToken cancellationToken) => StampAsync(world.Kafka.IdentifyAsync(cancellationToken));

        public Task<Sampled<LivenessSample>> ProbeAsync(IReadOnlyList<ObservedBroker> brokers, CancellationToken cancellationToken) => StampAsync(world.Kafka.ProbeAsync(brokers, cancellationToken));

        public Task<Sampled<TopologySample>> FetchTopologyAsync(CancellationToken cancellationToken) => StampAsync(world.Kafka.FetchTopologyAsync(cancellationToken));

        public Task<Sampled<QuorumSample>> FetchQuorumAsync(CancellationToken cancellationToken) => StampAsync(world.Kafka.FetchQuorumAsync(cancellationToken));

        public async Task<Sampled<ReassignmentsSample>> FetchReassignmentsAsync(CancellationToken cancellationToken)
        {
            var sample = await StampAsync(world.Kafka.FetchReassignmentsAsync(cancellationToken));
            return world.HidesReassignments
                ? sample with { Value = null, Failures = [new SampleFailure(null, "ListPartitionReassignments", FailureKind.TimedOut, "The controller did not answer.")] }
                : sample;
        }

        public Task<Sampled<LogDirsSample>> FetchLogDirsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) => StampAsync(world.Kafka.FetchLogDirsAsync(brokerIds, cancellationToken));

        public Task<Sampled<OffsetsSample>> FetchOffsetsAsync(ClusterModel model, OffsetsRound? round, CancellationToken cancellationToken) => StampAsync(world.Kafka.FetchOffsetsAsync(model, round, cancellationToken));

        public Task<Sampled<GroupsSample>> FetchGroupsAsync(CancellationToken cancellationToken) => StampAsync(world.Kafka.FetchGroupsAsync(cancellationToken));

        public Task<Sampled<BrokerConfigsSample>> FetchBrokerConfigsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) => StampAsync(world.Kafka.FetchBrokerConfigsAsync(brokerIds, cancellationToken));

        public Task<Sampled<TopicConfigsSample>> FetchTopicConfigsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken) => StampAsync(world.Kafka.FetchTopicConfigsAsync(topics, cancellationToken));

        public Task<Sampled<IReadOnlyList<ConfigEntry>>> FetchTopicConfigAsync(string topic, CancellationToken cancellationToken) => StampAsync(world.Kafka.FetchTopicConfigAsync(topic, cancellationToken));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private async Task<Sampled<T>> StampAsync<T>(Task<Sampled<T>> sample)
            where T : class => await sample with { At = TimeProvider.System.GetUtcNow() };
    }
}
