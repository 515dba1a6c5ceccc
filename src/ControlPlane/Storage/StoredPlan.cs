using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;

namespace ControlPlane.Storage;

/// <summary>Life of a plan: proposed, then approved, discarded or stale; approved, then executing or ended; executing, then ended.</summary>
internal enum PlanState
{
    Proposed,
    Approved,
    Executing,
    Done,
    Cancelled,
    Failed,
    Discarded,
    Stale,
}

/// <summary>A plan without its moves, and what was decided about it.</summary>
internal sealed record StoredPlan(Guid Id, ClusterId Cluster, PlanMode Mode, PlanState State, string Hash, DateTimeOffset MadeAt, string MadeBy)
{
    public Guid? Anomaly { get; init; }

    public long Generation { get; init; }

    public string Sentence { get; init; } = "";

    public int Moves { get; init; }

    public int Unplaced { get; init; }

    public long Bytes { get; init; }

    public double? EstimatedSeconds { get; init; }

    public IReadOnlyList<int> LostBrokers { get; init; } = [];

    public ExecutionLimits Limits { get; init; } = ExecutionLimits.Default;

    public bool IsSound { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public string? DecidedBy { get; init; }

    public string? Reason { get; init; }

    public Guid? Execution { get; init; }

    /// <summary>What changed in the cluster, or what failed.</summary>
    public string? Problem { get; init; }
}

/// <summary>Who decided what about a plan, and why.</summary>
internal sealed record PlanDecision(string By, string? Reason, string? Problem)
{
    /// <summary>With a yes: to be carried out with these limits; null: with the plan's own.</summary>
    public ExecutionLimits? Limits { get; init; }
}

/// <summary>What became of a change of a plan's state.</summary>
internal abstract record PlanChange
{
    private PlanChange()
    {
    }

    public sealed record Changed(StoredPlan Plan) : PlanChange;

    public sealed record Unknown : PlanChange;

    /// <summary>It was not in the state the change begins from.</summary>
    public sealed record NotPossible(StoredPlan Plan) : PlanChange;

    /// <summary>Another plan of the cluster is approved or runs.</summary>
    public sealed record OtherUnderWay(StoredPlan Other) : PlanChange;
}
