using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>What holds for every plan, over random clusters of many shapes. A failure names its seed and mode.</summary>
public sealed class OptimizerPropertyTests
{
    private const int Seeds = 40;

    public static TheoryData<OptimizerMode> Modes => [.. Enum.GetValues<OptimizerMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_verifier_finds_nothing_wrong_with_any_plan(OptimizerMode mode) => ForEach(mode, (model, wish, result) =>
        OptimizerVerifier.Check(model, wish, result).Problems.FirstOrDefault());

    [Theory]
    [MemberData(nameof(Modes))]
    public void No_plan_copies_less_than_its_lower_bound(OptimizerMode mode) => ForEach(mode, (_, _, result) =>
        result.Bound is { } bound && (result.Bytes < bound.Bytes * (1 - 1e-9) || result.ReplicaMoves < bound.Moves)
            ? $"{result.Bytes} bytes in {result.ReplicaMoves} moves, but the bound is {bound.Bytes} and {bound.Moves}"
            : null);

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_plan_is_the_same_at_one_thread_and_two(OptimizerMode mode) => ForEach(mode, (model, wish, result) =>
    {
        var other = Run(model, wish with { Threads = wish.Threads == 1 ? 2 : 1 });
        return other.PlacementHash != result.PlacementHash ? "the placement differs"
            : !Describe(other).SequenceEqual(Describe(result)) ? "the changes differ"
            : null;
    });

    [Fact]
    public void A_rebalance_finds_a_log_dir_for_everything_it_moves()
    {
        var failures = new List<string>();
        for (var seed = 1; seed <= 5 * Seeds; seed++)
        {
            var model = JbodWorld.Of(seed);
            var result = Run(model, OptimizerWish.Rebalance);
            if (result.Outcome == OutcomeKind.NotFound && result.Goals.All(goal => !goal.IsHard || goal.ViolatedBefore == 0))
            {
                failures.Add($"seed {seed}: {string.Join(", ", result.Goals.Where(goal => goal.IsHard && goal.ViolatedAfter > 0).Select(goal => goal.Goal))} {result.Notes.LastOrDefault()}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} seeds failed. {string.Join("\n", failures.Take(12))}");
    }

    private static IEnumerable<string> Describe(OptimizerResult result) =>
        result.Changes.Select(change => $"{change.Partition}:{string.Join(",", change.After)}:{change.LeaderAfter}:{string.Join(",", change.DirsAfter)}:{change.Class}:{change.Goal}");

    private static OptimizerResult Run(OptimizerModel model, OptimizerWish wish) => Optimizer.Run(model, wish, null, TestContext.Current.CancellationToken);

    private static void ForEach(OptimizerMode mode, Func<OptimizerModel, OptimizerWish, OptimizerResult, string?> check)
    {
        var failures = new List<string>();
        for (var seed = 1; seed <= Seeds; seed++)
        {
            if (WorldPlans.Of(mode, seed) is var (model, wish, result) && check(model, wish, result) is { } failure)
            {
                failures.Add($"seed {seed}: {failure}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {Seeds} seeds failed. {string.Join("\n", failures.Take(12))}");
    }
}
