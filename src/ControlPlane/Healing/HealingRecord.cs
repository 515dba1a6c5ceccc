using ControlPlane.Clusters;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Healing;

/// <summary>Keeps decisions: in the database, in the counters, on the board, and as news for whoever watches.</summary>
internal sealed partial class HealingRecord(
    HealingDecisions decisions, HealingBoard board, HealingMetrics metrics, ChangeHub changes, ILogger<HealingRecord> logger)
{
    public HealingMetrics Metrics => metrics;

    public HealingBoard Board => board;

    public void Show(ClusterId cluster, HealingView view) => board.Show(cluster, view);

    public async Task<StoredDecision> StoreAsync(ClusterLease lease, HealingInput input, HealingDecision decision, CancellationToken cancellationToken)
    {
        var anomaly = input.Anomaly;
        var stored = await decisions.AppendAsync(
            lease, new StoredDecision(0, anomaly.Cluster, input.Now, anomaly.Id, anomaly.Key.Kind, anomaly.Key.Subject, decision), AuditAction(decision), cancellationToken);
        metrics.Count(anomaly, stored, input.Work?.Repairs.LastOrDefault(repair => repair.PlanId == decision.PlanId));
        changes.Publish(new Clusters.ClusterChange(anomaly.Cluster, ChangeKind.Healing, input.Model?.Generation ?? 0));
        LogDecided(anomaly.Cluster, anomaly.Key.Subject, decision.Outcome, decision.Sentence);
        return stored;
    }

    /// <summary>Null where nothing is done with it.</summary>
    private static string? AuditAction(HealingDecision decision) => decision switch
    {
        { Act: HealingAct.Heal, Outcome: HealingOutcome.Started } => "healing.start",
        { Act: HealingAct.Withdraw } => "healing.withdraw",
        { Act: HealingAct.Renew } => "healing.renew",
        { Outcome: HealingOutcome.Proposed, PlanId: not null } => "healing.propose",
        _ => null,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: healing of {Subject} is {Outcome}: {Sentence}")]
    private partial void LogDecided(ClusterId cluster, string subject, HealingOutcome outcome, string sentence);
}
