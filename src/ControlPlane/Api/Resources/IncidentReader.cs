using ControlPlane.Analyzer;
using ControlPlane.Api.Views;
using ControlPlane.Clusters;
using ControlPlane.Contracts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Execution;
using ControlPlane.Healing;
using ControlPlane.Storage;

namespace ControlPlane.Api.Resources;

/// <summary>Puts together what is stored about one incident with what the owner of its cluster knows, where this process is that.</summary>
internal sealed class IncidentReader(IncidentStores stores, IClusterViews views, HealingBoard board, PlanDesk plans, ExecutionDesk executions, TimeProvider time)
{
    private const int MaxDecisions = 200;

    private static readonly TimeSpan AroundTrouble = TimeSpan.FromMinutes(5);

    public async Task<IncidentDto> ReadAsync(Anomaly anomaly, CancellationToken cancellationToken)
    {
        var facts = await LoadAsync(anomaly, cancellationToken);
        return new IncidentDto(
            AnomalyRows.Of(anomaly),
            AnomalyRows.Evidence(anomaly),
            AnomalyRows.Blast(anomaly.Worst),
            IncidentTimeline.Of(facts),
            facts.Healing is { } healing ? HealingRows.Decision(healing) : null,
            [.. facts.Plans.Select(one => PlanRows.Make(one.Plan, one.Changes))],
            [.. facts.Executions.Select(one => ExecutionRows.Make(one.History.Execution, one.Live))],
            [.. facts.Deliveries.Select(AlertRows.Delivery)],
            IncidentActions.Of(facts));
    }

    private async Task<IncidentFacts> LoadAsync(Anomaly anomaly, CancellationToken cancellationToken)
    {
        // Causes after their effects: a decision that is shown has its plan, and a plan that is done its execution.
        var shown = board.Find(anomaly.Cluster, anomaly.Id);
        var decisions = (await stores.Decisions.ListAsync(anomaly.Cluster, anomaly.Id, 0, MaxDecisions, cancellationToken)).Decisions;
        var made = await stores.Plans.ListForAnomalyAsync(anomaly.Cluster, anomaly.Id, cancellationToken);
        return new IncidentFacts(anomaly, views.Find(anomaly.Cluster), time.GetUtcNow())
        {
            BrokerEvents = await LoadBrokerEventsAsync(anomaly, cancellationToken),
            Transitions = await stores.Anomalies.ListTransitionsAsync(anomaly.Id, cancellationToken),
            Deliveries = await stores.Deliveries.ListForAnomalyAsync(anomaly.Id, cancellationToken),
            Decisions = [.. decisions.Reverse()],
            Healing = decisions.Count > 0 && !(shown?.Id >= decisions[0].Id) ? decisions[0] : shown,
            Plans = await WithChangesAsync(made, cancellationToken),
            Executions = await LoadExecutionsAsync(made, cancellationToken),
        };
    }

    /// <summary>What the broker went through, from a little before the trouble to a little after it.</summary>
    private async Task<IReadOnlyList<ClusterEvent>> LoadBrokerEventsAsync(Anomaly anomaly, CancellationToken cancellationToken)
    {
        var (from, to) = (anomaly.Last.Since - AroundTrouble, (anomaly.ResolvedAt ?? time.GetUtcNow()) + AroundTrouble);
        var (events, _) = await stores.Events.QueryAsync(new EventQuery(anomaly.Cluster, from, to, null, EventStore.MaxLimit), cancellationToken);
        return [.. events.Where(one => one.Subject == anomaly.Key.Subject && anomaly.Last.BrokerId is not null)];
    }

    private async Task<IReadOnlyList<(StoredPlan, IReadOnlyList<string>?)>> WithChangesAsync(IReadOnlyList<StoredPlan> made, CancellationToken cancellationToken)
    {
        var all = new List<(StoredPlan, IReadOnlyList<string>?)>(made.Count);
        foreach (var plan in made)
        {
            all.Add((plan, plan.State is PlanState.Proposed ? await plans.ChangesAsync(plan, cancellationToken) : null));
        }

        return all;
    }

    private async Task<IReadOnlyList<(ExecutionHistory, LiveExecution?)>> LoadExecutionsAsync(IReadOnlyList<StoredPlan> made, CancellationToken cancellationToken)
    {
        var all = new List<(ExecutionHistory, LiveExecution?)>();
        foreach (var plan in made)
        {
            if (plan.Execution is { } id && await stores.Executions.LoadAsync(plan.Cluster, id, cancellationToken) is { } history)
            {
                all.Add((history, executions.Find(plan.Cluster, id)));
            }
        }

        return all;
    }
}

/// <summary>Where the parts of an incident are stored.</summary>
internal sealed record IncidentStores(AnomalyStore Anomalies, DeliveryStore Deliveries, HealingDecisions Decisions, PlanStore Plans, ExecutionStore Executions, EventStore Events);
