using ControlPlane.Clusters;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using ControlPlane.Execution;
using ControlPlane.Host.Tests.Connectivity;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Storage;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Execution;

/// <summary>A real broker is killed in the middle of an execution, stays dead to its end and over another one, and comes back.</summary>
public sealed class RealDeadBrokerTests(StorageServer server) : StorageTests(server)
{
    private const string Topic = "orders";
    private const int Dead = 4;

    private static readonly ThrottleKey[] BrokerKeys =
        [.. Enumerable.Range(1, 4).SelectMany(broker => new ThrottleKey[] { new(null, broker, ThrottleKey.LeaderRate), new(null, broker, ThrottleKey.FollowerRate) })];

    private static ExecutionOptions Options => new()
    {
        Look = TimeSpan.FromMilliseconds(200),
        Idle = TimeSpan.FromMilliseconds(100),
        Janitor = TimeSpan.FromMilliseconds(500),
        RequestTimeout = TimeSpan.FromMilliseconds(1_900),
        Settle = TimeSpan.FromSeconds(2),
    };

    [Fact]
    public async Task What_a_dead_broker_owes_is_taken_away_when_it_is_back_and_the_lists_stay_the_plans()
    {
        await using var kafka = await RealClusters.StartAsync(new RealKafkaOptions { Brokers = 4 });
        using var client = new RealKafkaClient(kafka.BootstrapServers);
        await client.CreateTopicAsync(Topic, [4, 1, 2], [2, 4, 1]);
        await client.ProduceAsync(Topic, 0, 6_000, 1_000);
        await client.ProduceAsync(Topic, 1, 500, 1_000);
        await using var cluster = RealClusters.Open(kafka.BootstrapServers);
        var topic = (await cluster.Operations.DescribeTopicsAsync([Topic], Token))!.Topics[Topic].Id;
        var id = await Storage.AddClusterAsync("one", Token);

        var first = await DieInTheMiddleAsync(kafka, cluster, id, new PlannedMove(Topic, topic, 0, [4, 1, 2], [3, 1, 2], 6_000_000, MoveClass.Balance, "test"));
        await MoveOffTheDeadAsync(cluster, id, new PlannedMove(Topic, topic, 1, [2, 4, 1], [2, 3, 1], 500_000, MoveClass.Offline, "test"));
        await kafka.Broker(Dead).RestartAsync(Token);

        await using var mover = await Mover.StartAsync(Storage, id, cluster, Options);
        var settled = await mover.UntilAsync(history => history.State.IsSettled, first);

        Assert.Empty(ExecutionSummary.Of(settled.State).Residue);
        ThrottleKey[] keys = [.. BrokerKeys, new(Topic, null, ThrottleKey.LeaderReplicas), new(Topic, null, ThrottleKey.FollowerReplicas)];
        var values = await cluster.Operations.FetchThrottlesAsync(keys, Token);
        Assert.Equal(keys.Length, values.Count);
        Assert.All(values, value => Assert.Null(value.Value));
        var lists = (await cluster.Operations.DescribeTopicsAsync([Topic], Token))!.Topics[Topic].Partitions;
        Assert.Equal([3, 1, 2], lists[0].Replicas);
        Assert.Equal([2, 3, 1], lists[1].Replicas);
        Assert.Equal("restored", await Storage.ScalarAsync<string>("SELECT string_agg(DISTINCT state, ',') FROM execution_throttles", Token));
    }

    /// <summary>Its throttle is set at all brokers when the source of the copy is killed; the end comes without it.</summary>
    private async Task<Guid> DieInTheMiddleAsync(RealKafka kafka, IKafkaCluster cluster, ClusterId id, PlannedMove move)
    {
        await Mover.ApproveAsync(Storage, id, new ExecutionLimits(5, 100_000), move);
        await using var mover = await Mover.StartAsync(Storage, id, cluster, Options);
        var running = await mover.UntilAsync(history => history.State.Moves[0].State == MoveState.Running);
        await kafka.Broker(Dead).KillAsync(Token);
        var faster = new ExecutionCommand.ChangeLimits(new ExecutionLimits(5, 50_000_000), "ada", "the source is dead");
        Assert.IsType<CommandAnswer.Taken>(await mover.Desk.SendAsync(id, running.Execution.Id, faster, Token));

        var ended = await mover.UntilAsync(history => history.State.IsEnded);

        Assert.Equal(ExecutionStage.Done, ended.State.Stage);
        Assert.False(ended.State.IsSettled);
        Assert.Contains(ExecutionSummary.Of(ended.State).Residue, line => line.Contains($"of broker {Dead} is still", StringComparison.Ordinal));
        await mover.KillAsync();
        return ended.Execution.Id;
    }

    /// <summary>By another process, while the broker is dead and its debt is open.</summary>
    private async Task MoveOffTheDeadAsync(IKafkaCluster cluster, ClusterId id, PlannedMove move)
    {
        var plan = await Mover.ApproveAsync(Storage, id, new ExecutionLimits(5, 50_000_000), move);
        await using var mover = await Mover.StartAsync(Storage, id, cluster, Options);

        var ended = await mover.UntilAsync(history => history.Execution.Plan == plan && history.State.IsEnded);

        Assert.Equal((ExecutionStage.Done, true), (ended.State.Stage, ended.State.Verdict!.Differences.IsEmpty));
        Assert.Equal(PlanState.Done, (await Storage.Get<PlanStore>().FindAsync(id, plan, Token))!.State);
        await mover.KillAsync();
    }
}
