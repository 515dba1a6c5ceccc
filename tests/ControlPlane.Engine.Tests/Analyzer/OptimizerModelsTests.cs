using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using Xunit;

namespace ControlPlane.Engine.Tests.Analyzer;

public sealed class OptimizerModelsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid Id = new("0196a000-0000-7000-8000-000000000002");

    [Fact]
    public void A_picture_becomes_a_model_that_says_what_it_had_to_assume()
    {
        var picture = new LosingCluster(3) { Down = [2] }.Build();
        var table = picture.Partitions;
        var rates = Enumerable.Range(0, table.PartitionCount).Select(p => p == 0 ? float.NaN : 10f).ToArray();
        var sizes = (long[])picture.Load.ReplicaBytes.Clone();
        sizes.AsSpan(table.ReplicaStart[1]..table.ReplicaStart[2]).Fill(-1);
        picture = picture with { Load = picture.Load with { BytesIn = rates, BytesOut = [], ReplicaBytes = sizes } };

        var built = OptimizerModels.From(picture, new BrokerCapacities(new NetworkCapacity(1e6, null), ImmutableSortedDictionary<int, NetworkCapacity>.Empty.Add(1, new NetworkCapacity(null, 5e5))));
        var model = built.Model;

        Assert.Equal(BrokerCondition.Dead, model.Conditions[picture.FindBroker(2)]);
        Assert.Equal([true, true], model.IsEstimated[..2]);
        Assert.DoesNotContain(true, model.IsEstimated[2..]);
        Assert.Equal(10, model.Loads[LoadOf.BytesIn]);
        Assert.True(model.Loads[LoadOf.Count + LoadOf.Size] > 0);
        Assert.Equal((1e6, 5e5), (model.Capacity[1], model.Capacity[2])); // broker 1: in as all others, out its own
        Assert.True(double.IsNaN(model.Capacity[0]) && double.IsNaN(model.Capacity[4 + 2]));
        Assert.Contains(built.Notes, note => note.StartsWith("CPU is not measured", StringComparison.Ordinal));
        Assert.Contains(built.Notes, note => note.StartsWith("1 partition have no measured rate", StringComparison.Ordinal) || note.Contains("no measured rate", StringComparison.Ordinal));
        Assert.Contains(built.Notes, note => note.Contains("network capacity (out)", StringComparison.Ordinal));
        Assert.True(built.RatesAreKnown);
        Assert.False(OptimizerModels.From(picture with { Load = picture.Load with { BytesIn = [] } }, BrokerCapacities.Unknown).Fit(OptimizerWish.Rebalance).Bands.CountNetwork);
    }

    [Fact]
    public void What_is_being_reassigned_stays()
    {
        var picture = new LosingCluster(3).Build() with { Reassigning = [4] };

        var built = OptimizerModels.From(picture, BrokerCapacities.Unknown);

        var expected = (picture.Partitions.TopicName[picture.Partitions.Topic[4]], picture.Partitions.NumberOf(4));
        Assert.Equal([expected], built.InFlight);
        Assert.Equal([expected], built.Fit(OptimizerWish.Rebalance).Immovable);
        Assert.Equal([expected], built.Fit(OptimizerWish.Rebalance with { Immovable = [expected] }).Immovable);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void The_plan_of_a_result_is_fresh_hashed_and_in_names_that_Kafka_takes(int seed)
    {
        var picture = new LosingCluster(seed) { Down = [2], Replicas = 3 }.Build() with { Reassigning = [] };
        var built = OptimizerModels.From(picture, BrokerCapacities.Unknown);
        var wish = built.Fit(new OptimizerWish { Mode = OptimizerMode.FixOffline });
        var result = Optimizer.Run(built.Model, wish, null, CancellationToken.None);

        var plan = OptimizerPlans.From(picture, built, result, wish, ExecutionLimits.Default, Id, Now);

        Assert.NotEmpty(plan.Moves);
        Assert.Equal([2], plan.LostBrokers);
        Assert.Equal(PlanMode.FixOffline, plan.Mode);
        Assert.Empty(PlanFreshness.Changes(plan, picture));
        Assert.NotEmpty(PlanFreshness.Changes(plan, picture with { Reassigning = [.. Enumerable.Range(0, picture.Partitions.PartitionCount)] }));
        Assert.All(plan.Moves, move => Assert.DoesNotContain(2, move.After));
        Assert.All(plan.Moves.Where(move => move.LeaderAfter is not null), move => Assert.Equal(move.LeaderAfter, move.After[0]));
        Assert.Equal(picture.Brokers.Length, plan.Lanes.Length);
        Assert.NotEqual(PlanHash.Of(plan), PlanHash.Of(plan with { Moves = plan.Moves.SetItem(0, plan.Moves[0] with { Dirs = [new PlannedDir(1, "/a", "/b")] }) }));
    }

    [Fact]
    public void A_change_of_list_and_log_dirs_becomes_steps_that_Kafka_takes_apart()
    {
        var picture = new LosingCluster(3) { Replicas = 3 }.Build();
        var dirs = ImmutableArray.Create(new LogDir("/d1", null, 1_000_000, 500_000, 1, 1), new LogDir("/d2", null, 1_000_000, 500_000, 1, 1));
        picture = picture with { Brokers = [.. picture.Brokers.Select(broker => broker with { LogDirs = dirs })], Load = picture.Load with { ReplicaLogDir = new short[picture.Partitions.ReplicaCount] } };
        var built = OptimizerModels.From(picture, BrokerCapacities.Unknown);
        var before = picture.Partitions.ReplicasOf(0).ToArray();
        var added = Enumerable.Range(0, picture.Brokers.Length).First(broker => !before.Contains(broker));
        ImmutableArray<int> after = [before[1], added, before[0]];
        var change = new PartitionChange(
            0, [.. before], after, [(before[1] * 2) + 1, (added * 2) + 1, -1], before[0], before[1], 100, 50, MoveClass.Offline, "DiskUsageDistributionGoal");
        var result = new OptimizerResult { Outcome = OutcomeKind.Ok, Changes = [change], Verdict = new PlanVerdict(true, []), PlacementHash = "" };

        var moves = OptimizerPlans.From(picture, built, result, OptimizerWish.Rebalance, ExecutionLimits.Default, Id, Now).Moves;

        int Named(int broker) => picture.Brokers[broker].Id;
        Assert.Equal([MoveKind.Dirs, MoveKind.Replicas], moves.Select(move => move.Kind));
        Assert.Equal([new PlannedDir(Named(before[1]), "/d1", "/d2")], moves[0].Dirs);
        Assert.Equal(50, moves[0].Bytes);
        Assert.Equal([new PlannedDir(Named(added), null, "/d2")], moves[1].Dirs);
        Assert.Equal(after.Select(Named), moves[1].After);
        Assert.Equal(MoveClass.Capacity, moves[1].Class); // nothing of it is broken, so nothing of it may be dropped as healed
        Assert.Contains("DiskUsageDistributionGoal", moves[1].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OptimizerMode.RemoveDirs, "kraft", true)]
    [InlineData(OptimizerMode.RemoveDirs, null, true)]
    [InlineData(OptimizerMode.RemoveDirs, "zookeeper", false)]
    [InlineData(OptimizerMode.Rebalance, "kraft", false)]
    public void A_plan_that_empties_log_dirs_names_what_it_leaves_there(OptimizerMode mode, string? controllers, bool isNamed)
    {
        var picture = new LosingCluster(3) { Replicas = 3 }.Build() with { Controller = ControllerPicture.Unknown with { Mode = controllers } };
        picture = picture with { Brokers = [.. picture.Brokers.Select(broker => broker with { LogDirs = [new LogDir("/d1", null, 1_000_000, 500_000, 1, 1)] })] };
        var wish = new OptimizerWish { Mode = mode, Dirs = [(picture.Brokers[0].Id, "/d1")] };
        var result = new OptimizerResult { Outcome = OutcomeKind.Ok, Changes = [], Verdict = new PlanVerdict(true, []), PlacementHash = "" };

        var plan = OptimizerPlans.From(picture, OptimizerModels.From(picture, BrokerCapacities.Unknown), result, wish, ExecutionLimits.Default, Id, Now);

        Assert.Equal(isNamed, plan.Notes.Any(note => note.Contains("__cluster_metadata", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_mode_has_one_word()
    {
        Assert.Equal("add-brokers", PlanModes.Word(PlanMode.AddBrokers));
        Assert.All(Enum.GetValues<OptimizerMode>(), mode => Assert.Equal(mode, PlanModes.ToOptimizer(PlanModes.Of(mode))));
        Assert.All(Enum.GetValues<PlanMode>(), mode => Assert.True(PlanModes.TryParse(PlanModes.Word(mode), out var read) && read == mode));
        Assert.False(PlanModes.TryParse("Rebalance", out _));
        Assert.False(PlanModes.TryParse(null, out _));
    }
}
