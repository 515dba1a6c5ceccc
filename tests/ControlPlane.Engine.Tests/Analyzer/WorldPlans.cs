using System.Collections.Concurrent;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>The plan of every mode for every random cluster, searched once for all tests that look at it; models and results are never changed.</summary>
internal static class WorldPlans
{
    private static readonly ConcurrentDictionary<(OptimizerMode Mode, int Seed), Lazy<Plan?>> Made = new();

    /// <summary>Null where the mode does not apply to that cluster.</summary>
    public static Plan? Of(OptimizerMode mode, int seed) => Made.GetOrAdd((mode, seed), key => new(() => Make(key.Mode, key.Seed))).Value;

    /// <summary>What is asked of that cluster; null where the mode does not apply to it.</summary>
    public static (OptimizerModel Model, OptimizerWish Wish)? Asked(OptimizerMode mode, int seed)
    {
        var world = OptimizerWorld.Of(seed);
        if (mode == OptimizerMode.RemoveDirs && !world.HasDirs)
        {
            return null;
        }

        // Kafka-assigner mode knows replica lists and racks, but neither demotion nor budgets.
        return mode == OptimizerMode.KafkaAssigner ? (AllAlive(world.Model), new OptimizerWish { Mode = mode }) : (world.Model, world.Wish(mode));
    }

    private static Plan? Make(OptimizerMode mode, int seed) =>
        Asked(mode, seed) is var (model, wish) ? new Plan(model, wish, Optimizer.Run(model, wish, null, CancellationToken.None)) : null;

    private static OptimizerModel AllAlive(OptimizerModel model) => model with
    {
        Conditions = new BrokerCondition[model.Brokers],
        Marks = [],
        DirAlive = [.. model.DirAlive.Select(_ => true)],
        Lead = [.. model.Lead.Select((slot, partition) => slot < 0 ? model.Start[partition] : slot)],
    };

    internal sealed record Plan(OptimizerModel Model, OptimizerWish Wish, OptimizerResult Result);
}
