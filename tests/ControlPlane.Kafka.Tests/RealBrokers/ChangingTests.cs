using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.RealBrokers;

/// <summary>Every change that we claim. What needs several brokers runs on the newest release, the rest on all three.</summary>
public sealed class ChangingTests(SharedClusters clusters)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reassignment_is_listed_while_it_runs_and_then_done()
    {
        await using var clients = new TestClients(await clusters.NewestAsync());
        var topic = TestClients.Unique("moved");
        await clients.CreateTopicAsync(topic, [1, 2]);
        await clients.Users.ProduceAsync(topic, 0, count: 5);

        var outcome = Assert.Single(await clients.Admin.AlterReassignmentsAsync([new(topic, 0, [3, 1])], allowReplicationFactorChange: false, Cancel));
        Assert.Equal(ErrorCode.None, outcome.Error);
        await Eventually.GetAsync(
            () => clients.Admin.FetchReassignmentsAsync([new TopicPartitions(topic, [0])], Cancel), ongoing => ongoing.Count == 0, "no reassignment", Cancel);
        // Any broker may answer, and one may be a moment behind the controller.
        await Eventually.GetAsync(
            () => clients.Admin.FetchMetadataAsync([topic], Cancel),
            answer => answer.Topics[0].Partitions[0].ReplicaNodes.ToArray() is [3, 1],
            "the new replicas alone",
            Cancel);

        Assert.DoesNotContain(await clients.Admin.FetchReassignmentsAsync(null, Cancel), ongoing => ongoing.Topic == topic);
    }

    [Fact]
    public async Task The_newest_controller_refuses_another_replication_factor_when_told_to()
    {
        await using var clients = new TestClients(await clusters.NewestAsync());
        var topic = TestClients.Unique("guarded");
        await clients.CreateTopicAsync(topic, [1, 2]);

        var refused = Assert.Single(await clients.Admin.AlterReassignmentsAsync([new(topic, 0, [1, 2, 3])], allowReplicationFactorChange: false, Cancel));
        var taken = Assert.Single(await clients.Admin.AlterReassignmentsAsync([new(topic, 0, [1, 2, 3])], allowReplicationFactorChange: true, Cancel));

        Assert.Equal((ErrorCode.InvalidReplicationFactor, ErrorCode.None), (refused.Error, taken.Error));
        await Eventually.GetAsync(
            () => clients.Admin.FetchReassignmentsAsync([new TopicPartitions(topic, [0])], Cancel), ongoing => ongoing.Count == 0, "no reassignment", Cancel);
    }

    [Fact]
    public async Task A_preferred_election_brings_the_leader_home()
    {
        await using var clients = new TestClients(await clusters.NewestAsync());
        var topic = TestClients.Unique("elected");
        await clients.CreateTopicAsync(topic, [2, 3]);
        await clients.Admin.AlterReassignmentsAsync([new(topic, 0, [3, 2])], allowReplicationFactorChange: false, Cancel); // reordering moves no leader

        var outcome = Assert.Single(await clients.Admin.ElectLeadersAsync(ElectionType.Preferred, [new TopicPartitions(topic, [0])], Cancel));

        Assert.Equal(ErrorCode.None, outcome.Error);
        await Eventually.GetAsync(() => clients.Admin.FetchMetadataAsync([topic], Cancel), answer => answer.Topics[0].Partitions[0].LeaderId == 3, "broker 3 leads", Cancel);
        var again = Assert.Single(await clients.Admin.ElectLeadersAsync(ElectionType.Preferred, [new TopicPartitions(topic, [0])], Cancel));
        Assert.Equal(ErrorCode.ElectionNotNeeded, again.Error);
    }

    [Fact]
    public async Task A_replica_moves_to_the_other_log_dir_of_its_broker()
    {
        await using var clients = new TestClients(await clusters.NewestAsync());
        var topic = TestClients.Unique("disk");
        await clients.CreateTopicAsync(topic, [1]);
        await clients.Users.ProduceAsync(topic, 0, count: 5);
        var before = await Eventually.GetAsync(DirsAsync, dirs => Home(dirs) is not null, "a replica", Cancel);
        var home = Home(before);
        var other = before.First(dir => dir.Path != home).Path;

        var moved = Assert.Single(await clients.Admin.AlterReplicaLogDirsAsync(1, [new ReplicaMove(topic, 0, other)], Cancel));
        Assert.Equal(ErrorCode.None, moved.Error);
        await Eventually.GetAsync(DirsAsync, dirs => Home(dirs) == other, $"replica in {other}", Cancel);
        var nowhere = Assert.Single(await clients.Admin.AlterReplicaLogDirsAsync(1, [new ReplicaMove(topic, 0, "/no/such/dir")], Cancel));

        Assert.Equal(ErrorCode.LogDirNotFound, nowhere.Error);

        async Task<IReadOnlyList<LogDirDescription>> DirsAsync() =>
            (await clients.Admin.FetchLogDirsAsync([1], [new TopicPartitions(topic, [0])], Cancel)).Values[1];

        // In the moment of the swap the broker names both.
        string? Home(IReadOnlyList<LogDirDescription> dirs) =>
            dirs.Where(dir => dir.Topics.Any(one => one.Partitions.Any(replica => !replica.IsFutureKey))).ToList() is [var one] ? one.Path : null;
    }

    [Theory]
    [InlineData("3.3.2")]
    [InlineData("3.9.2")]
    [InlineData("4.3.1")]
    public async Task Configs_and_quotas_are_set_and_removed(string version)
    {
        await using var clients = new TestClients(await ClusterAsync(version));
        var topic = TestClients.Unique("configured");
        var user = TestClients.Unique("user");
        await clients.CreateTopicAsync(topic, 1, 1);
        var onTopic = ConfigResource.Topic(topic);

        await clients.Admin.AlterConfigsAsync(onTopic, [new("leader.replication.throttled.replicas", ConfigOperation.Append, "0:1")], validateOnly: false, Cancel);
        await clients.Admin.AlterConfigsAsync(onTopic, [new("retention.ms", ConfigOperation.Set, "777")], validateOnly: true, Cancel);
        await clients.Admin.AlterConfigsAsync(ConfigResource.Broker(1), [new("leader.replication.throttled.rate", ConfigOperation.Set, "1234567")], validateOnly: false, Cancel);
        await Eventually.GetAsync(() => ValueAsync(onTopic, "leader.replication.throttled.replicas"), value => value == "0:1", "the throttle list", Cancel);
        await Eventually.GetAsync(() => ValueAsync(ConfigResource.Broker(1), "leader.replication.throttled.rate"), value => value == "1234567", "the rate", Cancel);
        Assert.NotEqual("777", await ValueAsync(onTopic, "retention.ms"));
        await clients.Admin.AlterConfigsAsync(ConfigResource.Broker(1), [new("leader.replication.throttled.rate", ConfigOperation.Delete, null)], validateOnly: false, Cancel);
        var error = await Assert.ThrowsAsync<KafkaException>(
            () => clients.Admin.AlterConfigsAsync(onTopic, [new("no.such.key", ConfigOperation.Set, "1")], validateOnly: false, Cancel));
        Assert.Equal(ErrorCode.InvalidConfig, error.ErrorCode);

        QuotaEntity[] entity = [new("user", user)];
        await clients.Admin.AlterQuotasAsync(entity, [new("producer_byte_rate", 1_048_576, Remove: false)], validateOnly: false, Cancel);
        var quotas = await Eventually.GetAsync(QuotasAsync, entries => entries.Count == 1, "one quota", Cancel);
        Assert.Equal(("producer_byte_rate", 1_048_576d), (quotas[0].Values[0].Key, quotas[0].Values[0].Value));
        await clients.Admin.AlterQuotasAsync(entity, [new("producer_byte_rate", 0, Remove: true)], validateOnly: false, Cancel);
        await Eventually.GetAsync(QuotasAsync, entries => entries.Count == 0, "no quota", Cancel);

        Task<IReadOnlyList<DescribeClientQuotasResponse.Entry>> QuotasAsync() =>
            clients.Admin.FetchQuotasAsync([new("user", QuotaMatch.Exact, user)], strict: true, Cancel);

        async Task<string?> ValueAsync(ConfigResource resource, string key) =>
            (await clients.Admin.FetchConfigsAsync([resource], [key], Cancel)).Values[resource].SingleOrDefault().Value;
    }

    [Theory]
    [InlineData("3.3.2")]
    [InlineData("3.9.2")]
    [InlineData("4.3.1")]
    public async Task Offsets_of_a_group_without_members_are_set_deleted_and_the_group_with_them(string version)
    {
        await using var clients = new TestClients(await ClusterAsync(version));
        var (topic, group) = (TestClients.Unique("read"), TestClients.Unique("readers"));
        await clients.CreateTopicAsync(topic, 2, 1);
        await clients.Users.ProduceAsync(topic, 0, count: 5);
        clients.Users.Commit(group, (topic, 0, 5), (topic, 1, 0));

        var set = await clients.Admin.AlterGroupOffsetsAsync(group, [new(topic, 0, 2), new("no-such-topic", 0, 1)], Cancel);
        Assert.Equal(ErrorCode.None, set.Single(one => one.Topic == topic).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, set.Single(one => one.Topic != topic).Error);
        Assert.Equal([(0, 2L), (1, 0L)], await CommittedAsync());

        var deleted = Assert.Single(await clients.Admin.DeleteGroupOffsetsAsync(group, [new TopicPartitions(topic, [1])], Cancel));
        Assert.Equal((topic, 1, ErrorCode.None), (deleted.Topic, deleted.Partition, deleted.Error));
        Assert.Equal([(0, 2L)], await CommittedAsync());

        Assert.Equal(ErrorCode.None, await clients.Admin.DeleteGroupAsync(group, Cancel));
        Assert.Empty(await CommittedAsync());
        Assert.Equal(ErrorCode.GroupIdNotFound, await clients.Admin.DeleteGroupAsync(group, Cancel));

        async Task<IEnumerable<(int, long)>> CommittedAsync() =>
            (await clients.Admin.FetchGroupOffsetsAsync([group], Cancel)).Values[group].Offsets.Where(one => one.Offset is not null).Select(one => (one.Partition, one.Offset!.Value)).Order();
    }

    [Theory]
    [InlineData("3.9.2", "classic")]
    [InlineData("4.3.1", "classic")]
    [InlineData("4.3.1", "consumer")]
    public async Task Offsets_under_a_live_member_are_left_alone_by_Kafka_itself(string version, string protocol)
    {
        await using var clients = new TestClients(await ClusterAsync(version));
        var (topic, other, group) = (TestClients.Unique("live"), TestClients.Unique("unread"), TestClients.Unique("members"));
        await clients.CreateTopicAsync(topic, 1, 1);
        await clients.CreateTopicAsync(other, 1, 1);
        await clients.Users.ProduceAsync(topic, 0, count: 5);
        clients.Users.Commit(group, (topic, 0, 5), (other, 0, 0));
        using var member = clients.Users.Join(group, topic, protocol, TimeSpan.FromMinutes(1));

        var set = Assert.Single(await clients.Admin.AlterGroupOffsetsAsync(group, [new(topic, 0, 0)], Cancel));
        var subscribed = Assert.Single(await clients.Admin.DeleteGroupOffsetsAsync(group, [new TopicPartitions(topic, [0])], Cancel));
        var unread = Assert.Single(await clients.Admin.DeleteGroupOffsetsAsync(group, [new TopicPartitions(other, [0])], Cancel));

        Assert.Equal(ErrorCode.UnknownMemberId, set.Error);
        Assert.Equal((ErrorCode.GroupSubscribedToTopic, ErrorCode.None), (subscribed.Error, unread.Error));
        Assert.Equal(ErrorCode.NonEmptyGroup, await clients.Admin.DeleteGroupAsync(group, Cancel));
    }

    [Theory]
    [InlineData("3.3.2")]
    [InlineData("3.9.2")]
    public async Task Older_releases_take_every_other_change_too(string version)
    {
        await using var clients = new TestClients(await ClusterAsync(version));
        var topic = TestClients.Unique("old");
        await clients.CreateTopicAsync(topic, 1, 1);

        var same = Assert.Single(await clients.Admin.AlterReassignmentsAsync([new(topic, 0, [1])], allowReplicationFactorChange: false, Cancel));
        var cancelled = Assert.Single(await clients.Admin.AlterReassignmentsAsync([new(topic, 0, null)], allowReplicationFactorChange: false, Cancel));
        var elected = Assert.Single(await clients.Admin.ElectLeadersAsync(ElectionType.Preferred, [new TopicPartitions(topic, [0])], Cancel));
        var nowhere = Assert.Single(await clients.Admin.AlterReplicaLogDirsAsync(1, [new ReplicaMove(topic, 0, "/no/such/dir")], Cancel));

        Assert.Equal((ErrorCode.None, ErrorCode.NoReassignmentInProgress), (same.Error, cancelled.Error));
        Assert.Equal((ErrorCode.ElectionNotNeeded, ErrorCode.LogDirNotFound), (elected.Error, nowhere.Error));
        Assert.Empty(await clients.Admin.FetchReassignmentsAsync(null, Cancel));
        Assert.False(await clients.Admin.UnregisterBrokerAsync(99, Cancel));
    }

    [Fact]
    public async Task A_killed_broker_is_lost_at_once_fenced_soon_and_forgotten_when_unregistered()
    {
        await using var kafka = await RealCluster.StartAsync(new RealKafkaOptions { Brokers = 2, SessionTimeout = TimeSpan.FromSeconds(6) }, Cancel);
        await using var clients = new TestClients(kafka);
        await Eventually.GetAsync(() => clients.Admin.FetchMetadataAsync([], Cancel), answer => answer.Brokers.Length == 2, "both brokers", Cancel);
        await clients.Admin.FetchMetadataFromAsync(2, [], Cancel);
        var lost = new TaskCompletionSource<BrokerConnectionEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        clients.Network.ConnectionChanged += change =>
        {
            if (change is { Change: BrokerConnectionChange.Lost, Node.Id: 2 })
            {
                lost.TrySetResult(change);
            }
        };

        await kafka.Broker(2).KillAsync(Cancel);
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        var refused = await Assert.ThrowsAsync<KafkaConnectionException>(() => clients.Admin.FetchMetadataFromAsync(2, [], Cancel));
        var fenced = await Eventually.GetAsync(
            () => clients.Admin.FetchClusterAsync(Cancel), cluster => cluster.Brokers.Any(broker => broker is { Id: 2, IsFenced: true }), "broker 2 fenced", Cancel);
        var dirs = await clients.Admin.FetchLogDirsAsync([1, 2], [], Cancel);

        Assert.Equal(KafkaConnectionFailure.Refused, refused.Kind);
        Assert.Equal(2, fenced.Brokers.Count);
        Assert.Equal(1, Assert.Single(dirs.Values).Key);
        Assert.Equal(2, Assert.Single(dirs.Failures).Key);
        Assert.True(await clients.Admin.UnregisterBrokerAsync(2, Cancel));
        await Eventually.GetAsync(() => clients.Admin.FetchClusterAsync(Cancel), cluster => cluster.Brokers.Count == 1, "broker 2 forgotten", Cancel);
        Assert.False(await clients.Admin.UnregisterBrokerAsync(2, Cancel));
    }

    private Task<RealKafka> ClusterAsync(string version) => version == "4.3.1" ? clusters.NewestAsync() : clusters.SingleAsync(version);
}
