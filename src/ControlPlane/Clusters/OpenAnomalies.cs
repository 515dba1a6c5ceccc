using System.Collections.Concurrent;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Clusters;

/// <summary>The anomalies that are open now on the clusters this process owns, as its memory has them; the database follows.</summary>
internal interface IOpenAnomalies
{
    /// <summary>Another round has changed what is open. Handlers must not block or throw.</summary>
    event Action<ClusterId>? Changed;

    /// <summary>Oldest first; none of a cluster that is not owned here.</summary>
    IReadOnlyList<Anomaly> Of(ClusterId cluster);
}

/// <summary>Written by each cluster's watch, read by whoever acts on anomalies.</summary>
internal sealed class OpenAnomalies : IOpenAnomalies
{
    private readonly ConcurrentDictionary<ClusterId, IReadOnlyList<Anomaly>> _open = new();

    public event Action<ClusterId>? Changed;

    public IReadOnlyList<Anomaly> Of(ClusterId cluster) => _open.GetValueOrDefault(cluster, []);

    public void Set(ClusterId cluster, IReadOnlyList<Anomaly> open)
    {
        var before = Of(cluster);
        _open[cluster] = open;
        if (!before.SequenceEqual(open))
        {
            Changed?.Invoke(cluster);
        }
    }

    /// <summary>The cluster is not owned here any more.</summary>
    public void Forget(ClusterId cluster)
    {
        if (_open.TryRemove(cluster, out var before) && before.Count > 0)
        {
            Changed?.Invoke(cluster);
        }
    }
}
