using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Execution;

/// <summary>A plan that somebody said yes to.</summary>
internal sealed record ApprovedPlan(RebalancePlan Plan, string ApprovedBy);

/// <summary>What an execution needs of plans: the next approved one, and a place to say what became of it.</summary>
internal sealed class ApprovedPlans(PlanStore plans)
{
    /// <summary>The approved plan of the cluster whose execution has not begun; null where there is none.</summary>
    public async Task<ApprovedPlan?> NextAsync(ClusterId cluster, CancellationToken cancellationToken) =>
        await plans.FindApprovedAsync(cluster, cancellationToken) is { } stored && await plans.LoadAsync(cluster, stored.Id, cancellationToken) is { } plan
            ? new ApprovedPlan(plan with { Limits = stored.Limits }, stored.DecidedBy ?? stored.MadeBy)
            : null;

    /// <summary>Marks it as executing inside the write that begins the execution; false where it is not approved any more.</summary>
    public static Task<bool> BeginAsync(GuardedWrite write, Guid plan, Guid execution, CancellationToken cancellationToken) =>
        PlanStore.TryChangeAsync(write, plan, PlanState.Approved, PlanState.Executing, execution, null, cancellationToken);

    /// <summary>Marks it as ended inside the write that ends the execution.</summary>
    public static Task EndAsync(GuardedWrite write, Guid plan, ExecutionStage outcome, string? problem, CancellationToken cancellationToken) =>
        PlanStore.TryChangeAsync(write, plan, PlanState.Executing, StateOf(outcome), null, problem, cancellationToken);

    private static PlanState StateOf(ExecutionStage outcome) => outcome switch
    {
        ExecutionStage.Done => PlanState.Done,
        ExecutionStage.Cancelled => PlanState.Cancelled,
        ExecutionStage.Failed => PlanState.Failed,
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "An execution ends as done, cancelled or failed."),
    };
}
