using ControlPlane.Clusters;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Anomalies;

/// <summary>Tells pages, metrics and the log what was stored.</summary>
/// <param name="metrics">Lazy, because metrics look at the clusters, and those hold the watch that tells.</param>
internal sealed partial class AnomalyNews(ChangeHub changes, Lazy<AnomalyMetrics> metrics, ILogger<AnomalyNews> logger)
{
    public void Tell(ClusterId cluster, IReadOnlyList<AnomalyTransition> stored)
    {
        metrics.Value.Count(stored);
        foreach (var transition in stored.Where(transition => transition.Before != transition.Anomaly.State))
        {
            var anomaly = transition.Anomaly;
            if (anomaly.State is AnomalyState.Active || transition.Before is AnomalyState.Active)
            {
                LogTold(cluster, anomaly.Key.Kind, anomaly.State, anomaly.Last.Sentence, anomaly.Id);
            }
            else
            {
                LogUntold(cluster, anomaly.Key.Kind, anomaly.State, anomaly.Last.Sentence, anomaly.Id);
            }
        }

        changes.Publish(new ClusterChange(cluster, ChangeKind.Anomalies, 0)); // also for what an earlier, unheard commit stored
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: anomaly {Kind} is {State}: {Sentence} ({Anomaly})")]
    private partial void LogTold(ClusterId cluster, string kind, AnomalyState state, string sentence, Guid anomaly);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Cluster {Cluster}: anomaly {Kind} is {State}: {Sentence} ({Anomaly})")]
    private partial void LogUntold(ClusterId cluster, string kind, AnomalyState state, string sentence, Guid anomaly);
}
