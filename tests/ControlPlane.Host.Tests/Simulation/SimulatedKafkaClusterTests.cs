using ControlPlane.Clusters;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Simulation;

public sealed class SimulatedKafkaClusterTests
{
    private readonly ManualTime _time = new(SimulatedWorld.Start);
    private readonly SimulatedKafkaCluster _cluster;
    private readonly ClusterModel _model;

    public SimulatedKafkaClusterTests()
    {
        _cluster = SimulatedKafkaCluster.Open(new SimulationSpec { Topics = 8, PartitionsPerTopic = 6, Groups = 6, Seed = 3 }, _time);
        _model = new ClusterModel(new ClusterId("demo"), 1, SimulatedWorld.Start);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_healthy_cluster_answers_everything_without_failures()
    {
        var identity = await _cluster.IdentifyAsync(Token);
        var topology = await _cluster.FetchTopologyAsync(Token);
        var brokers = topology.Value!.Brokers;
        var ids = brokers.Select(broker => broker.Id).ToArray();
        var probes = await _cluster.ProbeAsync(brokers, Token);
        var offsets = await _cluster.FetchOffsetsAsync(_model with { Partitions = topology.Value.Partitions }, null, Token);
        var dirs = await _cluster.FetchLogDirsAsync(ids, Token);
        var groups = await _cluster.FetchGroupsAsync(Token);

        Assert.Equal((6, "kraft", 22), (identity.Value!.BrokerCount, identity.Value.Mode, identity.Value.KafkaClusterId!.Length));
        Assert.All(probes.Value!.Probes, probe => Assert.Equal(ProbeOutcome.Answered, probe.Outcome));
        Assert.All(offsets.Value!.LogEnd, end => Assert.True(end >= 0));
        Assert.Equal(topology.Value.Partitions.ReplicaCount, dirs.Value!.ByBroker.Values.SelectMany(broker => broker).Sum(dir => dir.Replicas.Count));
        Assert.All(dirs.Value.ByBroker.Values.SelectMany(broker => broker), dir => Assert.InRange((double)dir.UsableBytes!.Value / dir.TotalBytes!.Value, 0.3, 1));
        Assert.Equal(6, groups.Value!.Groups.Length);
        Assert.All(groups.Value.Groups, group => Assert.NotNull(group.CoordinatorId));
        Assert.Equal(3, (await _cluster.FetchQuorumAsync(Token)).Value!.Voters.Length);
        Assert.Empty((await _cluster.FetchReassignmentsAsync(Token)).Value!.Running);
        Assert.Equal(6, (await _cluster.FetchBrokerConfigsAsync(ids, Token)).Value!.ByBroker.Count);
        var configs = await _cluster.FetchTopicConfigsAsync(topology.Value.Partitions.TopicName, Token);
        Assert.All(topology.Value.Partitions.TopicName, topic => Assert.Equal(2, configs.Value!.MinInSync[topic]));
        Assert.Contains((await _cluster.FetchTopicConfigAsync(topology.Value.Partitions.TopicName[0], Token)).Value!, entry => entry is { Name: "cleanup.policy", Source: ConfigSource.TopicOverride });
        Assert.All(new[] { identity.Failures, topology.Failures, probes.Failures, offsets.Failures, dirs.Failures, groups.Failures, configs.Failures }, failures => Assert.True(failures.IsEmpty));
        Assert.All(new[] { topology.Cost, probes.Cost, offsets.Cost, dirs.Cost, groups.Cost }, cost => Assert.True(cost is { Requests: > 0, BytesSent: > 0, BytesReceived: > 0 }));
    }

    [Fact]
    public async Task The_same_table_is_given_while_nothing_changes_and_old_ones_never_change()
    {
        var first = (await _cluster.FetchTopologyAsync(Token)).Value!.Partitions;
        _time.Pass(3_600);
        Assert.Same(first, (await _cluster.FetchTopologyAsync(Token)).Value!.Partitions);

        var leaders = first.Leader.ToArray();
        var flags = first.ReplicaFlags.ToArray();
        await _cluster.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, 1, null), Token);
        _time.Pass(20);
        var second = (await _cluster.FetchTopologyAsync(Token)).Value!.Partitions;

