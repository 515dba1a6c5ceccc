using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer.Incremental;

/// <summary>
/// The optimizer's model of one cluster, kept between runs. A newer picture takes over every array whose source is still the same; only what
/// a changed load, leader or broker touches is made anew. What it gives is never changed, so runs may still use an older one.
/// </summary>
public sealed class LiveModel
{
    private readonly Lock _lock = new();
    private ModelParts? _parts;
    private PreparedModel? _prepared;

    /// <summary>The model of the picture, ready for runs; equal to one that is built from nothing.</summary>
    public BuiltModel Take(ClusterModel picture, BrokerCapacities capacities)
    {
        lock (_lock)
        {
            _parts = ModelParts.Of(picture, _parts);
            var built = OptimizerModels.From(_parts, capacities);
            _prepared = _prepared is null ? PreparedModel.Of(built.Model) : _prepared.Next(built.Model);
            return built with { Prepared = _prepared };
        }
    }
}
