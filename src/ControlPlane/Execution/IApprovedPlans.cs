using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Execution;

/// <summary>A plan that somebody said yes to.</summary>
internal sealed record ApprovedPlan(RebalancePlan Plan, string ApprovedBy);

/// <summary>What an execution needs of plans: the next approved one, and a place to say what became of it.</summary>
internal interface IApprovedPlans
{
    /// <summary>The approved plan of the cluster whose execution has not begun; null where there is none.</summary>
    Task<ApprovedPlan?> NextAsync(ClusterId cluster, CancellationToken cancellationToken);

    /// <summary>Marks it as executing inside the write that begins the execution; false where it is not approved any more.</summary>
    Task<bool> BeginAsync(GuardedWrite write, Guid plan, Guid execution, CancellationToken cancellationToken);

    /// <summary>Marks it as ended inside the write that ends the execution.</summary>
    Task EndAsync(GuardedWrite write, Guid plan, ExecutionStage outcome, string? problem, CancellationToken cancellationToken);
}
