using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Connectivity.Spread;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;

namespace ControlPlane.Connectivity;

/// <summary>
/// A real Kafka cluster behind the port: asks through our wire client and translates answers and failures. The idle connections of
/// the probes are read all the time, so that a killed broker is noticed when its kernel closes them.
/// </summary>
internal sealed class RealKafkaCluster : IKafkaCluster
{
    private readonly KafkaNetwork _network;
    private readonly KafkaAdmin _admin;
    private readonly BrokerProber _prober;
    private readonly CostMeter _cost;
    private readonly ClusterQuestions _questions;
    private readonly GroupReader _groups;

    public RealKafkaCluster(KafkaConnectionSettings settings, KafkaNetworkOptions options)
    {
        _network = new KafkaNetwork(settings, options);
        _admin = new KafkaAdmin(_network, new KafkaAdminOptions { RetryFor = TimeSpan.FromSeconds(5) });
        (_prober, _cost) = (new BrokerProber(_network), new CostMeter(_network.Counters));
        (_questions, _groups) = (new ClusterQuestions(Time, _cost), new GroupReader(_admin));
        (Operations, GroupOperations) = (new RealKafkaOperations(_admin), new RealGroupOperations(_admin, _questions));
        PartitionQuestions = new RealPartitionQuestions(_admin, _questions);
        _network.ConnectionChanged += OnConnectionChanged;
    }

    public event Action<BrokerProbe>? ConnectionBroken;

    public IKafkaOperations Operations { get; }

    public IGroupOperations GroupOperations { get; }

    public IPartitionQuestions PartitionQuestions { get; }

    public Func<OffsetsShare, Stream, CancellationToken, Task> ShipOffsets => (share, to, cancellationToken) => new ShareShipper(_admin, share).RunAsync(to, cancellationToken);

    private TimeProvider Time => _network.Time;

    public IOffsetsFeed FollowOffsets(Func<int, IGroupEvents> events, IReadOnlyCollection<OffsetsPosition>? from = null, IOffsetsHiring? hiring = null) =>
        new OffsetsTail(_admin, events, from, hiring: hiring);


    public void UseCommits(IKnownCommits? commits) => _groups.Commits = commits;

    public Task<Sampled<IdentitySample>> IdentifyAsync(CancellationToken cancellationToken) =>
        _questions.AskAsync("Identify", token => new IdentityReader(_admin).ReadAsync(token), cancellationToken);

    public async Task<Sampled<LivenessSample>> ProbeAsync(IReadOnlyList<ObservedBroker> brokers, CancellationToken cancellationToken)
    {
        var began = Time.GetTimestamp();
        var probes = await Task.WhenAll(brokers.Select(broker => _prober.ProbeAsync(broker, cancellationToken)));
        return new Sampled<LivenessSample>(Time.GetUtcNow(), new LivenessSample([.. probes]), []) { Cost = _cost.Take(), Took = Time.GetElapsedTime(began) };
    }

    public Task<Sampled<TopologySample>> FetchTopologyAsync(CancellationToken cancellationToken) =>
        _questions.AskAsync("Metadata", token => new TopologyReader(_admin).ReadAsync(token), cancellationToken);

    public Task<Sampled<QuorumSample>> FetchQuorumAsync(CancellationToken cancellationToken) =>
        _questions.AskAsync("DescribeQuorum", ReadQuorumAsync, cancellationToken);

    public Task<Sampled<ReassignmentsSample>> FetchReassignmentsAsync(CancellationToken cancellationToken) => _questions.AskAsync(
        "ListPartitionReassignments",
        async token => Whole(new ReassignmentsSample(
        [
            .. (await _admin.FetchReassignmentsAsync(null, token)).Select(one =>
                new ObservedReassignment(one.Topic, one.Partition, [.. one.Replicas], [.. one.Adding], [.. one.Removing])),
        ])),
        cancellationToken);

    public Task<Sampled<LogDirsSample>> FetchLogDirsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) => _questions.AskAsync(
        "DescribeLogDirs",
        async token =>
        {
            var results = await _admin.FetchLogDirsAsync(brokerIds, null, token);
            var sample = new LogDirsSample(results.Values.ToImmutableDictionary(pair => pair.Key, pair => LoadReader.LogDirs(pair.Value)));
            return new Part<LogDirsSample>(sample.ByBroker.IsEmpty && !results.IsComplete ? null : sample, SampleFailures.Of("DescribeLogDirs", results.Failures));
        },
        cancellationToken);

    public async Task<Sampled<OffsetsSample>> FetchOffsetsAsync(ClusterModel model, OffsetsRound? round, CancellationToken cancellationToken)
    {
        var sample = await _questions.AskAsync("ListOffsets", token => LoadReader.OffsetsAsync(_admin, model, round, token), cancellationToken);
        _groups.Ends = sample.Value?.Over(model.Load) ?? _groups.Ends;
        return sample;
    }

    public Task<Sampled<GroupsSample>> FetchGroupsAsync(CancellationToken cancellationToken) =>
        _questions.AskAsync("ListGroups", _groups.ReadAsync, cancellationToken);

    public Task<Sampled<BrokerConfigsSample>> FetchBrokerConfigsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) =>
        _questions.AskAsync("DescribeConfigs", token => ConfigReader.BrokersAsync(_admin, brokerIds, token), cancellationToken);

    public Task<Sampled<TopicConfigsSample>> FetchTopicConfigsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken) =>
        _questions.AskAsync("DescribeConfigs", token => ConfigReader.TopicsAsync(_admin, topics, token), cancellationToken);

    public Task<Sampled<IReadOnlyList<ConfigEntry>>> FetchTopicConfigAsync(string topic, CancellationToken cancellationToken) =>
        _questions.AskAsync("DescribeConfigs", token => ConfigReader.TopicAsync(_admin, topic, token), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _network.ConnectionChanged -= OnConnectionChanged;
        return _network.DisposeAsync();
    }

    private static Part<T> Whole<T>(T value)
        where T : class
        => new(value, []);

    private async Task<Part<QuorumSample>> ReadQuorumAsync(CancellationToken cancellationToken)
    {
        try
        {
            var quorum = await _admin.FetchQuorumAsync(cancellationToken);
            var end = quorum.Voters.Max(voter => voter.LogEndOffset);
            return Whole(new QuorumSample(
                "kraft",
                quorum.LeaderId,
                quorum.LeaderEpoch,
                [.. quorum.Voters.Select(Replica)],
                [.. quorum.Observers.Select(Replica)]));

            Engine.Model.QuorumReplica Replica(Kafka.Admin.QuorumReplica replica) =>
                new(replica.Id, replica.LogEndOffset, end - replica.LogEndOffset, replica.LastCaughtUp);
        }
        catch (UnsupportedByBrokerException)
        {
            return Whole(new QuorumSample("zookeeper", _network.Topology.ControllerId, null, [], [])); // has no quorum to describe
        }
    }

    private void OnConnectionChanged(BrokerConnectionEvent change)
    {
        if (change is { Change: BrokerConnectionChange.Lost, Node: { Id: { } id, Endpoint: var endpoint } })
        {
            ConnectionBroken?.Invoke(new BrokerProbe(id, ProbeOutcome.ConnectionLost, TimeSpan.Zero, $"{endpoint} closed the connection"));
        }
    }
}
