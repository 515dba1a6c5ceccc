using ControlPlane.Engine.Analyzer.Search;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>The bound on whole items is what trying every choice of them finds.</summary>
public sealed class WholeCoverTests
{
    [Fact]
    public void Whole_items_cost_what_the_best_of_all_choices_costs()
    {
        var random = new Random(20261122);
        var found = 0;
        for (var round = 0; round < 3_000; round++)
        {
            var count = random.Next(1, 12);
            var costs = Array.ConvertAll(new double[count], _ => (double)random.Next(0, 40));
            var loads = Array.ConvertAll(new double[count], _ => (double)random.Next(0, 40));
            var need = random.Next(1, 120);
            var truth = BestOfAll(costs, loads, need);

            var least = WholeCover.Least(costs, loads, need, known: 0);

            var isFew = need <= 8 * loads.Max();
            Assert.Equal(truth is { } cost && isFew ? cost : 0, least);
            found += least > 0 ? 1 : 0;
        }

        Assert.InRange(found, 1_000, 3_000);
    }

    [Fact]
    public void What_is_known_already_is_never_lowered() => Assert.Equal(7, WholeCover.Least([3, 5], [10, 20], 10, known: 7));

    [Fact]
    public void Too_many_choices_leave_what_is_known()
    {
        var random = new Random(7);
        var sizes = Array.ConvertAll(new double[400], _ => 1 + random.NextDouble()); // cost and load alike: nothing can be ruled out early

        Assert.Equal(5.5, WholeCover.Least(sizes, sizes, 5.5, known: 5.5));
    }

    private static double? BestOfAll(double[] costs, double[] loads, double need)
    {
        double? best = null;
        for (var choice = 0; choice < 1 << costs.Length; choice++)
        {
            var (cost, load) = (0.0, 0.0);
            for (var item = 0; item < costs.Length; item++)
            {
                (cost, load) = ((choice >> item) & 1) == 1 ? (cost + costs[item], load + loads[item]) : (cost, load);
            }

            best = load >= need && !(cost >= best) ? cost : best;
        }

        return best;
    }
}
