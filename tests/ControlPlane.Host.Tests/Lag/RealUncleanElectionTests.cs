using Confluent.Kafka.Admin;
using ControlPlane.Clusters;
using ControlPlane.Host.Tests.Connectivity;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Tail;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>Real brokers lose the end of their offsets topic to a leader that had not got it, and it grows over our place while nobody looks.</summary>
public sealed class RealUncleanElectionTests
{
    private const string Topic = "orders";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_log_that_has_grown_over_our_place_is_read_anew()
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions
        {
            Brokers = 2,
            SessionTimeout = TimeSpan.FromSeconds(6),
            BrokerConfig = new Dictionary<string, string> { ["offsets.topic.num.partitions"] = "1", ["offsets.topic.replication.factor"] = "2", ["min.insync.replicas"] = "1" },
        });
        var settings = new KafkaConnectionSettings { BootstrapServers = kafka.BootstrapServers.Split(',') };
        using var users = new RealKafkaClient(kafka.BootstrapServers);
        await users.CreateTopicAsync(Topic, 1, 2);
        users.Commit("kept", (Topic, 0, 1));
        var unclean = new ConfigEntry { Name = "unclean.leader.election.enable", Value = "true", IncrementalOperation = AlterConfigOpType.Set };
        await users.Admin.IncrementalAlterConfigsAsync(new() { [new ConfigResource { Type = ResourceType.Topic, Name = TopicTailOptions.OffsetsTopic }] = [unclean] });

        var (before, book) = await LoseAsync(kafka, users, settings);
        foreach (var offset in Enumerable.Range(1, 40))
        {
            users.Commit("kept", (Topic, 0, offset)); // the log grows over our place, with others in it
        }

        await using var resumed = new FollowedCluster(settings, before, book);
        await resumed.UntilAsync(() => book.DeletedGroups.Contains("lost"), "what was lost is gone");
        await resumed.AgreesAsync("kept", "lost");
        Assert.True(before[0].LeaderEpoch >= 0 && resumed.Tail.Positions[0].Position > before[0].Offset, $"{before[0]} and {resumed.Tail.Positions[0]}");
        Assert.Equal((1, 1L), (book.Restarts, resumed.Tail.Counters.Restarts));
    }

    /// <summary>What was read of a leader whose last commits no other broker has, when one of those leads.</summary>
    private static async Task<(IReadOnlyList<OffsetsPosition> Position, GroupBook Book)> LoseAsync(RealKafka kafka, RealKafkaClient users, KafkaConnectionSettings settings)
    {
        await using var early = new FollowedCluster(settings);
        await early.UntilAsync(() => early.Tail.Status is { IsCaughtUp: true, Partitions: [{ LeaderId: not null }] }, "caught up");
        var leader = early.Tail.Status.Partitions[0].LeaderId!.Value;
        var other = 3 - leader;
        await kafka.Broker(other).KillAsync(Token);
        foreach (var offset in Enumerable.Range(1, 10))
        {
            users.Commit("lost", (Topic, 0, offset)); // on one broker only
        }

        await early.UntilAsync(() => early.Book.OffsetsOf("lost").Values.SequenceEqual([10L]), "what will be lost");
        var position = early.Tail.Snapshot();
        await kafka.Broker(leader).KillAsync(Token);
        await kafka.Broker(other).RestartAsync(Token);
        return (position, early.Book);
    }
}
