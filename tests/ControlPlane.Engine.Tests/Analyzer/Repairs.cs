using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>Repairs as the product makes them: the optimizer's fix-offline mode, and nothing but what is lost.</summary>
internal static class Repairs
{
    public static OptimizerWish Wish { get; } = new() { Mode = OptimizerMode.FixOffline, MandatoryOnly = true };

    public static RebalancePlan Of(ClusterModel picture, OptimizerWish? wish = null)
    {
        var asked = wish ?? Wish;
        var built = OptimizerModels.From(picture, BrokerCapacities.Unknown).Losing(picture, asked.Brokers);
        var fitted = built.Fit(asked);
        var result = Optimizer.Run(built, fitted, null, CancellationToken.None);
        return OptimizerPlans.From(picture, built, result, fitted, ExecutionLimits.Default, new Guid("0196a000-0000-7000-8000-000000000001"), LosingCluster.At);
    }

    public static OptimizerWish About(params ImmutableArray<int> brokers) => Wish with { Brokers = brokers };
}
