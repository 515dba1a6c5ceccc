using Confluent.Kafka;
using ControlPlane.Clusters;
using ControlPlane.Connectivity;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Host.Tests.Connectivity;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Tail;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>Following the offsets topic of real brokers, against what their coordinators answer to OffsetFetch.</summary>
public sealed class RealOffsetsTests
{
    private const string Topic = "orders";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("4.3.1")]
    [InlineData("3.9.2")]
    public async Task Groups_of_every_kind_are_known_as_their_coordinator_knows_them(string version)
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions { Version = version, DedicatedController = false, SessionTimeout = Patience });
        using var users = new RealKafkaClient(kafka.BootstrapServers);
        await using var early = new FollowedCluster(Settings(kafka));
        await early.UntilAsync(() => early.Tail.Status.State == TopicTailState.NoTopic, "told that nobody has committed yet");
        await users.CreateTopicAsync(Topic, 3, 1);
        await users.ProduceAsync(Topic, 0, 50);

        users.Commit("plain", (Topic, 0, 7), (Topic, 1, 3));
        users.Commit("plain", (Topic, 0, 9));
        await MemberAsync(users, early, "classic", GroupKind.Classic);
        if (version == "4.3.1")
        {
            await MemberAsync(users, early, "consumer", GroupKind.Consumer);
        }

        Transactions(kafka, users);
        await early.AgreesAsync("plain", "classic", "transactional", "consumer");
        var middle = early.Tail.Snapshot();
        await DeletionsAsync(users, early);
        await early.AgreesAsync("plain", "classic", "transactional", "trimmed", "dropped");

        await using var late = new FollowedCluster(Settings(kafka));
        await using var resumed = new FollowedCluster(Settings(kafka), middle);
        await late.UntilAsync(() => late.Tail.Status.IsCaughtUp && resumed.Tail.Status.IsCaughtUp, "caught up");
        await late.AgreesAsync("plain", "classic", "transactional", "trimmed", "dropped");
        await resumed.AgreesAsync("trimmed");
        Assert.Equal(early.Book.Groups.Keys.Order(StringComparer.Ordinal), late.Book.Groups.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(0, resumed.Book.Restarts + late.Book.Restarts);
        Assert.True(Decoded(resumed) < Decoded(late), "the resumed tail has read everything again");
        Assert.Equal(0, late.Tail.PartitionCounters.Sum(one => one.Records.Skipped + one.Batches.PassedOver));
    }

    [Fact]
    public async Task A_partition_goes_on_with_its_next_leader()
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions { Brokers = 3, SessionTimeout = TimeSpan.FromSeconds(6) });
        using var users = new RealKafkaClient(kafka.BootstrapServers);
        await users.CreateTopicAsync(Topic, 1, 3);
        string[] groups = [.. Enumerable.Range(0, 20).Select(i => $"group-{i}")];
        await using var followed = new FollowedCluster(Settings(kafka));
        foreach (var group in groups)
        {
            users.Commit(group, (Topic, 0, 1));
        }

        await followed.UntilAsync(() => followed.Book.Offsets.Count == groups.Length && followed.Tail.Status.IsCaughtUp, "all commits");
        var before = followed.Tail.Status.Partitions;
        await kafka.Broker(2).KillAsync(Token);
        foreach (var group in groups)
        {
            users.Commit(group, (Topic, 0, 2));
        }

        await followed.UntilAsync(() => followed.Book.Offsets.Values.All(one => one.Offset == 2), "all commits after the leader's death");
        Assert.Contains(before, one => one.LeaderId == 2);
        Assert.DoesNotContain(followed.Tail.Status.Partitions, one => one.LeaderId == 2);
        Assert.Equal(0, followed.Book.Restarts);
    }

    [Fact]
    public async Task A_position_beyond_the_log_is_read_anew_and_what_is_gone_is_deleted()
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions { DedicatedController = false, SessionTimeout = Patience });
        using var users = new RealKafkaClient(kafka.BootstrapServers);
        await users.CreateTopicAsync(Topic, 1, 1);
        users.Commit("here", (Topic, 0, 5));
        var from = Enumerable.Range(0, 5).Select(partition => new OffsetsPosition(
            partition, 1_000_000, new GroupFeedSnapshot([new OffsetPlace($"gone-{partition}", Topic, 0, 900_000)], [])));

        var book = new GroupBook();
        for (var partition = 0; partition < 5; partition++)
        {
            book.Committed(new OffsetCommitted($"gone-{partition}", Topic, 0, null, 1, null, 0, 900_000, false)); // as a stored snapshot would say
        }

        await using var followed = new FollowedCluster(Settings(kafka), [.. from], book);
        await followed.UntilAsync(() => followed.Tail.Status.IsCaughtUp && followed.Book.DeletedGroups.Count == 5, "the five that are gone are deleted");
        await followed.AgreesAsync("here");
        Assert.Equal(["here"], followed.Book.Groups.Keys);
        Assert.Equal(5, followed.Book.Restarts);
    }

    private static KafkaConnectionSettings Settings(RealKafka kafka) => new() { BootstrapServers = kafka.BootstrapServers.Split(',') };

    private static long Decoded(FollowedCluster followed) => followed.Tail.PartitionCounters.Sum(one => one.Records.Decoded);

    /// <summary>A member joins, commits and leaves.</summary>
    private static async Task MemberAsync(RealKafkaClient users, FollowedCluster followed, string protocol, GroupKind kind)
    {
        using (var member = users.Join(protocol, Topic, protocol, Patience))
        {
            await followed.UntilAsync(
                () => followed.Book.Groups.GetValueOrDefault(protocol) is { Members: [{ Assigned: { Count: 1 } has }] } state && state.Kind == kind && has[0].Partitions.Count == 3,
                $"the member of {protocol} with its partitions");
            var seen = followed.Book.Groups[protocol]!.Members[0];
            Assert.Equal("/127.0.0.1", seen.ClientHost);
            Assert.Equal([Topic], seen.Subscribed);
            Assert.True(kind == GroupKind.Classic ? seen.Assigned![0].Topic == Topic : seen.Assigned![0].TopicId is not null);
            member.Commit([new TopicPartitionOffset(Topic, 0, 11)]);
            member.Close();
        }

        await followed.UntilAsync(() => followed.Book.Groups[protocol] is { Members.Count: 0 }, $"{protocol} is empty again");
        Assert.Equal(11, followed.Book.OffsetsOf(protocol)[(Topic, 0)]);
    }

    /// <summary>Committed, aborted, and one that a plain commit overtakes while it is open.</summary>
    private static void Transactions(RealKafka kafka, RealKafkaClient users)
    {
        var config = new Dictionary<string, string> { ["bootstrap.servers"] = kafka.BootstrapServers };
        using var producer = new ProducerBuilder<Null, byte[]>(new Dictionary<string, string>(config) { ["transactional.id"] = "tx" }).SetLogHandler((_, _) => { }).Build();
        using var consumer = new ConsumerBuilder<Null, byte[]>(new Dictionary<string, string>(config) { ["group.id"] = "transactional" }).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(Patience);
        Send(0, 20);
        producer.CommitTransaction(Patience);
        Send(1, 21);
        producer.AbortTransaction(Patience);
        Send(2, 22);
        users.Commit("transactional", (Topic, 2, 15)); // a later record than the one that waits for its marker
        producer.CommitTransaction(Patience);

        void Send(int partition, long offset)
        {
            producer.BeginTransaction();
            producer.SendOffsetsToTransaction([new TopicPartitionOffset(Topic, partition, offset)], consumer.ConsumerGroupMetadata, Patience);
        }
    }

    private static async Task DeletionsAsync(RealKafkaClient users, FollowedCluster followed)
    {
        users.Commit("trimmed", (Topic, 0, 1), (Topic, 1, 2));
        users.Commit("dropped", (Topic, 0, 1));
        await followed.AgreesAsync("trimmed", "dropped");
        await users.Admin.DeleteConsumerGroupOffsetsAsync("trimmed", [new TopicPartition(Topic, 0)]);
        await users.Admin.DeleteGroupsAsync(["dropped"]);
        await followed.UntilAsync(() => followed.Book.DeletedGroups.Contains("dropped"), "the deleted group is gone");
        Assert.False(followed.Book.Groups.ContainsKey("dropped"));
        Assert.True(followed.Book.Groups.ContainsKey("trimmed"));
    }
}
