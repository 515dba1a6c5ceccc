using ControlPlane.Clusters;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Analyzer;

/// <summary>
/// Makes plans and takes decisions about them, where the cluster is owned. A yes is only written down: whoever executes finds it in PostgreSQL,
/// so it survives this process.
/// </summary>
internal sealed partial class PlanDesk(
    IClusterViews views, PlanStore plans, PlanApprovals approvals, OptimizerDesk optimizer, TimeProvider time, ILogger<PlanDesk> logger)
{
    /// <summary>A repair, made at once: stores the plan, touches nothing in Kafka.</summary>
    public async Task<PlanMaking> MakeAsync(ClusterId cluster, OptimizerAsk ask, string by, CancellationToken cancellationToken)
    {
        var making = await ProposeAsync(cluster, ask, by, cancellationToken);
        optimizer.Ended(cluster, making switch
        {
            PlanMaking.Made { Plan.Verdict.IsSound: false } => "unsound",
            PlanMaking.Made => "made",
            PlanMaking.NothingToDo => "nothing-to-do",
            PlanMaking.Refused => "refused",
            PlanMaking.NotReady => "not-ready",
            PlanMaking.NotOwner => "not-owner",
            _ => throw new InvalidOperationException($"Unhandled outcome {making.GetType().Name}"),
        });
        return making;
    }

    /// <summary>What changed since the plan was made; empty while it is fresh, null where that can't be told here.</summary>
    public async Task<IReadOnlyList<string>?> ChangesAsync(StoredPlan plan, CancellationToken cancellationToken) =>
        views.Find(plan.Cluster) is { } model && await plans.LoadAsync(plan.Cluster, plan.Id, cancellationToken) is { } whole
            ? PlanFreshness.Changes(whole, model)
            : null;

    /// <summary>Writes down a yes to exactly the plan with this hash, if it still fits the cluster.</summary>
    /// <param name="cluster">Whose plan it is.</param>
    /// <param name="id">The plan.</param>
    /// <param name="hash">Of what the approver has seen.</param>
    /// <param name="by">Who says yes.</param>
    /// <param name="reason">In his words.</param>
    /// <param name="limits">Of the plan, those it shall be carried out with.</param>
    /// <param name="cancellationToken">Stops waiting; the decision may have been stored already.</param>
    public async Task<PlanApproval> ApproveAsync(
        ClusterId cluster, Guid id, string hash, string by, string? reason, Func<ExecutionLimits, ExecutionLimits>? limits, CancellationToken cancellationToken)
    {
        if (views.FindLease(cluster) is not { } lease)
        {
            return new PlanApproval.NotOwner();
        }

        if (await plans.FindAsync(cluster, id, cancellationToken) is not { } stored || await plans.LoadAsync(cluster, id, cancellationToken) is not { } plan)
        {
            return new PlanApproval.UnknownPlan();
        }

        // The stored moves are hashed anew: the column alone would vouch for whatever lies beside it.
        if (!string.Equals(stored.Hash, hash, StringComparison.OrdinalIgnoreCase) || !string.Equals(PlanHash.Of(plan), stored.Hash, StringComparison.Ordinal))
        {
            return new PlanApproval.WrongHash(stored);
        }

        if (stored.State != PlanState.Proposed)
        {
            return new PlanApproval.NotProposed(stored);
        }

        return await CheckAsync(lease, stored, plan, cancellationToken)
            ?? await SettleAsync(lease, id, new PlanDecision(by, reason, null) { Limits = limits?.Invoke(plan.Limits) }, cancellationToken);
    }

    public async Task<PlanDiscard> DiscardAsync(ClusterId cluster, Guid id, string by, string? reason, CancellationToken cancellationToken)
    {
        if (views.FindLease(cluster) is not { } lease)
        {
            return new PlanDiscard.NotOwner();
        }

        switch (await plans.DecideAsync(lease, id, PlanState.Discarded, new PlanDecision(by, reason, null), cancellationToken))
        {
            case PlanChange.Changed(var plan):
                views.Announce(cluster, ChangeKind.Plans);
                LogDecided(cluster, id, "discarded", by);
                return new PlanDiscard.Discarded(plan);
            case PlanChange.NotPossible(var plan):
                return new PlanDiscard.NotProposed(plan);
            case PlanChange.Unknown:
                return new PlanDiscard.UnknownPlan();
            case var other:
                throw new InvalidOperationException($"Unhandled change {other.GetType().Name}");
        }
    }

    /// <summary>Ends a plan that no longer fits, because another takes its place. False where it was decided about before.</summary>
    public async Task<bool> SupersedeAsync(ClusterId cluster, Guid id, string by, string why, CancellationToken cancellationToken)
    {
        if (views.FindLease(cluster) is not { } lease
            || await plans.DecideAsync(lease, id, PlanState.Stale, new PlanDecision(by, null, why), cancellationToken) is not PlanChange.Changed)
        {
            return false;
        }

        views.Announce(cluster, ChangeKind.Plans);
        LogDecided(cluster, id, "superseded", by);
        return true;
    }

    private async Task<PlanMaking> ProposeAsync(ClusterId cluster, OptimizerAsk ask, string by, CancellationToken cancellationToken)
    {
        if (views.FindLease(cluster) is not { } lease)
        {
            return new PlanMaking.NotOwner();
        }

        if (PlanReadiness.WhyNot(views.Find(cluster), time.GetUtcNow()) is { } why)
        {
            return new PlanMaking.NotReady(why);
        }

        try
        {
            var picture = views.Find(cluster)!;
            var plan = await optimizer.RepairAsync(picture, ask, cancellationToken);
            if (plan.Moves.IsEmpty && plan.Unplaced.IsEmpty)
            {
                return new PlanMaking.NothingToDo(RepairTruth.Of(picture, ask.Wish.Brokers));
            }

            var stored = await plans.SaveAsync(lease, plan, by, ask.Anomaly, cancellationToken);
            views.Announce(cluster, ChangeKind.Plans);
            LogMade(cluster, plan.Id, stored.Sentence);
            return new PlanMaking.Made(stored, plan);
        }
        catch (OptimizerRefusal refusal)
        {
            return new PlanMaking.Refused(refusal.Field, refusal.Message);
        }
    }

    /// <summary>Why the plan can't be approved now, or null.</summary>
    private async Task<PlanApproval?> CheckAsync(ClusterLease lease, StoredPlan stored, RebalancePlan plan, CancellationToken cancellationToken)
    {
        if (PlanReadiness.WhyNot(views.Find(stored.Cluster), time.GetUtcNow()) is { } why)
        {
            return new PlanApproval.NotReady(why);
        }

        if (!plan.Verdict.IsSound || plan.Moves.IsEmpty)
        {
            return new PlanApproval.Unsound(stored, plan.Moves.IsEmpty ? ["It moves nothing."] : plan.Verdict.Problems);
        }

        var changes = PlanFreshness.Changes(plan, views.Find(stored.Cluster)!);
        if (changes.IsEmpty)
        {
            return null;
        }

        var problem = string.Join(" ", changes);
        var change = await plans.DecideAsync(lease, stored.Id, PlanState.Stale, new PlanDecision("", null, problem), cancellationToken);
        views.Announce(stored.Cluster, ChangeKind.Plans);
        return change is PlanChange.NotPossible(var other) ? new PlanApproval.NotProposed(other) : new PlanApproval.Stale(stored, changes);
    }

    private async Task<PlanApproval> SettleAsync(ClusterLease lease, Guid id, PlanDecision decision, CancellationToken cancellationToken)
    {
        switch (await plans.DecideAsync(lease, id, PlanState.Approved, decision, cancellationToken))
        {
            case PlanChange.Changed(var plan):
                approvals.Tell(lease.Cluster);
                views.Announce(lease.Cluster, ChangeKind.Plans);
                LogDecided(lease.Cluster, id, "approved", decision.By);
                return new PlanApproval.Approved(plan);
            case PlanChange.NotPossible(var plan):
                return new PlanApproval.NotProposed(plan);
            case PlanChange.OtherUnderWay(var other):
                return new PlanApproval.OtherRunning(other);
            case PlanChange.Unknown:
                return new PlanApproval.UnknownPlan();
            case var other:
                throw new InvalidOperationException($"Unhandled change {other.GetType().Name}");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: plan {Plan} was made: {Sentence}")]
    private partial void LogMade(ClusterId cluster, Guid plan, string sentence);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cluster {Cluster}: plan {Plan} was {Decision} by {By}")]
    private partial void LogDecided(ClusterId cluster, Guid plan, string decision, string by);
}
