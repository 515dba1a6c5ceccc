using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Clusters;

/// <summary>Stands where a cluster's settings can't work: every sample fails with the reason, so that it shows like any other trouble.</summary>
internal sealed class UnusableCluster(string reason, TimeProvider time) : IKafkaCluster
{
    public event Action<BrokerProbe>? ConnectionBroken
    {
        add { } // nothing is connected, so nothing breaks
        remove { }
    }

    public Task<Sampled<IdentitySample>> IdentifyAsync(CancellationToken cancellationToken) => Fail<IdentitySample>();

    public Task<Sampled<LivenessSample>> ProbeAsync(IReadOnlyList<ObservedBroker> brokers, CancellationToken cancellationToken) => Fail<LivenessSample>();

    public Task<Sampled<TopologySample>> FetchTopologyAsync(CancellationToken cancellationToken) => Fail<TopologySample>();

    public Task<Sampled<QuorumSample>> FetchQuorumAsync(CancellationToken cancellationToken) => Fail<QuorumSample>();

    public Task<Sampled<ReassignmentsSample>> FetchReassignmentsAsync(CancellationToken cancellationToken) => Fail<ReassignmentsSample>();

    public Task<Sampled<LogDirsSample>> FetchLogDirsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) => Fail<LogDirsSample>();

    public Task<Sampled<OffsetsSample>> FetchOffsetsAsync(ClusterModel model, OffsetsRound? round, CancellationToken cancellationToken) => Fail<OffsetsSample>();

    public Task<Sampled<GroupsSample>> FetchGroupsAsync(CancellationToken cancellationToken) => Fail<GroupsSample>();

    public Task<Sampled<BrokerConfigsSample>> FetchBrokerConfigsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) => Fail<BrokerConfigsSample>();

    public Task<Sampled<TopicConfigsSample>> FetchTopicConfigsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken) => Fail<TopicConfigsSample>();

    public Task<Sampled<IReadOnlyList<ConfigEntry>>> FetchTopicConfigAsync(string topic, CancellationToken cancellationToken) => Fail<IReadOnlyList<ConfigEntry>>();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<Sampled<T>> Fail<T>()
        where T : class
        => Task.FromResult(new Sampled<T>(time.GetUtcNow(), null, [new SampleFailure(null, "connect", FailureKind.Error, reason)]));
}
