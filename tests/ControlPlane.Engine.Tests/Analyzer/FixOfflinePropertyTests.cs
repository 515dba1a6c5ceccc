using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using Xunit;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>Plans for random losses, carried out on the model and judged from the outcome alone.</summary>
public sealed class FixOfflinePropertyTests
{
    private const int Worlds = 400;

    [Fact]
    public void What_could_be_restored_is_restored_and_then_nothing_is_left_to_plan()
    {
        var (moves, unplaced, twoDirs) = (0, 0, 0);
        for (var seed = 0; seed < Worlds; seed++)
        {
            var world = new LossWorld(seed);
            var before = world.Model;
            var plan = Plan(before);
            Assert.True(plan.Verdict.IsSound, $"seed {seed}: {string.Join('\n', plan.Verdict.Problems)}");

            world.Apply(plan);

            var lost = FixOfflineRules.LostReplicas(world.Model, null);
            var left = Enumerable.Range(0, world.Model.Partitions.PartitionCount).Where(p => Slots(world.Model, p).Any(slot => lost[slot])).ToArray();
            Assert.Equal(plan.Unplaced.Select(one => PartitionOf(before, one.Topic, one.Partition)).Distinct().Order(), left);
            Assert.All(left, partition => Assert.False(CouldBePlaced(world, partition, lost), $"seed {seed}: partition {partition} could have been placed"));
            var again = Plan(world.Model);
            Assert.True(again.Moves.IsEmpty, $"seed {seed}: {string.Join('\n', again.Moves)}");
            Assert.Equal(plan.Unplaced.Select(one => (one.Topic, one.Partition, one.LostBroker)), again.Unplaced.Select(one => (one.Topic, one.Partition, one.LostBroker)));
            (moves, unplaced) = (moves + plan.Moves.Length, unplaced + plan.Unplaced.Length);
            twoDirs += plan.Moves.Count(move => move.Before.Except(move.After).Any(id => FixOfflineRules.IsAlive(before.Brokers[before.FindBroker(id)])));
        }

        Assert.True(moves > 1000 && unplaced > 100 && twoDirs > 100, $"The worlds are too tame: {moves} moves, {unplaced} unplaced, {twoDirs} from failed log dirs.");
    }

    [Fact]
    public void Racks_are_crowded_only_where_no_broker_of_another_has_room()
    {
        var crowded = 0;
        for (var seed = 0; seed < Worlds; seed++)
        {
            var world = new LossWorld(seed);
            var plan = Plan(world.Model);
            world.Apply(plan);
            var racks = world.Model.Brokers.Where(FixOfflineRules.IsAlive).Select(broker => broker.Rack).Distinct().Count();
            foreach (var move in plan.Moves)
            {
                var most = (move.After.Length + racks - 1) / racks;
                var used = move.After.GroupBy(id => RackOf(world.Model, id)).ToDictionary(rack => rack.Key, rack => rack.Count());
                if (!move.After.Except(move.Before).Any(id => used[RackOf(world.Model, id)] > most))
                {
                    continue;
                }

                crowded++;
                var size = world.SizeOf(world.Model.Partitions.ReplicaStart[PartitionOf(world.Model, move.Topic, move.Partition)]);
                var better = world.Model.Brokers.Where((broker, index) => FixOfflineRules.MayReceive(broker)
                    && !move.Before.Contains(broker.Id) && !move.After.Contains(broker.Id)
                    && used.GetValueOrDefault(broker.Rack!) < most
                    && world.Used(index) + size <= world.Capacity(index) * 0.8);
                Assert.True(!better.Any(), $"seed {seed}: {move} although broker {better.FirstOrDefault()?.Id} has room");
            }
        }

        Assert.True(crowded > 20, $"Only {crowded} moves had to crowd a rack.");
    }

    [Fact]
    public void Planner_and_verifier_agree_on_the_limit_of_replicas()
    {
        var crowded = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var model = new LosingCluster(seed) { Down = [4] }.Build();
            var limit = 30 + (seed % 8);

            var plan = Repairs.Of(model, Repairs.Wish with { Bands = new BandSettings(ReplicaLimit: limit) });

            Assert.True(plan.Verdict.IsSound, $"seed {seed}: {string.Join('\n', plan.Verdict.Problems)}");
            crowded += plan.Moves.Count(move => move.Reason.Contains("free rack", StringComparison.Ordinal));
        }

        Assert.True(crowded > 20, $"Only {crowded} moves met the limit.");
    }

    /// <summary>From the outcome: enough living brokers that do not hold it have room for each of its lost replicas.</summary>
    private static bool CouldBePlaced(LossWorld world, int partition, bool[] lost)
    {
        var model = world.Model;
        var slots = Slots(model, partition).ToArray();
        var room = model.Brokers.Where((broker, index) => FixOfflineRules.MayReceive(broker)
            && !model.Partitions.ReplicasOf(partition).Contains(index)
            && world.Used(index) + world.SizeOf(slots[0]) <= world.Capacity(index) * 0.95);
        return slots.Any(slot => !lost[slot] && model.Partitions.ReplicaFlags[slot].Has(ReplicaFlags.InSync)) && room.Count() >= slots.Count(slot => lost[slot]);
    }

    private static IEnumerable<int> Slots(ClusterModel model, int partition) =>
        Enumerable.Range(model.Partitions.ReplicaStart[partition], model.Partitions.ReplicaStart[partition + 1] - model.Partitions.ReplicaStart[partition]);

    private static string RackOf(ClusterModel model, int id) => model.Brokers[model.FindBroker(id)].Rack!;

    private static int PartitionOf(ClusterModel model, string topic, int partition) => model.Partitions.TopicStart[model.Partitions.FindTopic(topic)] + partition;

    private static RebalancePlan Plan(ClusterModel model) => Repairs.Of(model);
}
