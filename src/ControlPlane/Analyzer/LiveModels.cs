using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Incremental;
using ControlPlane.Engine.Model;

namespace ControlPlane.Analyzer;

/// <summary>The optimizer's models of the clusters that were planned for last, kept in memory so that planning again begins from them.</summary>
internal sealed class LiveModels
{
    /// <summary>A model of 150,000 replicas takes some 20 MB; who plans for more clusters than these at once waits for a new one to be built.</summary>
    private const int Most = 16;

    private readonly Lock _lock = new();
    private readonly List<(ClusterId Cluster, LiveModel Model)> _models = [];

    /// <summary>The model of the picture, equal to one built anew.</summary>
    public BuiltModel Take(ClusterModel picture, BrokerCapacities capacities) => Find(picture.Id).Take(picture, capacities);

    /// <summary>The one used last goes to the end; the first makes room.</summary>
    private LiveModel Find(ClusterId cluster)
    {
        lock (_lock)
        {
            var at = _models.FindIndex(one => one.Cluster == cluster);
            var model = at < 0 ? new LiveModel() : _models[at].Model;
            if (at >= 0 || _models.Count >= Most)
            {
                _models.RemoveAt(Math.Max(0, at));
            }

            _models.Add((cluster, model));
            return model;
        }
    }
}
