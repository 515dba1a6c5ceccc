using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Execution;
using ControlPlane.Host.Tests.Storage;
using ControlPlane.Simulation;

namespace ControlPlane.Host.Tests.Execution;

/// <summary>Moves of the other kinds, from plan to check: more and fewer replicas, leadership alone, log dirs.</summary>
public sealed class OtherMovesTests(StorageServer server) : StorageTests(server)
{
    private static readonly SimulationSpec Spec = new() { Brokers = 5, Racks = 0, LogDirsPerBroker = 2, Topics = 1, PartitionsPerTopic = 5, Groups = 0, Seed = 3 };

    [Fact]
    public async Task Replication_factors_leaders_and_log_dirs_change_as_planned()
    {
        await using var kafka = SimulatedKafkaCluster.Open(Spec, new FastTime());
        var cluster = await Storage.AddClusterAsync("one", Token);
        var (topic, id, lists) = await kafka.CommandAsync(world =>
        {
            var (partitions, layout) = (world.World.Partitions, world.World.Partitions.Layout);
            var index = Array.FindIndex(layout.TopicInternal, one => !one);
            var first = layout.TopicStart[index];
            return (layout.TopicName[index], layout.TopicId[index], Enumerable.Range(first, 5).Select(partition => partitions.ReplicasOf(partition).Select(replica => replica.Broker).ToArray()).ToArray());
        }, Token);
        int Spare(int partition) => Enumerable.Range(1, Spec.Brokers).First(broker => !lists[partition].Contains(broker));
        PlannedMove Move(int partition, int[] after, params PlannedDir[] dirs) => new(topic, id, partition, [.. lists[partition]], [.. after], 1_000, MoveClass.Balance, "test") { Dirs = [.. dirs] };
        var places = (await kafka.Operations.FetchSizesAsync([.. Enumerable.Range(1, Spec.Brokers)], [.. Enumerable.Range(0, 5).Select(partition => (topic, partition))], Token)).Places;
        var dirs = places.Values.Select(place => place.Path!).Distinct().Order(StringComparer.Ordinal).ToArray();
        var (holder, from) = (lists[3][0], places[(topic, 3, lists[3][0])].Path!);
        var to = dirs.First(dir => dir != from);
        await Mover.ApproveAsync(
            Storage, cluster, new ExecutionLimits(5, null),
            Move(0, [.. lists[0], Spare(0)], new PlannedDir(Spare(0), null, dirs[^1])), // more, in a log dir that was asked for
            Move(1, [lists[1][1], lists[1][0]]), // fewer
            Move(2, [lists[2][1], lists[2][0], .. lists[2][2..]]), // another order, so that another one leads
            Move(3, lists[3], new PlannedDir(holder, from, to)),
            Move(4, lists[4])); // leads already
        await using var mover = await Mover.StartAsync(Storage, cluster, kafka);

        var history = await mover.UntilAsync(history => history.State.IsEnded);

        Assert.True(history.State.Stage == ExecutionStage.Done, string.Join('\n', history.State.Result!.Residue));
        Assert.All(history.State.Moves, move => Assert.Equal(MoveState.Done, move.State));
        var after = (await kafka.Operations.DescribeTopicsAsync([topic], Token))!.Topics[topic].Partitions;
        Assert.Equal([.. lists[0], Spare(0)], after[0].Replicas);
        Assert.Equal([lists[1][1], lists[1][0]], after[1].Replicas);
        Assert.Equal(lists[2][1], after[2].Leader);
        var now = (await kafka.Operations.FetchSizesAsync([.. Enumerable.Range(1, Spec.Brokers)], [(topic, 0), (topic, 3)], Token)).Places;
        Assert.Equal(to, now[(topic, 3, holder)].Path);
        Assert.Equal(dirs[^1], now[(topic, 0, Spare(0))].Path);
        var refused = await kafka.Operations.ReassignAsync([new ReassignmentWish(0, topic, 4, [lists[4][0]])], Token);
        Assert.Equal(("INVALID_REPLICATION_FACTOR", AnswerKind.Refused), (refused[0].Error, refused[0].Kind)); // the guard stands where nobody asked
    }

    private sealed class FastTime : TimeProvider
    {
        private readonly DateTimeOffset _start = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _start + ((System.GetUtcNow() - _start) * 500);
    }
}
