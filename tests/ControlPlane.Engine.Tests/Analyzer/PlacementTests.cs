using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using Xunit;

namespace ControlPlane.Engine.Tests.Analyzer;

public sealed class PlacementTests
{
    [Fact]
    public void Steps_cost_what_was_said_and_sums_stay_right_there_and_back()
    {
        var model = new LosingCluster(8) { Down = [4] }.Build();
        var placement = new Placement(ArraysOf(model));
        placement.Judge(GoalCatalog.Shape(placement, new BandSettings()));
        var (loads, penalties) = (placement.Load.ToArray(), placement.Penalty.ToArray());
        var random = new Random(1);
        var back = new Stack<Action>();
        for (var i = 0; i < 500; i++)
        {
            var (slot, to) = (random.Next(placement.Current.Length), random.Next(placement.Brokers));
            var (partition, from, lead, before) = (placement.Part[slot], placement.Current[slot], placement.Lead[placement.Part[slot]], placement.Penalty.Sum());
            if (i % 3 == 0)
            {
                var delta = placement.LeadDelta(partition, slot);
                placement.TransferLeadership(partition, slot);
                back.Push(() => placement.TransferLeadership(partition, lead));
                Assert.Equal(before + delta, placement.Penalty.Sum(), 1e-6 * Math.Max(1, before));
            }
            else if (!placement.Holds(to, partition))
            {
                var delta = placement.MoveDelta(slot, to);
                placement.Move(slot, to);
                back.Push(() => placement.Move(slot, from));
                Assert.Equal(before + delta, placement.Penalty.Sum(), 1e-6 * Math.Max(1, before));
            }
        }

        while (back.TryPop(out var step))
        {
            step();
        }

        Assert.Equal(model.Partitions.ReplicaBroker, placement.Current);
        Assert.All(loads.Zip(placement.Load), pair => Assert.Equal(pair.First, pair.Second, 1e-6 * Math.Max(1, pair.First)));
        Assert.All(penalties.Zip(placement.Penalty), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Assert.All(GoalCatalog.All, goal => Assert.Equal(goal.Name, goal.Report(placement, placement.Bands).Goal));
    }

    private static PlacementArrays ArraysOf(ClusterModel picture)
    {
        var model = OptimizerModels.From(picture, BrokerCapacities.Unknown).Model;
        bool[] living = [.. model.Conditions.Select(condition => condition == BrokerCondition.Alive), false];
        return new PlacementArrays
        {
            Topic = model.Topic,
            Start = model.Start,
            Lead = model.Lead,
            Loads = new(model.Loads),
            Current = model.Broker,
            Alive = living,
            CanReceive = living,
            CanLead = living,
            Rack = [.. Enumerable.Range(0, model.Brokers + 1).Select(broker => broker % 3)],
            Host = [.. Enumerable.Range(0, model.Brokers + 1)],
            DiskCapacity = [.. Enumerable.Range(0, model.Brokers).Select(broker => model.Capacity[(broker * 4) + Lane.Disk]), double.NaN],
            DiskForeign = new double[model.Brokers + 1],
            Topics = model.Topics.Length,
        };
    }
}
