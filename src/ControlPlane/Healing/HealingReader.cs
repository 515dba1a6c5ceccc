using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Healing;

/// <summary>Reads what a decision depends on, from the database: so a restart, or another owner, decides from the same things.</summary>
internal sealed class HealingReader(HealingStore wishes, HealingDecisions decisions, AnomalyStore anomalies, PlanStore plans)
{
    public async Task<HealingPolicy> LoadPolicyAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        (await wishes.LoadPolicyAsync(cluster, cancellationToken)).Policy;

    /// <summary>The open anomalies, and those of these that have ended.</summary>
    public async Task<IReadOnlyList<Anomaly>> LoadAnomaliesAsync(ClusterId cluster, IEnumerable<Guid> followed, CancellationToken cancellationToken)
    {
        var all = (await anomalies.LoadOpenAsync(cluster, cancellationToken)).ToList();
        foreach (var id in followed.Except(all.Select(anomaly => anomaly.Id)).ToArray())
        {
            if (await anomalies.FindAsync(id, cancellationToken) is { } ended)
            {
                all.Add(ended);
            }
        }

        return all;
    }

    public Task<IReadOnlyList<StoredDecision>> LoadLatestAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        decisions.LoadLatestAsync(cluster, cancellationToken);

    public Task<Anomaly?> FindAnomalyAsync(Guid id, CancellationToken cancellationToken) => anomalies.FindAsync(id, cancellationToken);

    /// <summary>All that the decision about one anomaly depends on, as it stands now.</summary>
    public async Task<HealingInput> ReadAsync(Anomaly anomaly, ClusterModel? model, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var said = await wishes.LoadOverridesAsync(anomaly.Cluster, [anomaly.Id], cancellationToken);
        return new HealingInput(
            anomaly,
            await LoadPolicyAsync(anomaly.Cluster, cancellationToken),
            said.GetValueOrDefault(anomaly.Id),
            model,
            await LoadWorkAsync(anomaly, model, now, cancellationToken),
            now);
    }

    private async Task<ClusterWork> LoadWorkAsync(Anomaly anomaly, ClusterModel? model, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var own = await plans.ListForAnomalyAsync(anomaly.Cluster, anomaly.Id, cancellationToken);
        var underWay = await plans.FindUnderWayAsync(anomaly.Cluster, cancellationToken);
        var repairs = (underWay is null ? own : [.. own.Where(plan => plan.Id != underWay.Id), underWay]).OrderBy(plan => plan.MadeAt).Select(ToRepair).ToImmutableArray();
        if (model is not null && repairs.LastOrDefault(repair => repair is { IsByPolicy: true, State: RepairState.Proposed }) is { } waiting
            && await plans.LoadAsync(anomaly.Cluster, waiting.PlanId, cancellationToken) is { } plan)
        {
            repairs = repairs.Replace(waiting, waiting with { Changes = PlanFreshness.Changes(plan, model) });
        }

        return new ClusterWork(
            repairs,
            await decisions.CountHealedLastDayAsync(anomaly.Cluster, anomaly.Id, now, cancellationToken));
    }

    private static Repair ToRepair(StoredPlan plan) => new(
        plan.Id,
        plan.Anomaly,
        plan.State switch
        {
            PlanState.Proposed => RepairState.Proposed,
            PlanState.Approved or PlanState.Executing => RepairState.Running,
            PlanState.Done => RepairState.Done,
            PlanState.Cancelled => RepairState.Cancelled,
            PlanState.Failed => RepairState.Failed,
            // What healing itself took back is no person's no.
            PlanState.Discarded => plan.DecidedBy == HealingActs.By ? RepairState.Stale : RepairState.Discarded,
            PlanState.Stale => RepairState.Stale,
            _ => throw new InvalidOperationException($"Unhandled state of a plan {plan.State}"),
        },
        plan.MadeBy == HealingActs.By,
        plan.MadeAt,
        plan.DecidedAt,
        plan.Execution,
        plan.State is PlanState.Failed or PlanState.Cancelled && plan.Problem is { } problem ? problem : plan.Sentence);
}
