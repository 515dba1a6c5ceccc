using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>What is being reassigned counts where it goes, occupies what it leaves, and is not moved again.</summary>
public sealed class InFlightTests
{
    private static readonly ReplicaMarks[] None = [ReplicaMarks.None, ReplicaMarks.None, ReplicaMarks.None];

    [Fact]
    public void Loads_are_those_of_the_target_and_the_old_copy_fills_its_disk()
    {
        // t0-0 goes from broker 1 to broker 3: the list holds both until Kafka is done.
        var model = GoalTable.Cluster("012 01", 100, 1, 1) with { Marks = [ReplicaMarks.Removing, ReplicaMarks.None, ReplicaMarks.Adding | ReplicaMarks.OutOfSync, ReplicaMarks.None, ReplicaMarks.None] };

        var target = InFlight.AtTarget(model);

        Assert.Equal([1, 2, 0, 1], target.Broker);
        Assert.Equal([0, 2, 4], target.Start);
        Assert.Equal([0, 2], target.Lead); // the first of the list that stays
        Assert.Equal([100, 0, 0], target.DiskForeign);
        Assert.True(InFlight.IsReassigning(target, 0));
        Assert.False(InFlight.IsReassigning(target, 1));
        Assert.Same(target, InFlight.AtTarget(target));
    }

    [Fact]
    public void A_cluster_that_is_even_once_all_is_done_is_left_alone()
    {
        // Without what runs broker 1 would hold five and broker 3 one.
        var model = GoalTable.Cluster("02 02 0 1 1 1 2", 100, 0, 0) with { Marks = [ReplicaMarks.Removing, ReplicaMarks.Adding, ReplicaMarks.Removing, ReplicaMarks.Adding, .. None, ReplicaMarks.None, ReplicaMarks.None] };

        var result = Run(model, OptimizerWish.Rebalance with { Goals = ["ReplicaDistributionGoal", "DiskUsageDistributionGoal"] });

        Assert.True(result.Verdict.IsSound, string.Join(" ", result.Verdict.Problems));
        Assert.DoesNotContain(result.Changes, change => change.Partition < 2);
        Assert.Equal(2, result.Brokers[2].Before[Lane.Replicas] - 1);
        Assert.Contains(result.Notes, note => note.StartsWith("2 partitions are being reassigned", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_still_on_a_disk_leaves_no_room_there()
    {
        // Broker 1 is emptied of 700 bytes by what runs, but they are there; only broker 2 has room for what broker 3 loses.
        var model = GoalTable.Cluster("01 2 1", 700, 0, 0) with { Marks = [ReplicaMarks.Removing, ReplicaMarks.Adding, ReplicaMarks.None, ReplicaMarks.None], Loads = [0, 0, 0, 0, 700, 0, 0, 0, 0, 300, 0, 0, 0, 0, 10] };
        var wish = new OptimizerWish { Mode = OptimizerMode.RemoveBrokers, Brokers = [3], Goals = ["DiskCapacityGoal"] };

        var result = Run(model, wish);

        // Broker 2 holds 710 at the target, broker 1 none but 700 still to go: 300 more fit on neither within 80 %.
        Assert.NotEqual(OutcomeKind.Ok, result.Outcome);
        Assert.True(result.Verdict.IsSound, string.Join(" ", result.Verdict.Problems));
        Assert.Equal(OutcomeKind.Ok, Run(model with { Marks = [], Start = [0, 1, 2, 3], Broker = [1, 2, 1], Lead = [0, 1, 2] }, wish).Outcome); // once it is done
    }

    [Fact]
    public void A_lost_replica_that_is_being_reassigned_waits_and_is_named()
    {
        var model = GoalTable.Cluster("01 12", 100, 0, 0) with { Conditions = [BrokerCondition.Dead, BrokerCondition.Alive, BrokerCondition.Alive], Lead = [1, 2], Marks = [ReplicaMarks.None, ReplicaMarks.Staying, ReplicaMarks.None, ReplicaMarks.None] };

        var result = Run(model, new OptimizerWish { Mode = OptimizerMode.FixOffline, MandatoryOnly = true });

        Assert.Empty(result.Changes);
        Assert.Equal(OutcomeKind.NotFound, result.Outcome);
        Assert.Contains("being reassigned already", Assert.Single(result.Unplaced).Why, StringComparison.Ordinal);
        Assert.True(result.Verdict.IsSound, string.Join(" ", result.Verdict.Problems));
    }

    [Fact]
    public void No_plan_of_any_mode_touches_what_is_being_reassigned()
    {
        foreach (var mode in Enum.GetValues<OptimizerMode>())
        {
            for (var seed = 1; seed <= 25; seed++)
            {
                var world = OptimizerWorld.Of(seed);
                var random = new Random(seed);
                if (world.Model.Partitions == 0 || (mode == OptimizerMode.RemoveDirs && !world.HasDirs))
                {
                    continue;
                }

                var model = world.Model with { Marks = [.. world.Model.Broker.Select(_ => random.Next(8) switch { 0 => ReplicaMarks.Removing, 1 => ReplicaMarks.Adding | ReplicaMarks.OutOfSync, _ => ReplicaMarks.None })] };
                var result = Run(model, world.Wish(mode));

                Assert.True(result.Verdict.IsSound, $"{mode} {seed}: {string.Join(" ", result.Verdict.Problems)}");
                var touched = result.Changes.FirstOrDefault(change => InFlight.IsReassigning(model, change.Partition) && (change.Copies > 0 || change.LeaderAfter != change.LeaderBefore));
                Assert.True(touched is null, $"{mode} {seed}: {touched}");
            }
        }
    }

    private static OptimizerResult Run(OptimizerModel model, OptimizerWish wish) => Optimizer.Run(model, wish, null, TestContext.Current.CancellationToken);
}
