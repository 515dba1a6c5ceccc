using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>Goals that can be met one by one but not together are said to contradict each other, and only those.</summary>
public sealed class ContradictionTests
{
    [Theory] // 24 partitions: 8 by number, 7 to 9; by capacities of 1, 1 and 2 the last broker has to carry half of the bytes, give or take a tenth
    [InlineData("alike, 9 of them are too few bytes for the large broker", "112", 1, true)]
    [InlineData("brokers alike contradict nothing", "111", 1, false)]
    [InlineData("where every other partition is large, 9 large ones are enough", "112", 9, false)]
    public void Numbers_and_capacities_contradict_each_other_where_partitions_are_alike(string why, string capacities, double large, bool isProven)
    {
        var result = Optimizer.Run(Cluster(capacities, partition => partition % 2 == 0 ? large : 1), OptimizerWish.Rebalance, null, TestContext.Current.CancellationToken);

        var proof = result.SoftProofs.FirstOrDefault(one => one.Constraint == "DiskUsageDistributionGoal");
        Assert.True(isProven == proof is not null, $"{why}: {proof?.Sentence}");
        Assert.Equal(OutcomeKind.Ok, result.Outcome);
        if (proof is not null)
        {
            Assert.StartsWith("DiskUsageDistributionGoal and ReplicaDistributionGoal contradict each other here: the first asks for at least ", proof.Sentence, StringComparison.Ordinal);
            Assert.Contains(" on 1 broker together (3), the second allows them 9 replicas", proof.Sentence, StringComparison.Ordinal);
            Assert.Contains(proof.Sentence, result.Notes);
            Assert.True(Left(result, "DiskUsageDistributionGoal") > 0 || Left(result, "ReplicaDistributionGoal") > 0);
        }
    }

    [Fact]
    public void A_goal_that_was_not_asked_for_contradicts_nothing()
    {
        var wish = OptimizerWish.Rebalance with { Goals = ["DiskCapacityGoal", "DiskUsageDistributionGoal"] };

        var result = Optimizer.Run(Cluster("112", _ => 1), wish, null, TestContext.Current.CancellationToken);

        Assert.Empty(result.SoftProofs);
        Assert.Equal(0, Left(result, "DiskUsageDistributionGoal"));
    }

    /// <summary>Of goals that are said to contradict each other no plan ever meets both; brokers of two sizes and partitions from alike to very different.</summary>
    [Fact]
    public void What_is_said_to_contradict_is_never_met_together()
    {
        var (proven, met) = (0, 0);
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var spread = seed % 8;
            var model = Cluster(seed % 2 == 0 ? "112" : "122", _ => Math.Exp(random.NextDouble() * spread / 2));
            var result = Optimizer.Run(model, OptimizerWish.Rebalance with { Seed = (ulong)seed }, null, TestContext.Current.CancellationToken);
            foreach (var sentence in result.SoftProofs.Select(proof => proof.Sentence).Where(sentence => sentence.Contains(" contradict each other ", StringComparison.Ordinal)))
            {
                var words = sentence.Split(' ');
                Assert.True(Left(result, words[0]) > 0 || Left(result, words[2]) > 0, $"seed {seed}: both are met: {sentence}");
                proven++;
            }

            met += Left(result, "DiskUsageDistributionGoal") == 0 && Left(result, "ReplicaDistributionGoal") == 0 ? 1 : 0;
        }

        Assert.True(proven > 10 && met > 3, $"{proven} proofs and {met} plans without any need for one: too few to show anything");
    }

    private static int Left(OptimizerResult result, string goal) => result.Goals.Single(one => one.Goal == goal).ViolatedAfter;

    /// <summary>Two dozen partitions of one replica on three brokers of own racks, eight on each.</summary>
    private static OptimizerModel Cluster(string capacities, Func<int, double> weight)
    {
        var model = GoalTable.Cluster(string.Join('|', Enumerable.Range(0, 24).Select(partition => (partition % 3).ToString(System.Globalization.CultureInfo.InvariantCulture))), size: 1, rate: 1, cpu: 0.1, racks: "abc");
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            var factor = weight(partition);
            foreach (var load in (int[])[LoadOf.Size, LoadOf.BytesIn, LoadOf.BytesOut])
            {
                model.Loads[(partition * LoadOf.Count) + load] *= factor;
            }
        }

        for (var at = 0; at < model.Capacity.Length; at++)
        {
            model.Capacity[at] *= 10 * (capacities[at / 4] - '0');
        }

        return model;
    }
}
