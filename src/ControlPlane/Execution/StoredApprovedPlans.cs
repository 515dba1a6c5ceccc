using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Execution;

/// <summary>Approved plans as PostgreSQL keeps them.</summary>
internal sealed class StoredApprovedPlans(PlanStore plans) : IApprovedPlans
{
    public async Task<ApprovedPlan?> NextAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        await plans.FindApprovedAsync(cluster, cancellationToken) is { } stored && await plans.LoadAsync(cluster, stored.Id, cancellationToken) is { } plan
            ? new ApprovedPlan(plan with { Limits = stored.Limits }, stored.DecidedBy ?? stored.MadeBy)
            : null;

    public Task<bool> BeginAsync(GuardedWrite write, Guid plan, Guid execution, CancellationToken cancellationToken) =>
        PlanStore.TryChangeAsync(write, plan, PlanState.Approved, PlanState.Executing, execution, null, cancellationToken);

    public Task EndAsync(GuardedWrite write, Guid plan, ExecutionStage outcome, string? problem, CancellationToken cancellationToken) =>
        PlanStore.TryChangeAsync(write, plan, PlanState.Executing, StateOf(outcome), null, problem, cancellationToken);

    private static PlanState StateOf(ExecutionStage outcome) => outcome switch
    {
        ExecutionStage.Done => PlanState.Done,
        ExecutionStage.Cancelled => PlanState.Cancelled,
        ExecutionStage.Failed => PlanState.Failed,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "An execution ends as done, cancelled or failed."),
    };
}
