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

    [Theory]
    [InlineData(OptimizerMode.Rebalance)]
    [InlineData(OptimizerMode.RemoveBrokers)]
    public void What_stays_where_it_can_not_stay_is_told_on_disks_that_are_nearly_full(OptimizerMode mode)
    {
        var (failures, stranded) = (new List<string>(), 0);
        for (var seed = 1; seed <= 2 * Seeds; seed++)
        {
            if (WorldPlans.Asked(mode, seed) is not var (roomy, wish) || wish.MoveBudget is not null || wish.ByteBudget is not null)
            {
                continue;
            }

            var model = Tight(roomy);
            var result = Run(model, wish);
            int[] stays = [.. Stranded(model, wish, result)];
            stranded += stays.Length > 0 ? 1 : 0;
            if (stays.Length > 0 && !result.Notes.Any(IsWord))
            {
                failures.Add($"seed {seed}: {stays.Length} replicas stay on broker {string.Join(", ", stays.Distinct())} and nothing is said: {result.Outcome} {string.Join(" ", result.Proofs.Select(proof => proof.Sentence))} {string.Join(" ", result.Notes)}");
            }
        }

        Assert.True(failures.Count == 0 && stranded > 5, $"{failures.Count} of {stranded} seeds failed. {string.Join("\n", failures.Take(12))}");

        static bool IsWord(string sentence) => sentence.Contains("should not stay", StringComparison.Ordinal) || sentence.Contains("found no place", StringComparison.Ordinal);
    }

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

    /// <summary>With disks of which three quarters would be full if all were even.</summary>
    private static OptimizerModel Tight(OptimizerModel model)
    {
        var size = Enumerable.Range(0, model.Partitions).Sum(partition => model.Loads[(partition * LoadOf.Count) + LoadOf.Size] * model.ReplicasOf(partition)) + model.DiskForeign.Sum();
        var factor = size / 0.75 / Enumerable.Range(0, model.Brokers).Where(broker => model.Conditions[broker] != BrokerCondition.Dead).Sum(broker => model.Capacity[(broker * 4) + Lane.Disk]);
        return model with
        {
            Capacity = [.. model.Capacity.Select((capacity, at) => at % 4 == Lane.Disk ? capacity * factor : capacity)],
            DirCapacity = [.. model.DirCapacity.Select(capacity => capacity * factor)],
        };
    }

    /// <summary>Brokers of replicas that are on a dead broker in the end, or on one that shall be empty.</summary>
    private static IEnumerable<int> Stranded(OptimizerModel model, OptimizerWish wish, OptimizerResult result)
    {
        var after = result.Changes.ToDictionary(change => change.Partition, change => change.After);
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            var lists = after.TryGetValue(partition, out var changed) ? changed : [.. model.Broker[model.Start[partition]..model.Start[partition + 1]]];
            foreach (var broker in lists.Where(broker => model.Conditions[broker] == BrokerCondition.Dead || (wish.Mode == OptimizerMode.RemoveBrokers && wish.Brokers.Contains(model.BrokerIds[broker]))))
            {
                yield return model.BrokerIds[broker];
            }
        }
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
