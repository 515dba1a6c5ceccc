using System.Diagnostics;
using System.Diagnostics.Metrics;
using ControlPlane.Clusters;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Healing;
using ControlPlane.Storage;

namespace ControlPlane.Healing;

/// <summary>What healing may do, and what it did.</summary>
internal sealed class HealingMetrics
{
    private readonly Counter<long> _actions;
    private readonly Histogram<double> _timeToHeal;
    private readonly TimeProvider _time;

    public HealingMetrics(IMeterFactory meters, HealingBoard board, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(ClusterMetrics.MeterName);
        meter.CreateObservableGauge("kcp_self_healing_enabled", () => Enabled(board), description: "1 where a kind of anomaly is healed without asking, and healing is not paused");
        _actions = meter.CreateCounter<long>("kcp_self_healing_actions_total", description: "What healing did, by result: proposed, started, done, cancelled, failed or refused");
        _timeToHeal = meter.CreateHistogram<double>("kcp_time_to_heal_seconds", "s", "From the beginning of an anomaly to the end of the plan that healed it");
    }

    public void Count(Anomaly anomaly, string result) =>
        _actions.Add(1, new TagList { { "cluster", anomaly.Cluster.Value }, { "type", anomaly.Key.Kind }, { "result", result } });

    /// <summary>Counts what a stored decision tells.</summary>
    public void Count(Anomaly anomaly, StoredDecision stored, Repair? attempt)
    {
        switch (stored.Decision.Outcome)
        {
            case HealingOutcome.Proposed:
                Count(anomaly, "proposed");
                break;
            case HealingOutcome.Ended when attempt is { State: RepairState.Done }:
                Count(anomaly, "done");
                _timeToHeal.Record((stored.At - anomaly.Last.Since).TotalSeconds, new TagList { { "cluster", anomaly.Cluster.Value }, { "type", anomaly.Key.Kind } });
                break;
            case HealingOutcome.Ended:
                Count(anomaly, attempt is { State: RepairState.Cancelled } ? "cancelled" : "failed");
                break;
            default:
                break;
        }
    }

    private IEnumerable<Measurement<int>> Enabled(HealingBoard board) =>
        from entry in board.All
        from rule in entry.Value.Policy.Rules
        select new Measurement<int>(
            rule.Mode is HealingMode.Heal && !entry.Value.Policy.IsPaused(_time.GetUtcNow()) ? 1 : 0,
            new KeyValuePair<string, object?>("cluster", entry.Key.Value),
            new KeyValuePair<string, object?>("type", rule.Kind));
}
