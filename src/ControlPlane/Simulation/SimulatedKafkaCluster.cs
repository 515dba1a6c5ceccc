using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Simulation;

/// <summary>
/// The connection to a simulated world. Each call first lets virtual time catch up with the clock, then answers from the world as it is;
/// nothing ever waits.
/// </summary>
internal sealed class SimulatedKafkaCluster : IKafkaCluster, IDemoControls
{
    private readonly SimulatedKafka _kafka;
    private readonly TimeProvider _time;
    private readonly WorldLog _log;
    private readonly Lock _gate = new();
    private readonly List<BrokerProbe> _broken = [];

    /// <summary>Connects to a world.</summary>
    /// <param name="kafka">The world.</param>
    /// <param name="time">The clock it catches up with.</param>
    /// <param name="log">Writes down what is done; null where the world need not outlive this process.</param>
    public SimulatedKafkaCluster(SimulatedKafka kafka, TimeProvider time, WorldLog? log = null)
    {
        (_kafka, _time, _log) = (kafka, time, log ?? WorldLog.None());
        (Operations, GroupOperations) = (new SimulatedOperations(this), new SimulatedGroupOperations(this));
        kafka.Disconnected += (broker, what) => _broken.Add(new BrokerProbe(broker.Id, ProbeOutcome.ConnectionLost, TimeSpan.Zero, what));
    }

    public event Action<BrokerProbe>? ConnectionBroken;

    public IKafkaOperations Operations { get; }

    public IGroupOperations GroupOperations { get; }

    /// <summary>Builds the world of a spec and connects to it. Throws <see cref="ArgumentException"/> for a spec that can't be built.</summary>
    public static SimulatedKafkaCluster Open(SimulationSpec spec, TimeProvider time) => new(SimulatedKafka.Create(spec, time.GetUtcNow()), time);

    public Task<Sampled<IdentitySample>> IdentifyAsync(CancellationToken cancellationToken) =>
        Answer(MetadataAnswers.Identify, cancellationToken);

    public Task<Sampled<LivenessSample>> ProbeAsync(IReadOnlyList<ObservedBroker> brokers, CancellationToken cancellationToken) =>
        Answer(kafka => MetadataAnswers.Probe(kafka, brokers), cancellationToken);

    public Task<Sampled<TopologySample>> FetchTopologyAsync(CancellationToken cancellationToken) =>
        Answer(MetadataAnswers.Topology, cancellationToken);

    public Task<Sampled<QuorumSample>> FetchQuorumAsync(CancellationToken cancellationToken) =>
        Answer(MetadataAnswers.Quorum, cancellationToken);

    public Task<Sampled<ReassignmentsSample>> FetchReassignmentsAsync(CancellationToken cancellationToken) =>
        Answer(MetadataAnswers.Reassignments, cancellationToken);

    public Task<Sampled<LogDirsSample>> FetchLogDirsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) =>
        Answer(kafka => LoadAnswers.LogDirs(kafka, brokerIds), cancellationToken);

    public Task<Sampled<OffsetsSample>> FetchOffsetsAsync(ClusterModel model, OffsetsRound? round, CancellationToken cancellationToken) =>
        Answer(kafka => LoadAnswers.Offsets(kafka, model.Partitions, round), cancellationToken);

    public Task<Sampled<GroupsSample>> FetchGroupsAsync(CancellationToken cancellationToken) =>
        Answer(GroupAnswers.All, cancellationToken);

    public Task<Sampled<BrokerConfigsSample>> FetchBrokerConfigsAsync(IReadOnlyList<int> brokerIds, CancellationToken cancellationToken) =>
        Answer(kafka => ConfigAnswers.Brokers(kafka, brokerIds), cancellationToken);

    public Task<Sampled<TopicConfigsSample>> FetchTopicConfigsAsync(IReadOnlyList<string> topics, CancellationToken cancellationToken) =>
        Answer(kafka => ConfigAnswers.Topics(kafka, topics), cancellationToken);

    public Task<Sampled<IReadOnlyList<ConfigEntry>>> FetchTopicConfigAsync(string topic, CancellationToken cancellationToken) =>
        Answer(kafka => ConfigAnswers.Topic(kafka, topic), cancellationToken);

    public async Task<string> ApplyAsync(DemoAction action, CancellationToken cancellationToken) =>
        (await DoAsync(new WorldCommand.Trouble(action), cancellationToken))[0]!;

    /// <summary>Does something to the world at the clock's time, once it is written down.</summary>
    public Task<string?[]> DoAsync(WorldCommand command, CancellationToken cancellationToken) =>
        _log.DoAsync(command, _time, one => Answer(one.ApplyTo, CancellationToken.None), cancellationToken);

    /// <summary>Asks the world at the clock's time what the port doesn't offer. What a test does to it this way is not written down.</summary>
    public Task<T> CommandAsync<T>(Func<SimulatedKafka, T> command, CancellationToken cancellationToken) => Answer(command, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _log.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<T> Answer<T>(Func<SimulatedKafka, T> ask, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        try
        {
            return Task.FromResult(Ask(ask));
        }
        catch (ArgumentException wrong)
        {
            return Task.FromException<T>(wrong); // of a demo action; answers have none
        }
    }

    private T Ask<T>(Func<SimulatedKafka, T> ask)
    {
        BrokerProbe[] broken = [];
        try
        {
            lock (_gate)
            {
                try
                {
                    _kafka.AdvanceTo(_time.GetUtcNow());
                    return ask(_kafka);
                }
                finally
                {
                    broken = [.. _broken];
                    _broken.Clear();
                }
            }
        }
        finally
        {
            // Outside the lock: a listener may ask again at once.
            foreach (var probe in broken)
            {
                ConnectionBroken?.Invoke(probe);
            }
        }
    }
}
