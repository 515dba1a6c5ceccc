using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer.Search;

namespace ControlPlane.Engine.Analyzer;

/// <summary>Loads of all brokers beside what they may carry: what a page draws.</summary>
public static class LaneTable
{
    private const int Measured = 4;

    /// <summary>The bands are those a result is judged by, not the narrower ones it was solved to.</summary>
    public static ImmutableArray<BrokerLanes> Of(OptimizerModel model, OptimizerWish wish, OptimizerResult result)
    {
        var problem = ProblemBuilder.Build(model, wish);
        var bands = GoalCatalog.Shape(new Placement(problem.Arrays), wish.Bands.ForJudging(), problem.Goals, isWeighted: false);
        return
        [
            .. result.Brokers.Select(broker => new BrokerLanes(
                model.BrokerIds[broker.Broker],
                model.Racks[broker.Broker],
                model.Conditions[broker.Broker].ToString().ToLowerInvariant(),
                broker.Before,
                broker.After,
                [.. Enumerable.Range(0, Lane.Count).Select(lane => CapacityOf(model, broker.Broker, lane))],
                Edge(bands.Hard, broker.Broker),
                [.. Edge(bands.Low, broker.Broker).Select(edge => edge > 0 ? edge : double.NaN)],
                Edge(bands.High, broker.Broker))),
        ];
    }

    private static double CapacityOf(OptimizerModel model, int broker, int lane) => lane switch
    {
        < Measured => model.Capacity[(broker * Measured) + lane],
        Lane.LeaderBytesIn => model.Capacity[(broker * Measured) + Lane.BytesIn],
        Lane.PotentialBytesOut => model.Capacity[(broker * Measured) + Lane.BytesOut],
        _ => double.NaN,
    };

    private static ImmutableArray<double> Edge(double[] edges, int broker) =>
        [.. edges.AsSpan(broker * Lane.Count, Lane.Count).ToArray().Select(edge => double.IsFinite(edge) ? edge : double.NaN)];
}
