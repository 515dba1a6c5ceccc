using ControlPlane.Clusters;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using ControlPlane.Execution;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Simulation;
using ControlPlane.Storage;

namespace ControlPlane.Host.Tests.Execution;

/// <summary>The runner on a real PostgreSQL and a simulated cluster, killed and followed by another owner.</summary>
public sealed class RunnerTests(StorageServer server) : StorageTests(server)
{
    private static readonly SimulationSpec Spec = new() { Brokers = 5, Racks = 0, LogDirsPerBroker = 1, Topics = 2, PartitionsPerTopic = 3, Groups = 0, Seed = 3 };

    [Fact]
    public async Task An_approved_plan_is_carried_out_and_checked()
    {
        await using var kafka = SimulatedKafkaCluster.Open(Spec, new FastTime());
        var id = await Storage.AddClusterAsync("one", Token);
        var moves = await MovesAsync(kafka, 3);
        var plan = await Mover.ApproveAsync(Storage, id, new ExecutionLimits(2, 1_000_000_000), moves);
        await using var mover = await Mover.StartAsync(Storage, id, kafka);

        var history = await mover.UntilAsync(history => history.State.IsEnded);

        Assert.Equal(ExecutionStage.Done, history.State.Stage);
        Assert.Equal(plan, history.Execution.Plan);
        Assert.True(history.State.Verdict is { Checked: 3, Differences.IsEmpty: true });
        await AssertListsAsync(kafka, moves, move => move.After);
        await AssertNoThrottleAsync(kafka, moves);
        Assert.Equal(PlanState.Done, (await Storage.Get<PlanStore>().FindAsync(id, plan, Token))!.State);
        Assert.Equal("restored", await Storage.ScalarAsync<string>("SELECT string_agg(DISTINCT state, ',') FROM execution_throttles", Token));
    }

    [Fact]
    public async Task Whatever_step_its_process_dies_at_the_next_owner_goes_on()
    {
        await using var kafka = SimulatedKafkaCluster.Open(Spec, new FastTime());
        var id = await Storage.AddClusterAsync("one", Token);
        var moves = await MovesAsync(kafka, 4);
        await Mover.ApproveAsync(Storage, id, new ExecutionLimits(1, 1_000_000_000), moves);
        ExecutionHistory history;
        var kills = 0;
        for (var next = 2L; ; next = history.Execution.Sequence + 2, kills++)
        {
            await using var mover = await Mover.StartAsync(Storage, id, kafka);
            history = await mover.UntilAsync(history => (history.Execution.Sequence >= next && Epochs(history) > kills) || history.State.IsEnded); // it wrote something itself
            if (history.State.IsEnded)
            {
                break;
            }

            await mover.KillAsync();
        }

        Assert.InRange(kills, 4, 100);
        Assert.InRange(Epochs(history), kills, kills + 1); // the last one killed may have been at the end
        Assert.Equal(Enumerable.Range(1, history.Journal.Length).Select(place => (long)place), history.Journal.Select(entry => entry.Sequence));
        Assert.Equal(ExecutionStage.Done, history.State.Stage);
        await AssertListsAsync(kafka, moves, move => move.After);
        await AssertNoThrottleAsync(kafka, moves);
    }

    private static int Epochs(ExecutionHistory history) => history.Journal.Select(entry => entry.Epoch).Distinct().Count();

