using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Storage;

namespace ControlPlane.Analyzer;

/// <summary>What came of a wish for a plan.</summary>
internal abstract record PlanMaking
{
    private PlanMaking()
    {
    }

    public sealed record Made(StoredPlan Stored, RebalancePlan Plan) : PlanMaking;

    /// <summary>No replica is lost as asked for; the sentence says what is true instead.</summary>
    public sealed record NothingToDo(string Sentence) : PlanMaking;

    /// <summary>The wish names something that is not there, or that can't be.</summary>
    public sealed record Refused(string Field, string Why) : PlanMaking;

    /// <summary>The picture is too incomplete to plan on.</summary>
    public sealed record NotReady(string Why) : PlanMaking;

    /// <summary>This process does not own the cluster (any more).</summary>
    public sealed record NotOwner : PlanMaking;
}

/// <summary>What came of a yes to a plan.</summary>
internal abstract record PlanApproval
{
    private PlanApproval()
    {
    }

    public sealed record Approved(StoredPlan Plan) : PlanApproval;

    public sealed record UnknownPlan : PlanApproval;

    /// <summary>The plan is not the one that was seen.</summary>
    public sealed record WrongHash(StoredPlan Plan) : PlanApproval;

    public sealed record Stale(StoredPlan Plan, ImmutableArray<string> Changes) : PlanApproval;

    /// <summary>Something was decided about it already.</summary>
    public sealed record NotProposed(StoredPlan Plan) : PlanApproval;

    public sealed record OtherRunning(StoredPlan Other) : PlanApproval;

    public sealed record Unsound(StoredPlan Plan, ImmutableArray<string> Problems) : PlanApproval;

    public sealed record NotReady(string Why) : PlanApproval;

    public sealed record NotOwner : PlanApproval;
}

/// <summary>What came of a no to a plan.</summary>
internal abstract record PlanDiscard
{
    private PlanDiscard()
    {
    }

    public sealed record Discarded(StoredPlan Plan) : PlanDiscard;

    public sealed record UnknownPlan : PlanDiscard;

    public sealed record NotProposed(StoredPlan Plan) : PlanDiscard;

    public sealed record NotOwner : PlanDiscard;
}
