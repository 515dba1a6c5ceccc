using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.RealBrokers;

/// <summary>Every read that we claim, against the oldest, a middle and the newest release.</summary>
public sealed class ReadingTests(SharedClusters clusters)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Versions => ["3.3.2", "3.9.2", "4.3.1"];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Capabilities_tell_release_and_mode(string version)
    {
        await using var clients = new TestClients(await ClusterAsync(version));

        var capabilities = await clients.Admin.FetchCapabilitiesAsync(Cancel);

        Assert.True(capabilities.Brokers.IsComplete);
        Assert.True(capabilities.IsKRaft);
        Assert.Equal(version[..3], capabilities.Release);
        Assert.True(capabilities.FinalizedFeatures.ContainsKey("metadata.version"));
        Assert.Equal(version != "3.3.2", capabilities.Supports(DescribeTopicPartitionsRequest.Descriptor));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Cluster_quorum_and_metadata_name_the_same_brokers(string version)
    {
        var kafka = await ClusterAsync(version);
        await using var clients = new TestClients(kafka);
        var topic = TestClients.Unique("read");
        await clients.CreateTopicAsync(topic, 3, 1);

        var metadata = await clients.Admin.FetchMetadataAsync([topic], Cancel);
        var all = await clients.Admin.FetchMetadataAsync(null, Cancel);
        var cluster = await clients.Admin.FetchClusterAsync(Cancel);
        var quorum = await clients.Admin.FetchQuorumAsync(Cancel);
        var from = await clients.Admin.FetchMetadataFromAsync(1, [], Cancel);

        Assert.Equal(kafka.ClusterId, metadata.ClusterId);
        Assert.Equal(kafka.ClusterId, cluster.ClusterId);
        Assert.Equal(kafka.Brokers.Select(broker => broker.Id), metadata.Brokers.Select(broker => broker.NodeId).Order());
        Assert.Equal(kafka.Brokers.Select(broker => broker.Port).Order(), cluster.Brokers.Select(broker => broker.Endpoint.Port).Order());
        Assert.Equal("rack-1", cluster.Brokers.Single(broker => broker.Id == 1).Rack);
        Assert.All(metadata.Topics[0].Partitions, partition => Assert.Equal(1, partition.ReplicaNodes.Length));
        Assert.Contains(all.Topics, one => one.Name == topic && one.TopicId != Guid.Empty);
        Assert.Equal(kafka.Controller?.Id ?? 1, quorum.LeaderId);
        Assert.NotNull(Assert.Single(quorum.Voters).LogEndOffset);
        Assert.NotNull(quorum.HighWatermark);
        Assert.Empty(from.Topics);
        Assert.Equal(version == "4.3.1", cluster.ShowsFenced);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Log_dirs_offsets_and_configs_show_what_was_written(string version)
    {
        await using var clients = new TestClients(await ClusterAsync(version));
        var topic = TestClients.Unique("written");
        await clients.CreateTopicAsync(topic, 2, 1, ("retention.ms", "123456"));
        await clients.Users.ProduceAsync(topic, 0, count: 20);

        // A broker tells of a partition before it has made the partition's folder.
        var dirs = await Eventually.GetAsync(
            () => clients.Admin.FetchLogDirsAsync(null, [new TopicPartitions(topic, [0, 1])], Cancel), found => Replicas(found).Count == 2, "2 replicas", Cancel);
        var volumes = await clients.Admin.FetchLogDirsAsync(null, [], Cancel);
        var latest = await clients.Admin.FetchOffsetsAsync([new(topic, 0, null), new(topic, 1, null)], OffsetTimestamp.Latest, IsolationLevel.ReadUncommitted, Cancel);
        var earliest = await clients.Admin.FetchOffsetsAsync([new(topic, 0, null)], OffsetTimestamp.Earliest, IsolationLevel.ReadCommitted, Cancel);
        var byTime = await clients.Admin.FetchOffsetsAsync([new(topic, 0, null)], long.MaxValue, IsolationLevel.ReadUncommitted, Cancel);
        var newest = await clients.Admin.FetchOffsetsAsync([new(topic, 0, null)], OffsetTimestamp.MaxTimestamp, IsolationLevel.ReadUncommitted, Cancel);
        var configs = await clients.Admin.FetchConfigsAsync([ConfigResource.Topic(topic), ConfigResource.Broker(1)], null, Cancel);

        Assert.True(dirs.IsComplete);
        Assert.True(Replicas(dirs).Single(replica => replica.PartitionIndex == 0).PartitionSize > 1_000);
        Assert.All(volumes.Values.Values.SelectMany(all => all), dir => Assert.True(dir.TotalBytes > dir.UsableBytes && dir.UsableBytes > 0 && dir.Topics.Sum(one => one.Partitions.Length) == 0));
        Assert.Equal([20, 0], latest.Offsets.OrderBy(offset => offset.Partition).Select(offset => offset.Offset ?? -99));
        Assert.Equal(0, Assert.Single(earliest.Offsets).Offset);
        Assert.Null(Assert.Single(byTime.Offsets).Offset);
        Assert.InRange(Assert.Single(newest.Offsets).Offset ?? -99, 0, 19);
        var retention = configs.Values[ConfigResource.Topic(topic)].Single(config => config.Name == "retention.ms");
        Assert.Equal(("123456", ConfigSource.TopicConfig), (retention.Value, retention.ConfigSource));
        Assert.Equal("1", configs.Values[ConfigResource.Broker(1)].Single(config => config.Name == "node.id").Value);
        Assert.Empty(configs.Failures);

        static List<DescribeLogDirsResponse.Partition> Replicas(BrokerResults<IReadOnlyList<LogDirDescription>> dirs) =>
            [.. dirs.Values.Values.SelectMany(all => all).SelectMany(dir => dir.Topics).SelectMany(one => one.Partitions)];
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Groups_show_commits_and_members(string version)
    {
        await using var clients = new TestClients(await ClusterAsync(version));
        var topic = TestClients.Unique("consumed");
        var (idle, live, absent) = (TestClients.Unique("idle"), TestClients.Unique("live"), TestClients.Unique("absent"));
        await clients.CreateTopicAsync(topic, 2, 1);
        await clients.Users.ProduceAsync(topic, 1, count: 10);
        clients.Users.Commit(idle, (topic, 1, 7));
        using var member = clients.Users.Join(live, topic, "classic", TimeSpan.FromMinutes(2));

        var listed = await ListedAsync(clients);
        var offsets = await clients.Admin.FetchGroupOffsetsAsync([idle, live, absent], Cancel);
        var described = await clients.Admin.FetchGroupDescriptionsAsync([(live, "classic"), (idle, null)], Cancel);

        Assert.True(listed.IsComplete);
        var group = listed.Values.Values.SelectMany(all => all).Single(one => one.GroupId == live);
        Assert.Equal(version == "3.3.2" ? null : "classic", group.Type);
        Assert.True(offsets.IsComplete);
        Assert.Equal((topic, 1, 7L), Assert.Single(offsets.Values[idle].Offsets) is var commit ? (commit.Topic, commit.Partition, commit.Offset ?? -99) : default);
        Assert.Empty(offsets.Values[absent].Offsets);
        Assert.Equal("Stable", described.Values[live].State);
        var assigned = Assert.Single(Assert.Single(described.Values[live].Members).Assignment!);
        Assert.Equal((topic, 2), (assigned.Topic, assigned.Partitions.Length));
        Assert.Equal("Empty", described.Values[idle].State);
    }

    [Fact]
    public async Task A_group_of_the_new_protocol_shows_its_members()
    {
        await using var clients = new TestClients(await clusters.NewestAsync());
        var (topic, group) = (TestClients.Unique("modern"), TestClients.Unique("modern"));
        await clients.CreateTopicAsync(topic, 3, 3);
        using var member = clients.Users.Join(group, topic, "consumer", TimeSpan.FromMinutes(2));

        var listed = await ListedAsync(clients);
        var described = await clients.Admin.FetchGroupDescriptionsAsync([(group, "consumer")], Cancel);

        Assert.Equal("consumer", listed.Values.Values.SelectMany(all => all).Single(one => one.GroupId == group).Type);
        var description = described.Values[group];
        Assert.NotNull(description.GroupEpoch);
        Assert.Equal(3, Assert.Single(description.Members).Assignment!.Sum(one => one.Partitions.Length));
    }

    [Fact]
    public async Task Topic_partitions_come_page_by_page_with_eligible_leaders()
    {
        await using var clients = new TestClients(await clusters.NewestAsync());
        var (many, few) = (TestClients.Unique("a-many"), TestClients.Unique("b-few"));
        await clients.Users.CreateTopicAsync(many, 2_050, 1);
        await clients.Users.CreateTopicAsync(few, 2, 3);

        var pages = await Eventually.GetAsync(PagesAsync, all => Count(all, many) == 2_050 && Count(all, few) == 2, "2,050 and 2 partitions", Cancel);

        Assert.Equal(2, pages.Count);
        await clients.Users.Admin.DeleteTopicsAsync([many]);

        async Task<List<IReadOnlyList<DescribeTopicPartitionsResponse.Topic>>> PagesAsync()
        {
            var all = new List<IReadOnlyList<DescribeTopicPartitionsResponse.Topic>>();
            await foreach (var page in clients.Admin.FetchTopicPartitionsAsync([few, many], Cancel))
            {
                all.Add(page);
            }

            return all;
        }

        static int Count(List<IReadOnlyList<DescribeTopicPartitionsResponse.Topic>> pages, string name) =>
            pages.SelectMany(page => page).Where(topic => topic.Name == name).Sum(topic => topic.Partitions.Length);
    }

    [Fact]
    public async Task What_an_old_broker_lacks_is_named_with_the_release_that_brings_it()
    {
        await using var clients = new TestClients(await clusters.SingleAsync("3.3.2"));

        var error = await Assert.ThrowsAsync<UnsupportedByBrokerException>(async () =>
        {
            await foreach (var _ in clients.Admin.FetchTopicPartitionsAsync(null, Cancel))
            {
                // none comes
            }
        });

        Assert.Equal("3.8", error.FirstRelease);
        Assert.Contains("looks like Kafka 3.3 with KRaft", error.Message, StringComparison.Ordinal);
        Assert.Contains("which Kafka 3.8 brings", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The first group of a cluster makes the offsets topic, and its brokers refuse the list while they load their part of it.</summary>
    private static Task<BrokerResults<IReadOnlyList<ListedGroup>>> ListedAsync(TestClients clients) =>
        Eventually.GetAsync(() => clients.Admin.FetchGroupsAsync(Cancel), listed => listed.IsComplete, "a list from every broker", Cancel);

    private Task<RealKafka> ClusterAsync(string version) => version == "4.3.1" ? clusters.NewestAsync() : clusters.SingleAsync(version);
}
