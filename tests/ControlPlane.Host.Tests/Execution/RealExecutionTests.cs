using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Host.Tests.Connectivity;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Execution;

/// <summary>Moves between real brokers: to the end, and taken back; throttles of others stand as before.</summary>
public sealed class RealExecutionTests(StorageServer server) : StorageTests(server)
{
    private const string Topic = "orders";

    [Fact]
    public async Task A_move_between_real_brokers_ends_verified_and_one_that_is_cancelled_goes_back()
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions { Brokers = 4 });
        using var client = new RealKafkaClient(kafka.BootstrapServers);
        await client.CreateTopicAsync(Topic, [1, 2], [1, 2]);
        await client.ProduceAsync(Topic, 0, 500, 1_000);
        await client.ProduceAsync(Topic, 1, 6_000, 1_000);
        await using var cluster = RealClusters.Open(kafka.BootstrapServers);
        var operations = cluster.Operations;
        var id = (await operations.DescribeTopicsAsync([Topic], Token))!.Topics[Topic].Id;
        var foreign = new ThrottleKey(null, 1, ThrottleKey.LeaderRate);
        var list = new ThrottleKey(Topic, null, ThrottleKey.LeaderReplicas);
        var set = await operations.AlterThrottlesAsync(
            [new ThrottleChange(foreign, ThrottleOperation.Set, "77000000"), new ThrottleChange(list, ThrottleOperation.Append, "7:1")], Token);
        Assert.All(set, answer => Assert.Equal(AnswerKind.Accepted, answer.Kind));
        var mine = await Storage.AddClusterAsync("one", Token);

        await Mover.ApproveAsync(Storage, mine, new ExecutionLimits(5, 10_000_000), new PlannedMove(Topic, id, 0, [1, 2], [3, 2], 500_000, MoveClass.Balance, "test"));
        await using (var mover = await Mover.StartAsync(Storage, mine, cluster, Real))
        {
            var done = await mover.UntilAsync(history => history.State.IsEnded);
            Assert.Equal(ExecutionStage.Done, done.State.Stage);
            Assert.Contains(done.Journal, entry => entry.Event is ExecutionEvent.ThrottlesSet);
            await mover.KillAsync();
        }

        await Mover.ApproveAsync(Storage, mine, new ExecutionLimits(5, 100_000), new PlannedMove(Topic, id, 1, [1, 2], [4, 1], 6_000_000, MoveClass.Balance, "test"));
        await using (var mover = await Mover.StartAsync(Storage, mine, cluster, Real))
        {
            var running = await mover.UntilAsync(history => history.State.Moves[0] is { State: MoveState.Running, Plan.Partition: 1 });
            await mover.Desk.SendAsync(mine, running.Execution.Id, new ExecutionCommand.Cancel(CancelMode.RevertInFlight, "ada", null), Token);
            var cancelled = await mover.UntilAsync(history => history.State.IsEnded && history.Execution.Id == running.Execution.Id);
            Assert.Equal((ExecutionStage.Cancelled, MoveState.Reverted), (cancelled.State.Stage, cancelled.State.Moves[0].State));
        }

        var after = (await operations.DescribeTopicsAsync([Topic], Token))!.Topics[Topic];
        Assert.Equal([3, 2], after.Partitions[0].Replicas);
        Assert.Equal([1, 2], after.Partitions[1].Replicas);
        Assert.Empty((await operations.ListReassignmentsAsync(Token))!);
        await AssertThrottlesAsync(operations, foreign, list);
    }

    private static ControlPlane.Execution.ExecutionOptions Real => new()
    {
        Look = TimeSpan.FromMilliseconds(200),
        Idle = TimeSpan.FromMilliseconds(100),
        RequestTimeout = TimeSpan.FromMilliseconds(1_900),
        Settle = TimeSpan.FromSeconds(2),
    };

    private static async Task AssertThrottlesAsync(ControlPlane.Clusters.IKafkaOperations operations, ThrottleKey foreign, ThrottleKey list)
    {
        var keys = Enumerable.Range(1, 4).SelectMany(broker => new ThrottleKey[] { new(null, broker, ThrottleKey.LeaderRate), new(null, broker, ThrottleKey.FollowerRate) })
            .Append(list).Append(new(Topic, null, ThrottleKey.FollowerReplicas)).ToHashSet();
        var values = await operations.FetchThrottlesAsync(keys, Token);
        Assert.Equal(keys.Count, values.Count);
        Assert.Equal("77000000", values[foreign]);
        Assert.Equal("7:1", values[list]);
        Assert.All(values.Where(value => value.Key != foreign && value.Key != list), value => Assert.Null(value.Value));
    }
}
