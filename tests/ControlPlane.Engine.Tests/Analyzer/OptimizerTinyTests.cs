using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>Against trying every placement, on clusters of five brokers at most.</summary>
public sealed class OptimizerTinyTests
{
    private const int Seeds = 200;

    [Fact]
    public void A_plan_is_found_exactly_when_some_placement_holds_every_hard_goal()
    {
        var (failures, feasible, impossible) = (new List<string>(), 0, 0);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var model = OptimizerWorld.Tiny(seed);
            var result = Run(model, OptimizerWish.Rebalance);
            if (new OptimizerBruteForce(model, OptimizerWish.Rebalance).IsFeasible() is not { } isFeasible)
            {
                continue;
            }

            (feasible, impossible) = isFeasible ? (feasible + 1, impossible) : (feasible, impossible + 1);
            var isRight = isFeasible ? result.Outcome == OutcomeKind.Ok : result.Outcome != OutcomeKind.Ok;
            if (!isRight)
            {
                failures.Add($"seed {seed}: {result.Outcome}, but a placement {(isFeasible ? "exists" : "does not exist")}. {string.Join(" ", result.Proofs.Select(proof => proof.Sentence))}{string.Join(", ", result.Goals.Where(goal => goal.IsHard && goal.ViolatedAfter > 0).Select(goal => $"{goal.Goal} {goal.ViolatedAfter}"))}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {Seeds}: {string.Join("\n", failures.Take(12))}");
        Assert.True(feasible > 20 && impossible > 20, $"The worlds are one-sided: {feasible} feasible, {impossible} not.");
    }

    [Fact]
    public void A_minimal_repair_copies_no_more_than_the_best_one_does()
    {
        var (failures, repaired, missed) = (new List<string>(), 0, 0);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var (model, wish) = Repair(seed);
            var result = Run(model, wish);
            if (new OptimizerBruteForce(model, wish).LeastBytes() is not { } least)
            {
                continue;
            }

            repaired += least > 0 && double.IsFinite(least) ? 1 : 0;
            missed += double.IsFinite(least) && result.Outcome == OutcomeKind.NotFound ? 1 : 0;
            var isRight = result.Outcome switch
            {
                OutcomeKind.Ok => result.Bytes <= (least * (1 + 1e-9)) + 1e-6,
                OutcomeKind.Infeasible => double.IsInfinity(least),
                _ => true,
            };
            if (!isRight || (result.Bound is { } bound && bound.Bytes > (least * (1 + 1e-9)) + 1e-6))
            {
                failures.Add($"seed {seed}: {result.Outcome} with {result.Bytes:0} bytes, the best copies {least:0}, the bound says {result.Bound?.Bytes:0}.");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {Seeds}: {string.Join("\n", failures.Take(12))}");
        Assert.True(repaired > 20, $"Only {repaired} worlds had anything to repair.");

        Assert.True(missed == 0, $"{missed} of {Seeds} repairs that exist were not found.");
    }

    /// <summary>Only disks have a limit, so that nothing but the repair itself decides.</summary>
    private static (OptimizerModel Model, OptimizerWish Wish) Repair(int seed)
    {
        var model = OptimizerWorld.Tiny(seed);
        model = model with { Capacity = [.. model.Capacity.Select((capacity, place) => place % 4 != Lane.Disk ? double.NaN : double.IsNaN(capacity) ? 1000 : capacity)], DiskForeign = new double[model.Brokers] };
        var limit = 0.3 + (0.4 * new Random(seed).NextDouble());
        return (model, new OptimizerWish { Mode = OptimizerMode.MinimalRepair, Limits = [new RepairLimit(Lane.Disk, limit, [])] });
    }

    private static OptimizerResult Run(OptimizerModel model, OptimizerWish wish) => Optimizer.Run(model, wish, null, TestContext.Current.CancellationToken);
}
