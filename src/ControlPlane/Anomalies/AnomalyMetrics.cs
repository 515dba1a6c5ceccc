using System.Diagnostics;
using System.Diagnostics.Metrics;
using ControlPlane.Clusters;
using ControlPlane.Engine.Anomalies;

namespace ControlPlane.Anomalies;

/// <summary>How many anomalies there were and are, on the clusters that this process owns.</summary>
internal sealed class AnomalyMetrics
{
    private readonly Counter<long> _total;

    public AnomalyMetrics(IMeterFactory meters, ClusterRegistry registry, IOpenAnomalies open)
    {
        var meter = meters.Create(ClusterMetrics.MeterName);
        _total = meter.CreateCounter<long>("kcp_anomalies_total", description: "Anomalies that became active");
        meter.CreateObservableGauge("kcp_anomalies_active", () => Active(registry, open), description: "Anomalies that are active now");
    }

    public void Count(IEnumerable<AnomalyTransition> stored)
    {
        foreach (var begun in stored.Where(transition => transition is { Anomaly.State: AnomalyState.Active, Before: not AnomalyState.Active }))
        {
            _total.Add(1, new TagList { { "cluster", begun.Anomaly.Cluster.Value }, { "type", begun.Anomaly.Key.Kind } });
        }
    }

    private static IEnumerable<Measurement<int>> Active(ClusterRegistry registry, IOpenAnomalies open) =>
        from cluster in registry.Owned
        from detector in Detectors.All
        select new Measurement<int>(
            open.Of(cluster).Count(anomaly => anomaly.State is AnomalyState.Active && anomaly.Key.Kind == detector.Kind),
            new KeyValuePair<string, object?>("cluster", cluster.Value),
            new KeyValuePair<string, object?>("type", detector.Kind));
}
