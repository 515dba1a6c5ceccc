using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Host.Tests.Execution;

/// <summary>Passes everything on, and closes nothing when it is disposed.</summary>
internal sealed class BorrowedCluster(IKafkaCluster kafka) : IKafkaCluster
{
    public event Action<BrokerProbe>? ConnectionBroken
    {
        add => kafka.ConnectionBroken += value;
        remove => kafka.ConnectionBroken -= value;
    }

    public IKafkaOperations? Operations => kafka.Operations;

    public Task<Sampled<IdentitySample>> IdentifyAsync(CancellationToken cancellationToken) => kafka.IdentifyAsync(cancellationToken);

    public Task<Sampled<LivenessSample>> ProbeAsync(IReadOnlyList<ObservedBroker> brokers, CancellationToken cancellationToken) => kafka.ProbeAsync(brokers, cancellationToken);

    public Task<Sampled<TopologySample>> FetchTopologyAsync(CancellationToken cancellationToken) => kafka.FetchTopologyAsync(cancellationToken);

    public Task<Sampled<QuorumSample>> FetchQuorumAsync(CancellationToken cancellationToken) => kafka.FetchQuorumAsync(cancellationToken);

    public Task<Sampled<ReassignmentsSample>> FetchReassignmentsAsync(CancellationToken cancellationToken) => kafka.FetchReassignmentsAsync(cancellationToken);

    public Task<Sampled<LogDirsSample>> FetchLogDirsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) => kafka.FetchLogDirsAsync(brokerIds, cancellationToken);

    public Task<Sampled<OffsetsSample>> FetchOffsetsAsync(ClusterModel model, OffsetsRound? round, CancellationToken cancellationToken) => kafka.FetchOffsetsAsync(model, round, cancellationToken);

    public Task<Sampled<GroupsSample>> FetchGroupsAsync(CancellationToken cancellationToken) => kafka.FetchGroupsAsync(cancellationToken);

    public Task<Sampled<BrokerConfigsSample>> FetchBrokerConfigsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) => kafka.FetchBrokerConfigsAsync(brokerIds, cancellationToken);

    public Task<Sampled<TopicConfigsSample>> FetchTopicConfigsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken) => kafka.FetchTopicConfigsAsync(topics, cancellationToken);

    public Task<Sampled<IReadOnlyList<ConfigEntry>>> FetchTopicConfigAsync(string topic, CancellationToken cancellationToken) => kafka.FetchTopicConfigAsync(topic, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
