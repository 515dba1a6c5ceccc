using ControlPlane.Analyzer;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Healing;

/// <summary>What came of an act.</summary>
/// <param name="WasDone">False where it could not be; then the sentence says why.</param>
internal readonly record struct ActResult(bool WasDone, string Why)
{
    public static ActResult Done { get; } = new(true, "");

    public static ActResult Refused(string why) => new(false, why);
}

/// <summary>Does what was decided: makes plans, says yes to them, takes them back. Lazy, because planning knows the clusters, and those their work.</summary>
internal sealed class HealingActs(Lazy<PlanDesk> desk, PlanStore plans)
{
    /// <summary>Who healing is, in plans and in the audit trail.</summary>
    public const string By = "healing policy";

    public async Task<ActResult> MakePlanAsync(Anomaly anomaly, CancellationToken cancellationToken)
    {
        var broker = anomaly.Last.BrokerId ?? throw new InvalidOperationException($"{anomaly.Key} names no broker to heal.");
        return await desk.Value.MakeAsync(anomaly.Cluster, OptimizerAsk.Repair([broker], anomaly.Id, ExecutionLimits.Default), By, cancellationToken) switch
        {
            PlanMaking.Made => ActResult.Done,
            PlanMaking.NothingToDo nothing => ActResult.Refused(nothing.Sentence),
            PlanMaking.Refused refused => ActResult.Refused(refused.Why),
            PlanMaking.NotReady missing => ActResult.Refused(missing.Why),
            PlanMaking.NotOwner => ActResult.Refused("The cluster is being handed over."),
            var other => throw new InvalidOperationException($"Unhandled outcome {other.GetType().Name}"),
        };
    }

    /// <summary>The plan that was made, while it can still be approved; a plan that must not be carried out is taken back.</summary>
    public async Task<(StoredPlan? Plan, string Why)> CheckAsync(ClusterId cluster, Guid id, CancellationToken cancellationToken)
    {
        if (await plans.FindAsync(cluster, id, cancellationToken) is not { } plan)
        {
            return (null, $"Plan {id} is gone.");
        }

        if (plan is { IsSound: true, Moves: > 0 })
        {
            return (plan, "");
        }

        var why = plan.Moves == 0 ? $"Plan {id} moves nothing: {plan.Sentence}" : $"Plan {id} did not pass its own check: {plan.Sentence}";
        await WithdrawAsync(cluster, id, why, cancellationToken);
        return (null, why);
    }

    public async Task<ActResult> ApproveAsync(StoredPlan plan, string reason, CancellationToken cancellationToken) =>
        await desk.Value.ApproveAsync(plan.Cluster, plan.Id, plan.Hash, By, reason, null, cancellationToken) switch
        {
            PlanApproval.Approved => ActResult.Done,
            PlanApproval.NotProposed other => ActResult.Refused($"Plan {plan.Id} is {other.Plan.State} already."),
            PlanApproval.Stale stale => ActResult.Refused($"Plan {plan.Id} no longer fits the cluster: {string.Join(" ", stale.Changes)}"),
            PlanApproval.OtherRunning other => ActResult.Refused($"Plan {other.Other.Id} is approved or running."),
            PlanApproval.Unsound unsound => ActResult.Refused($"Plan {plan.Id} is not sound: {string.Join(" ", unsound.Problems)}"),
            PlanApproval.NotReady missing => ActResult.Refused(missing.Why),
            PlanApproval.WrongHash => ActResult.Refused($"Plan {plan.Id} is not the one that was looked at."),
            PlanApproval.UnknownPlan => ActResult.Refused($"Plan {plan.Id} is gone."),
            PlanApproval.NotOwner => ActResult.Refused("The cluster is being handed over."),
            var other => throw new InvalidOperationException($"Unhandled outcome {other.GetType().Name}"),
        };

    /// <summary>True where the plan is stale now; false where it was decided about meanwhile.</summary>
    public Task<bool> SupersedeAsync(ClusterId cluster, Guid plan, string why, CancellationToken cancellationToken) =>
        desk.Value.SupersedeAsync(cluster, plan, By, why, cancellationToken);

    /// <summary>Where the plan was decided about meanwhile, that stands.</summary>
    public Task WithdrawAsync(ClusterId cluster, Guid plan, string why, CancellationToken cancellationToken) =>
        desk.Value.DiscardAsync(cluster, plan, By, why, cancellationToken);
}
