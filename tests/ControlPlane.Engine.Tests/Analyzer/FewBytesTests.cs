using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>A broker a little above its band gives away the replicas that bring it in with the fewest bytes, not the first that do.</summary>
public sealed class FewBytesTests
{
    private const int Brokers = 8;
    private const int Each = 14;

    /// <summary>Bands are drawn a little narrower than they are judged: so much of the mean is allowed for that.</summary>
    private const double Narrower = 3e-4;

    [Fact]
    public void A_small_plan_copies_no_more_than_the_best_choice_of_replicas()
    {
        var several = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            var (model, sizes) = Cluster(new Random(seed));
            var wish = OptimizerWish.Rebalance with { Goals = ["DiskUsageDistributionGoal"], Bands = new BandSettings(0.09) { SolveSpread = 0.09 } };
            var mean = sizes.Sum() / Brokers;
            var over = sizes[..Each].Sum() - (mean * 1.09);

            var result = Optimizer.Run(model, wish, null, TestContext.Current.CancellationToken);

            Assert.True(result.Verdict.IsSound && result.Outcome == OutcomeKind.Ok, $"seed {seed}: {result.Outcome} {string.Join(' ', result.Verdict.Problems)}");
            Assert.InRange(result.Bytes, Best(sizes[..Each], over - (mean * Narrower)) - 1e-6, Best(sizes[..Each], over + (mean * Narrower)) + 1e-6);
            Assert.InRange(result.Bound!.Bytes, 0, result.Bytes + 1e-6);
            several += result.ReplicaMoves > 1 ? 1 : 0;
        }

        Assert.InRange(several, 10, 59); // both one large and several small replicas were the best choice
    }

    /// <summary>Replication factor one; the first broker is above its band, the others have room.</summary>
    private static (OptimizerModel Model, double[] Sizes) Cluster(Random random)
    {
        double[] sizes = [.. Enumerable.Range(0, Brokers * Each).Select(_ => 1 + (40 * random.NextDouble()))];
        for (var broker = 0; broker < Brokers; broker++)
        {
            var own = sizes.AsSpan(broker * Each, Each);
            var (sum, wanted) = (0.0, broker == 0 ? 330 + (20 * random.NextDouble()) : 290 + (10 * random.NextDouble()));
            foreach (var size in own)
            {
                sum += size;
            }

            foreach (ref var size in own)
            {
                size *= wanted / sum;
            }
        }

        var lists = string.Join(' ', Enumerable.Range(0, Brokers * Each).Select(partition => partition / Each));
        var model = GoalTable.Cluster(lists, racks: "abcdefgh");
        double[] loads = [.. sizes.SelectMany(size => new[] { 0, 0, 0, 0, size })];
        return (model with { Loads = loads }, sizes);
    }

    private static double Best(double[] sizes, double need)
    {
        var best = double.PositiveInfinity;
        for (var choice = 1; choice < 1 << sizes.Length; choice++)
        {
            var sum = 0.0;
            for (var item = 0; item < sizes.Length && sum < best; item++)
            {
                sum += ((choice >> item) & 1) * sizes[item];
            }

            best = sum >= need && sum < best ? sum : best;
        }

        return best;
    }
}
