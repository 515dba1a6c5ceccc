using ControlPlane.Engine.Anomalies;
using ControlPlane.Storage;

namespace ControlPlane.Clusters;

/// <summary>
/// Hears of each transition inside the transaction that stores it: what follows from an anomaly (an alert to send) is kept with
/// it or not at all.
/// </summary>
internal interface IAnomalySink
{
    Task WriteAsync(GuardedWrite write, IReadOnlyList<AnomalyTransition> transitions, CancellationToken cancellationToken);

    /// <summary>The transaction is stored: wake what was waiting. Must not block or throw.</summary>
    void Committed();
}