        Assert.Equal(leaders, first.Leader);
        Assert.Equal(flags, first.ReplicaFlags);
        Assert.NotEqual(leaders, second.Leader);
        Assert.Same(first.TopicName, second.TopicName);
        Assert.Same(first.ReplicaBroker, second.ReplicaBroker);
    }

    [Fact]
    public async Task A_killed_broker_breaks_its_connection_and_is_missing_from_every_fan_out()
    {
        var broken = new List<BrokerProbe>();
        _cluster.ConnectionBroken += broken.Add;
        var topology = (await _cluster.FetchTopologyAsync(Token)).Value!;
        await _cluster.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, 2, null), Token);

        Assert.Equal((2, ProbeOutcome.ConnectionLost), (Assert.Single(broken).BrokerId, broken[0].Outcome));
        var probes = (await _cluster.ProbeAsync(topology.Brokers, Token)).Value!.Probes;
        Assert.Equal(ProbeOutcome.Refused, probes.Single(probe => probe.BrokerId == 2).Outcome);
        var dirs = await _cluster.FetchLogDirsAsync([1, 2, 3], Token);
        Assert.Equal([1, 3], dirs.Value!.ByBroker.Keys.Order());
        Assert.Equal((2, FailureKind.Unreachable), (Assert.Single(dirs.Failures).BrokerId, dirs.Failures[0].Kind));

        var offsets = await _cluster.FetchOffsetsAsync(_model with { Partitions = topology.Partitions }, null, Token);
        Assert.Equal(2, Assert.Single(offsets.Failures).BrokerId);
        Assert.Equal(
            topology.Partitions.Leader.Select(leader => leader == 2),
            offsets.Value!.LogEnd.Select(end => end == -1));

        _time.Pass(10);
        Assert.Empty((await _cluster.FetchOffsetsAsync(_model with { Partitions = topology.Partitions }, null, Token)).Failures);
        Assert.True((await _cluster.FetchTopologyAsync(Token)).Value!.Brokers.Single(broker => broker.Id == 2).IsFenced);
    }

    [Fact]
    public async Task A_hanging_broker_times_out_without_anyone_waiting()
    {
        var topology = (await _cluster.FetchTopologyAsync(Token)).Value!;
        await _cluster.CommandAsync(kafka => kafka.Hang(3), Token);
        var probes = await _cluster.ProbeAsync(topology.Brokers, Token);

        Assert.Equal(ProbeOutcome.TimedOut, probes.Value!.Probes.Single(probe => probe.BrokerId == 3).Outcome);
        Assert.Equal(AnswerRound.RequestTimeout, probes.Took);
        Assert.Equal(FailureKind.TimedOut, Assert.Single((await _cluster.FetchLogDirsAsync([3], Token)).Failures).Kind);
        Assert.Null((await _cluster.FetchLogDirsAsync([3], Token)).Value);
    }

    [Fact]
    public async Task Without_any_broker_nothing_is_known_and_the_failure_says_so()
    {
        for (var broker = 1; broker <= 6; broker++)
        {
            await _cluster.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, broker, null), Token);
        }

        var topology = await _cluster.FetchTopologyAsync(Token);
        Assert.Null(topology.Value);
        Assert.Contains("none of the 6 brokers", Assert.Single(topology.Failures).Message, StringComparison.Ordinal);
        Assert.Null((await _cluster.FetchGroupsAsync(Token)).Value);
    }

    [Fact]
    public async Task Offsets_are_found_by_name_in_a_table_of_other_topics()
    {
        var whole = (await _cluster.FetchTopologyAsync(Token)).Value!.Partitions;
        var last = whole.TopicCount - 1;
        var asked = new PartitionTable { TopicName = ["no-such-topic", whole.TopicName[last]], TopicStart = [0, 1, 3], Topic = [0, 1, 1] };
        var offsets = await _cluster.FetchOffsetsAsync(_model with { Partitions = asked }, null, Token);
        var all = await _cluster.FetchOffsetsAsync(_model with { Partitions = whole }, null, Token);

        Assert.Equal([-1, all.Value!.LogEnd[whole.TopicStart[last]], all.Value.LogEnd[whole.TopicStart[last] + 1]], offsets.Value!.LogEnd);
    }

    [Theory]
    [InlineData(DemoActionKind.KillBroker)]
    [InlineData(DemoActionKind.SlowDisk)]
    [InlineData(DemoActionKind.FillDisk)]
    [InlineData(DemoActionKind.StopConsumer)]
    internal async Task Each_demo_action_changes_the_state_and_restore_brings_it_back(DemoActionKind kind)
    {
        var world = new SimulatedWorld();
        await using var cluster = new SimulatedKafkaCluster(world.Kafka, _time);
        var before = world.State();
        var sentence = await cluster.ApplyAsync(new DemoAction(kind, null, null), Token);
        Assert.NotEmpty(sentence);
        _time.Pass(120);
        await cluster.FetchTopologyAsync(Token);
        Assert.NotEqual(before, world.State());

        Assert.StartsWith("Restored: ", await cluster.ApplyAsync(new DemoAction(DemoActionKind.Restore, null, null), Token), StringComparison.Ordinal);
        _time.Pass(900);
        await cluster.FetchTopologyAsync(Token);
        Assert.Equal(before, world.State());
        Assert.Contains("nothing was done", await cluster.ApplyAsync(new DemoAction(DemoActionKind.Restore, null, null), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_brokers_and_groups_are_refused_with_what_is_expected()
    {
        var broker = await Assert.ThrowsAsync<ArgumentException>(() => _cluster.ApplyAsync(new DemoAction(DemoActionKind.SlowDisk, 17, null), Token));
        var group = await Assert.ThrowsAsync<ArgumentException>(() => _cluster.ApplyAsync(new DemoAction(DemoActionKind.StopConsumer, null, "nobody"), Token));

        Assert.Contains("no broker 17", broker.Message, StringComparison.Ordinal);
        Assert.Contains("no group 'nobody'", group.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_call_answers_nothing() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cluster.FetchTopologyAsync(new CancellationToken(canceled: true)));
}
