using System.Text.Json;
using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Hosting;
using ControlPlane.Simulation;
using ControlPlane.Storage;
using ControlPlane.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using ClusterId = ControlPlane.Engine.Model.ClusterId;

namespace ControlPlane.Host.Tests.Simulation;

/// <summary>A simulated cluster is what was done to it, whichever process opens it.</summary>
public sealed class WorldLogTests(StorageServer server) : StorageTests(server)
{
    private static readonly ClusterDefinition Definition = new()
    {
        Id = new ClusterId("sim"),
        Name = "sim",
        Kind = ClusterKind.Simulated,
        Simulation = new SimulationSpec { Brokers = 4, Racks = 0, LogDirsPerBroker = 1, Topics = 2, PartitionsPerTopic = 3, Groups = 0, KilobytesPerSecondPerBroker = 50, Seed = 3 }.ToJson(),
    };

    private readonly FakeTime _time = new();

    [Fact]
    public async Task What_was_done_and_what_is_being_copied_is_there_after_a_restart()
    {
        await Storage.Get<ClusterStore>().AddAsync(Definition, ClusterSecrets.None, Token);
        await using var first = await OpenAsync();
        var (topic, number, before, spare) = await SomePartitionAsync(first);
        await first.Operations.AlterThrottlesAsync(
            [
                new ThrottleChange(new(topic, null, ThrottleKey.FollowerReplicas), ThrottleOperation.Append, $"{number}:{spare}"),
                new ThrottleChange(new(null, spare, ThrottleKey.FollowerRate), ThrottleOperation.Set, "1000000"),
            ], Token);
        _time.Advance(TimeSpan.FromSeconds(3));
        int[] after = [spare, .. before[1..]];
        Assert.Equal(AnswerKind.Accepted, (await first.Operations.ReassignAsync([new ReassignmentWish(0, topic, number, [.. after])], Token))[0].Kind);
        _time.Advance(TimeSpan.FromSeconds(20));
        await first.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, before[0], null), Token);
        _time.Advance(TimeSpan.FromSeconds(30));
        var expected = await PictureAsync(first);

        await using var second = await OpenAsync();

        Assert.Equal(expected, await PictureAsync(second));
        Assert.Contains($"{topic}-{number} {string.Join(",", after)},{before[0]}", expected, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(await PictureAsync(first), await PictureAsync(second));
    }

    [Fact]
    public async Task A_process_that_another_has_followed_does_nothing_more()
    {
        await Storage.Get<ClusterStore>().AddAsync(Definition, ClusterSecrets.None, Token);
        await using var first = await OpenAsync();
        await using var second = await OpenAsync();
        await second.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, 2, null), Token);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => first.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, 3, null), Token));

        Assert.Contains("gone on with by another process", refused.Message, StringComparison.Ordinal);
        Assert.Equal(BrokerLife.Running, await first.CommandAsync(kafka => kafka.Broker(3).Life, Token));
        await using var third = await OpenAsync();
        Assert.Equal((BrokerLife.Stopped, BrokerLife.Running), await third.CommandAsync(kafka => (kafka.Broker(2).Life, kafka.Broker(3).Life), Token));
    }

    [Theory]
    [InlineData("""{"kind":"bananas"}""", 0)] // of another version
    [InlineData("""[]""", 0)]
    [InlineData("""{"kind":"trouble","action":{"kind":"KillBroker","brokerId":2,"group":null}}""", 31)]
    public async Task A_log_that_can_not_be_read_or_is_too_old_begins_a_new_world(string command, int days)
    {
        await Storage.Get<ClusterStore>().AddAsync(Definition, ClusterSecrets.None, Token);
        var log = Storage.Get<SimulationLog>();
        await log.BeginAsync(Definition.Id, _time.GetUtcNow() - TimeSpan.FromDays(days), Token);
        Assert.True(await log.AppendAsync(Definition.Id, new SimulationLogEntry(1, _time.GetUtcNow(), command), Token));

        await using var cluster = await OpenAsync();

        Assert.All(await cluster.CommandAsync(kafka => kafka.Brokers.Select(broker => broker.Life).ToArray(), Token), life => Assert.Equal(BrokerLife.Running, life));
        Assert.Equal(0, Assert.Single(await log.LoadAsync(Definition.Id, Token)).Sequence);
        await cluster.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, 2, null), Token);
        Assert.Equal(2, (await log.LoadAsync(Definition.Id, Token)).Count);
    }

    [Fact]
    public async Task A_command_that_was_refused_is_refused_again_and_keeps_nothing_out()
    {
        await Storage.Get<ClusterStore>().AddAsync(Definition, ClusterSecrets.None, Token);
        await using (var first = await OpenAsync())
        {
            await Assert.ThrowsAsync<ArgumentException>(() => first.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, 99, null), Token));
            await first.ApplyAsync(new DemoAction(DemoActionKind.KillBroker, 2, null), Token);
        }

        await using var second = await OpenAsync();

        Assert.Equal(BrokerLife.Stopped, await second.CommandAsync(kafka => kafka.Broker(2).Life, Token));
    }

    private async Task<SimulatedKafkaCluster> OpenAsync() => (SimulatedKafkaCluster)await new SimulatedKafkaSource(
        Storage.Get<SimulationLog>(), _time, NullLogger<SimulatedKafkaSource>.Instance).OpenAsync(Definition, ClusterSecrets.None, Token);

    private static Task<(string Topic, int Number, int[] Replicas, int Spare)> SomePartitionAsync(SimulatedKafkaCluster cluster) => cluster.CommandAsync(
        kafka =>
        {
            var table = kafka.PublishPartitions();
            var partition = Enumerable.Range(0, table.PartitionCount).First(one => !table.TopicInternal[table.Topic[one]]);
            var replicas = table.ReplicasOf(partition).ToArray();
            return (table.TopicName[table.Topic[partition]], table.NumberOf(partition), replicas, Enumerable.Range(1, 4).Except(replicas).First());
        },
        Token);

    /// <summary>All that a later course could depend on, in words.</summary>
    private static Task<string> PictureAsync(SimulatedKafkaCluster cluster) => cluster.CommandAsync(
        kafka =>
        {
            var partitions = kafka.World.Partitions;
            var lists = Enumerable.Range(0, partitions.Count).Select(partition =>
            {
                var layout = partitions.Layout;
                var replicas = partitions.ReplicasOf(partition);
                var bytes = Enumerable.Range(partitions.First(partition), replicas.Length).Select(slot => kafka.World.BytesOf(partition, slot));
                return $"{layout.TopicName[layout.Topic[partition]]}-{layout.NumberOf(partition)} {string.Join(",", replicas.Select(replica => replica.Broker))} "
                    + $"led by {partitions.Leader(partition)} {string.Join(",", replicas.Select(replica => replica.Flags))} {string.Join(",", bytes)}";
            });
            var brokers = kafka.Brokers.Select(broker => $"{broker.Id} {broker.Life} {broker.IsFenced} {JsonSerializer.Serialize(kafka.Configs.DynamicOf(broker.Id))}");
            return string.Join("\n", [.. lists, .. brokers, $"reassigning {string.Join(",", kafka.Reassigning)}"]);
        },
        Token);
}