    [Fact]
    public async Task Cancelling_with_revert_restores_the_lists_and_a_second_cancel_is_refused()
    {
        await using var kafka = SimulatedKafkaCluster.Open(Spec, TimeProvider.System);
        var id = await Storage.AddClusterAsync("one", Token);
        var moves = await MovesAsync(kafka, 2, leastBytes: 1_000_000);
        await Mover.ApproveAsync(Storage, id, new ExecutionLimits(5, 1), moves); // a byte a second: it is not done before it is cancelled
        await using var mover = await Mover.StartAsync(Storage, id, kafka);
        var running = await mover.UntilAsync(history => history.State.Moves.Any(move => move.State == MoveState.Running));

        Assert.IsType<CommandAnswer.Taken>(await mover.Desk.SendAsync(id, running.Execution.Id, new ExecutionCommand.Cancel(CancelMode.RevertInFlight, "ada", "wrong plan"), Token));
        var history = await mover.UntilAsync(history => history.State.IsEnded);

        Assert.Equal(ExecutionStage.Cancelled, history.State.Stage);
        Assert.All(history.State.Moves, move => Assert.Contains(move.State, new[] { MoveState.Reverted, MoveState.Dropped })); // dropped: not begun when it was cancelled
        Assert.Contains(history.State.Moves, move => move.State == MoveState.Reverted);
        await AssertListsAsync(kafka, moves, move => move.Before);
        await AssertNoThrottleAsync(kafka, moves);
        Assert.Contains("ended", CommandRules.Refuse(history.State, new ExecutionCommand.Cancel(CancelMode.RevertInFlight, "ada", null)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_sent_while_the_lease_has_too_little_time_left()
    {
        await using var kafka = SimulatedKafkaCluster.Open(Spec, new FastTime());
        var id = await Storage.AddClusterAsync("one", Token);
        var moves = await MovesAsync(kafka, 2);
        await Mover.ApproveAsync(Storage, id, new ExecutionLimits(5, null), moves);
        var options = Mover.Quick;
        options.LeaseMargin = TimeSpan.FromHours(2);
        await using (var late = await Mover.StartAsync(Storage, id, kafka, options, leaseLeft: TimeSpan.FromHours(1)))
        {
            var waiting = await late.UntilAsync(history => history.Journal.Any(entry => entry.Event is ExecutionEvent.MovesUnsent));
            Assert.DoesNotContain(waiting.Journal, entry => entry.Event is ExecutionEvent.MovesSeen or ExecutionEvent.MovesDone);
            Assert.Empty((await kafka.Operations.ListReassignmentsAsync(Token))!);
            await AssertListsAsync(kafka, moves, move => move.Before);
            await late.KillAsync();
        }

        await using var mover = await Mover.StartAsync(Storage, id, kafka);
        Assert.Equal(ExecutionStage.Done, (await mover.UntilAsync(history => history.State.IsEnded)).State.Stage);
    }

    [Fact]
    public async Task An_old_execution_goes_with_its_journal_and_plan_but_never_while_a_throttle_is_owed()
    {
        await using var kafka = SimulatedKafkaCluster.Open(Spec, new FastTime());
        var id = await Storage.AddClusterAsync("one", Token);
        await Mover.ApproveAsync(Storage, id, new ExecutionLimits(5, 1_000_000_000), await MovesAsync(kafka, 1));
        await using (var mover = await Mover.StartAsync(Storage, id, kafka))
        {
            await mover.UntilAsync(history => history.State.IsSettled);
        }

        Assert.Equal(0, (await Storage.Get<Retention>().RunAsync(Token)).Executions);
        await AgeAsync(isSettled: false);
        Assert.Equal(0, (await Storage.Get<Retention>().RunAsync(Token)).Executions);
        Assert.Equal(1, await Storage.ScalarAsync<long>("SELECT count(*) FROM executions", Token));
        await AgeAsync(isSettled: true);
        Assert.Equal(1, (await Storage.Get<Retention>().RunAsync(Token)).Executions);
        Assert.Equal(0, await Storage.ScalarAsync<long>(
            "SELECT (SELECT count(*) FROM executions) + (SELECT count(*) FROM execution_journal) + (SELECT count(*) FROM execution_throttles) + (SELECT count(*) FROM plans)", Token));
    }

    [Fact]
    public async Task A_stale_owner_can_write_nothing()
    {
        await using var kafka = SimulatedKafkaCluster.Open(Spec, new FastTime());
        var id = await Storage.AddClusterAsync("one", Token);
        await Mover.ApproveAsync(Storage, id, new ExecutionLimits(1, null), await MovesAsync(kafka, 1));
        await using var mover = await Mover.StartAsync(Storage, id, kafka);
        var history = await mover.UntilAsync(history => history.State.IsEnded);
        var stale = new ClusterLease(id, Guid.NewGuid(), 1, DateTimeOffset.MaxValue, long.MaxValue);

        await Assert.ThrowsAsync<StaleEpochException>(() => Storage.Get<ExecutionStore>().AppendAsync(
            stale, history.Execution.Id, history.Execution.Sequence, [new ExecutionEvent.PauseAsked(TimeProvider.System.GetUtcNow(), "x", null)], history.State, null, Token));
        await Assert.ThrowsAnyAsync<Npgsql.PostgresException>(() => Storage.ExecuteAsync("UPDATE execution_journal SET epoch = 0", Token));
    }

    /// <summary>The smallest partitions: what takes time here is the copying, and that is not what is tested.</summary>
    /// <param name="leastBytes">An empty partition is copied within a second whatever the throttle is; who needs a move that lasts asks for more.</param>
    private static async Task<PlannedMove[]> MovesAsync(SimulatedKafkaCluster kafka, int count, long leastBytes = 0) => await kafka.CommandAsync(
        world =>
        {
            var (partitions, layout) = (world.World.Partitions, world.World.Partitions.Layout);
            var bytes = Enumerable.Range(0, partitions.Count).Select(partition => (Partition: partition, Bytes: world.World.BytesOf(partition, partitions.First(partition))));
            return bytes.Where(one => one.Bytes >= leastBytes).OrderBy(one => one.Bytes).Take(count).Select(one => one.Partition).Select(partition =>
            {
                int[] before = [.. partitions.ReplicasOf(partition).Select(replica => replica.Broker)];
                var added = Enumerable.Range(1, Spec.Brokers).First(broker => !before.Contains(broker));
                var topic = layout.Topic[partition];
                return new PlannedMove(layout.TopicName[topic], layout.TopicId[topic], layout.NumberOf(partition), [.. before], [added, .. before[1..]], 1_000, MoveClass.Balance, "test");
            }).ToArray();
        },
        Token);

    /// <summary>Past the guard, as only a test may.</summary>
    private Task AgeAsync(bool isSettled) => Storage.ExecuteAsync(
        $"ALTER TABLE executions DISABLE TRIGGER refuse_unowned_row; UPDATE executions SET finished_at = now() - interval '91 days', is_settled = {(isSettled ? "true" : "false")}; ALTER TABLE executions ENABLE TRIGGER refuse_unowned_row", Token);

    private static async Task AssertListsAsync(SimulatedKafkaCluster kafka, PlannedMove[] moves, Func<PlannedMove, IEnumerable<int>> expected)
    {
        var picture = await kafka.Operations.DescribeTopicsAsync([.. moves.Select(move => move.Topic).Distinct()], Token);
        Assert.All(moves, move => Assert.Equal(expected(move), picture!.Topics[move.Topic].Partitions[move.Partition].Replicas));
    }

    private static async Task AssertNoThrottleAsync(SimulatedKafkaCluster kafka, PlannedMove[] moves)
    {
        var keys = Enumerable.Range(1, Spec.Brokers).SelectMany(broker => new ThrottleKey[] { new(null, broker, ThrottleKey.LeaderRate), new(null, broker, ThrottleKey.FollowerRate) })
            .Concat(moves.SelectMany(move => new ThrottleKey[] { new(move.Topic, null, ThrottleKey.LeaderReplicas), new(move.Topic, null, ThrottleKey.FollowerReplicas) })).ToHashSet();
        var values = await kafka.Operations.FetchThrottlesAsync(keys, Token);
        Assert.Equal(keys.Count, values.Count);
        Assert.All(values, value => Assert.Null(value.Value));
    }

    /// <summary>The simulated world copies for hours while the test waits for seconds.</summary>
    private sealed class FastTime : TimeProvider
    {
        private readonly DateTimeOffset _start = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _start + ((System.GetUtcNow() - _start) * 500);
    }
}
