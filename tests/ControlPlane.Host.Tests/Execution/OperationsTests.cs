using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;
using ControlPlane.Host.Tests.Connectivity;
using ControlPlane.Simulation;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Execution;

/// <summary>What an execution relies on, asked of the simulated cluster and of real brokers alike.</summary>
public sealed class OperationsTests
{
    private const string Lost = "no-such-topic";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_simulated_cluster_keeps_the_contract()
    {
        await using var kafka = SimulatedKafkaCluster.Open(new SimulationSpec { Brokers = 4, Racks = 0, LogDirsPerBroker = 1, Topics = 1, PartitionsPerTopic = 2, ReplicationFactor = 2, Groups = 0 }, TimeProvider.System);
        var topic = await kafka.CommandAsync(
            world => Enumerable.Range(0, world.World.Partitions.Count).Select(partition => world.World.Partitions.Layout.TopicName[world.World.Partitions.Layout.Topic[partition]]).First(name => !name.StartsWith('_')), Token);

        await KeepAsync(kafka.Operations, topic);
    }

    [Fact]
    public async Task Real_brokers_keep_the_contract()
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions { Brokers = 4 });
        using var client = new RealKafkaClient(kafka.BootstrapServers);
        await client.CreateTopicAsync("orders", [1, 2], [2, 3]);
        await client.ProduceAsync("orders", 0, 4_000, 1_000);
        await client.ProduceAsync("orders", 1, 100, 1_000);
        await using var cluster = RealClusters.Open(kafka.BootstrapServers);

        await KeepAsync(cluster.Operations, "orders");
    }

    private static async Task KeepAsync(IKafkaOperations kafka, string topic)
    {
        var seen = await kafka.DescribeTopicsAsync([topic, Lost], Token);
        Assert.Equal([1, 2, 3, 4], seen!.Alive.Order());
        Assert.Equal([Lost], seen.Missing);
        Assert.NotEqual(Guid.Empty, seen.Topics[topic].Id);
        int[] before = [.. seen.Topics[topic].Partitions[0].Replicas];
        Assert.Equal(before.Order(), seen.Topics[topic].Partitions[0].InSync.Order());
        var sizes = await kafka.FetchSizesAsync(before, [(topic, 0)], Token);
        Assert.All(before, broker => Assert.InRange(sizes.Bytes[(topic, 0, broker)], 1, long.MaxValue));
        Assert.All(before, broker => Assert.True(sizes.FreeBytes[broker] > 0));

        await ThrottlesAsync(kafka, topic);
        await MoveAndCancelAsync(kafka, topic, before, Enumerable.Range(1, 4).First(broker => !before.Contains(broker)));
        await ReorderAndElectAsync(kafka, topic);
    }

    private static async Task ThrottlesAsync(IKafkaOperations kafka, string topic)
    {
        var (list, rate) = (new ThrottleKey(topic, null, ThrottleKey.LeaderReplicas), new ThrottleKey(null, 1, ThrottleKey.LeaderRate));
        await ValueIsAsync(kafka, list, null);
        await AlterAsync(kafka, list, ThrottleOperation.Append, "0:1,0:2");
        await AlterAsync(kafka, list, ThrottleOperation.Append, "0:2,1:3");
        await ValueIsAsync(kafka, list, "0:1", "0:2", "1:3");
        await AlterAsync(kafka, list, ThrottleOperation.Subtract, "0:1,9:9");
        await ValueIsAsync(kafka, list, "0:2", "1:3");
        await AlterAsync(kafka, list, ThrottleOperation.Subtract, "0:2,1:3");
        await ValueIsAsync(kafka, list); // an empty override is left
        await AlterAsync(kafka, list, ThrottleOperation.Delete, null);
        await ValueIsAsync(kafka, list, null);

        await AlterAsync(kafka, list, ThrottleOperation.Set, "*");
        await AlterAsync(kafka, list, ThrottleOperation.Append, "0:1", AnswerKind.Refused);
        await ValueIsAsync(kafka, list, "*");
        await AlterAsync(kafka, list, ThrottleOperation.Delete, null);

        await ValueIsAsync(kafka, rate, null);
        await AlterAsync(kafka, rate, ThrottleOperation.Set, "5000000");
        await ValueIsAsync(kafka, rate, "5000000");
        await AlterAsync(kafka, rate, ThrottleOperation.Delete, null);
        await ValueIsAsync(kafka, rate, null);
        await AlterAsync(kafka, new ThrottleKey(Lost, null, ThrottleKey.LeaderReplicas), ThrottleOperation.Append, "0:1", AnswerKind.NotSent);
        Assert.Empty(await kafka.FetchThrottlesAsync([new ThrottleKey(Lost, null, ThrottleKey.LeaderReplicas)], Token));
    }

    /// <summary>Throttled, so that it is under way until it is cancelled: then the list has the order of the submission.</summary>
    private static async Task MoveAndCancelAsync(IKafkaOperations kafka, string topic, int[] before, int added)
    {
        var (leaders, followers) = (new ThrottleKey(topic, null, ThrottleKey.LeaderReplicas), new ThrottleKey(topic, null, ThrottleKey.FollowerReplicas));
        ThrottleKey[] rates = [.. Enumerable.Range(1, 4).SelectMany(broker => new ThrottleKey[] { new(null, broker, ThrottleKey.LeaderRate), new(null, broker, ThrottleKey.FollowerRate) })];
        await AlterAsync(kafka, leaders, ThrottleOperation.Set, "*");
        await AlterAsync(kafka, followers, ThrottleOperation.Set, "*");
        await Task.WhenAll(rates.Select(rate => AlterAsync(kafka, rate, ThrottleOperation.Set, "1000")));
        await ReassignAsync(kafka, topic, [before[0]], AnswerKind.Refused); // of another length
        await ReassignAsync(kafka, Lost, [before[0], added], AnswerKind.NotSent);
        await ReassignAsync(kafka, topic, null, AnswerKind.Refused); // nothing to cancel

        await ReassignAsync(kafka, topic, [added, before[1]], AnswerKind.Accepted);
        var ongoing = (await kafka.ListReassignmentsAsync(Token))![(topic, 0)];
        Assert.Equal([added], ongoing.Adding);
        Assert.Equal([before[0]], ongoing.Removing);
        await ReassignAsync(kafka, topic, null, AnswerKind.Accepted);
        await ListIsAsync(kafka, topic, [before[1], before[0]]);
        Assert.Empty((await kafka.ListReassignmentsAsync(Token))!);
        await ReassignAsync(kafka, topic, [.. before], AnswerKind.Accepted); // only the order: done at once
        await ListIsAsync(kafka, topic, before);

        await Task.WhenAll(rates.Append(leaders).Append(followers).Select(key => AlterAsync(kafka, key, ThrottleOperation.Delete, null)));
    }

    private static async Task ReorderAndElectAsync(IKafkaOperations kafka, string topic)
    {
        var partition = (await kafka.DescribeTopicsAsync([topic], Token))!.Topics[topic].Partitions[1];
        var (first, second) = (partition.Replicas[0], partition.Replicas[1]);
        Assert.Equal(AnswerKind.Refused, (await kafka.ElectPreferredAsync([new ReassignmentWish(7, topic, 1, null)], Token))[0].Kind); // it leads already
        Assert.Equal(AnswerKind.Accepted, (await kafka.ReassignAsync([new ReassignmentWish(7, topic, 1, [second, first])], Token))[0].Kind);
        await UntilAsync(kafka, topic, now => now.Partitions[1].Replicas.SequenceEqual([second, first]));
        var elected = Assert.Single(await kafka.ElectPreferredAsync([new ReassignmentWish(7, topic, 1, null)], Token));
        Assert.Equal((7, AnswerKind.Accepted), (elected.Order, elected.Kind));
        await UntilAsync(kafka, topic, now => now.Partitions[1].Leader == second);
    }

    private static async Task ReassignAsync(IKafkaOperations kafka, string topic, int[]? target, AnswerKind expected)
    {
        var answer = Assert.Single(await kafka.ReassignAsync([new ReassignmentWish(3, topic, 0, target is null ? null : [.. target])], Token));
        Assert.True((3, expected) == (answer.Order, answer.Kind), $"{topic} to {(target is null ? "null" : string.Join(',', target))}: {answer}");
        Assert.Equal(expected == AnswerKind.Accepted, answer.Error is null);
    }

    private static async Task AlterAsync(IKafkaOperations kafka, ThrottleKey key, ThrottleOperation operation, string? value, AnswerKind expected = AnswerKind.Accepted)
    {
        var answer = Assert.Single(await kafka.AlterThrottlesAsync([new ThrottleChange(key, operation, value)], Token));
        Assert.True(expected == answer.Kind, $"{operation} {value}: {answer}");
        Assert.Equal(key, answer.Key);
    }

    /// <summary>Brokers learn of a change from the controller a moment after it was answered.</summary>
    private static Task ListIsAsync(IKafkaOperations kafka, string topic, int[] expected) => UntilAsync(kafka, topic, now => now.Partitions[0].Replicas.SequenceEqual(expected));

    private static async Task UntilAsync(IKafkaOperations kafka, string topic, Func<ObservedTopic, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (await kafka.DescribeTopicsAsync([topic], Token) is not { } seen || !condition(seen.Topics[topic]))
        {
            Assert.False(limit.IsCancellationRequested, "Not within 30 s.");
            await Task.Delay(50, Token);
        }
    }

    private static async Task ValueIsAsync(IKafkaOperations kafka, ThrottleKey key, params string[]? entries)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var value = (await kafka.FetchThrottlesAsync([key], Token))[key];
            if (entries is null ? value is null : value is not null && ThrottleList.Parse(value).SetEquals(entries))
            {
                return;
            }

            Assert.False(limit.IsCancellationRequested, $"{key} is '{value}'.");
            await Task.Delay(50, Token);
        }
    }
}
