using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.RealBrokers;

/// <summary>Share and streams groups, which only the newest release has.</summary>
public sealed class GroupKindTests(SharedClusters clusters)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The start offset stays behind the last records that were acknowledged; what Kafka counts as left does not.</summary>
    [Fact]
    public async Task A_share_group_that_has_done_everything_has_no_lag_and_is_set_back_forgotten_and_deleted()
    {
        await using var clients = new TestClients(await clusters.NewestAsync());
        var (topic, other, group) = (TestClients.Unique("queue"), TestClients.Unique("aside"), TestClients.Unique("workers"));
        await clients.CreateTopicAsync(topic, 1, 1);
        await clients.CreateTopicAsync(other, 1, 1);
        await clients.Users.ProduceAsync(topic, 0, count: 20);
        await clients.Admin.AlterConfigsAsync(new ConfigResource(ConfigResourceType.Group, group), [new("share.auto.offset.reset", ConfigOperation.Set, "earliest")], validateOnly: false, Cancel);
        await using (ShareConsumer.Start((await clusters.NewestAsync()).BootstrapServers, topic, group, []))
        {
            var done = await Eventually.GetAsync(ProgressAsync, one => one is { Lag: 0 }, "all is done", Cancel);
            TestContext.Current.TestOutputHelper?.WriteLine($"all done: {done}");
            var refused = Assert.Single(await clients.Admin.AlterShareGroupOffsetsAsync(group, [new(topic, 0, 3)], Cancel));
            Assert.Equal(ErrorCode.NonEmptyGroup, refused.Error);
            Assert.Equal(ErrorCode.NonEmptyGroup, (await clients.Admin.DeleteShareGroupOffsetsAsync(group, [topic], Cancel))[topic]);
            Assert.Equal(ErrorCode.NonEmptyGroup, await clients.Admin.DeleteGroupAsync(group, Cancel));
        }

        await Eventually.GetAsync(() => clients.Admin.FetchGroupDescriptionsAsync([(group, "share")], Cancel), answer => answer.Values.TryGetValue(group, out var one) && one.State == "Empty", "empty", Cancel);
        TestContext.Current.TestOutputHelper?.WriteLine($"left: {await ProgressAsync()}");
        await clients.Users.ProduceAsync(topic, 0, count: 7);
        var behind = await Eventually.GetAsync(ProgressAsync, one => one is { Lag: > 0 }, "some are behind", Cancel);
        TestContext.Current.TestOutputHelper?.WriteLine($"behind: {behind}");
        Assert.Equal(7, (await Eventually.GetAsync(ProgressAsync, one => one is { Lag: >= 7 }, "seven are behind", Cancel))!.Value.Lag);

        var set = await clients.Admin.AlterShareGroupOffsetsAsync(group, [new(topic, 0, 3), new(other, 0, 0), new("no-such-topic", 0, 1)], Cancel);
        Assert.Equal([ErrorCode.None, ErrorCode.None, ErrorCode.UnknownTopicOrPartition], [Of(topic), Of(other), Of("no-such-topic")]);
        Assert.Equal((3L, 24L), await Eventually.GetAsync(ProgressAsync, one => one is { Start: 3 }, "set back", Cancel));

        var deleted = await clients.Admin.DeleteShareGroupOffsetsAsync(group, [topic, "no-such-topic"], Cancel);
        Assert.Equal((ErrorCode.None, ErrorCode.UnknownTopicOrPartition), (deleted[topic], deleted["no-such-topic"]));
        await Eventually.GetAsync(ProgressAsync, one => one is null, "forgotten", Cancel);
        Assert.Equal(ErrorCode.None, await clients.Admin.DeleteGroupAsync(group, Cancel));
        Assert.Equal(ErrorCode.GroupIdNotFound, await clients.Admin.DeleteGroupAsync(group, Cancel));

        ErrorCode Of(string name) => set.Single(one => one.Topic == name).Error;

        async Task<(long? Start, long? Lag)?> ProgressAsync()
        {
            var answer = await clients.Admin.FetchShareGroupOffsetsAsync([group], Cancel);
            return answer.Values.TryGetValue(group, out var found) && found.Offsets.Where(one => one.Topic == topic).ToList() is [{ StartOffset: not null } one] ? (one.StartOffset, one.Lag) : null;
        }
    }

    [Fact]
    public async Task A_streams_group_has_members_with_tasks_and_offsets_that_are_set_when_nobody_is_in_it()
    {
        await using var clients = new TestClients(await clusters.NewestAsync());
        var (wide, narrow, group) = (TestClients.Unique("wide"), TestClients.Unique("narrow"), TestClients.Unique("app"));
        await clients.CreateTopicAsync(wide, 3, 1);
        await clients.CreateTopicAsync(narrow, 1, 1);
        await using (var first = new StreamsMember(clients.Admin, group, Guid.NewGuid().ToString(), wide, narrow))
        await using (var second = new StreamsMember(clients.Admin, group, Guid.NewGuid().ToString(), wide, narrow))
        {
            var described = await Eventually.GetAsync(DescribeAsync, one => one is { State: "Stable", Members: [{ Tasks.Count: > 0 }, { Tasks.Count: > 0 }] }, "two members with tasks", Cancel);
            Assert.Equal("streams", (await clients.Admin.FetchGroupsAsync(Cancel)).Values.Values.SelectMany(all => all).Single(one => one.GroupId == group).Type);
            Assert.Equal(new[] { first.Name, second.Name }.Order(StringComparer.Ordinal), described!.Members.Select(one => one.MemberId).Order(StringComparer.Ordinal));
            Assert.All(described.Members, one => Assert.Equal("/127.0.0.1", one.ClientHost));
            var tasks = described.Members.SelectMany(one => one.Tasks!).ToList();
            Assert.All(tasks, one => Assert.Equal(("active", "0"), (one.Kind, one.Subtopology)));
            Assert.All(tasks, one => Assert.Equal([narrow, wide], one.SourceTopics.Order(StringComparer.Ordinal)));
            Assert.Equal([0, 1, 2], tasks.SelectMany(one => one.Partitions).Order());
            Assert.Equal([0, 1, 2], described.Members.SelectMany(one => one.Assignment!).Where(one => one.Topic == wide).SelectMany(one => one.Partitions).Order());
            Assert.NotEqual(ErrorCode.None, Assert.Single(await clients.Admin.AlterGroupOffsetsAsync(group, [new(wide, 0, 1)], Cancel)).Error);
        }

        await Eventually.GetAsync(DescribeAsync, one => one is { State: "Empty" }, "empty", Cancel);
        Assert.Equal(ErrorCode.None, Assert.Single(await clients.Admin.AlterGroupOffsetsAsync(group, [new(wide, 0, 5)], Cancel)).Error);
        var committed = (await clients.Admin.FetchGroupOffsetsAsync([group], Cancel)).Values[group].Offsets;
        Assert.Equal((wide, 0, 5L), (committed.Single().Topic, committed.Single().Partition, committed.Single().Offset));
        Assert.Equal(ErrorCode.None, Assert.Single(await clients.Admin.DeleteGroupOffsetsAsync(group, [new TopicPartitions(wide, [0])], Cancel)).Error);
        Assert.Equal(ErrorCode.None, await clients.Admin.DeleteGroupAsync(group, Cancel));

        async Task<GroupDescription?> DescribeAsync() =>
            (await clients.Admin.FetchGroupDescriptionsAsync([(group, "streams")], Cancel)).Values.GetValueOrDefault(group);
    }
}
