using System.Collections.Immutable;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Healing;

/// <summary>All that a decision depends on.</summary>
/// <param name="Override">What people said about this anomaly; null where nobody did.</param>
/// <param name="Model">The newest picture; null where there is none.</param>
/// <param name="Work">Null where it could not be read.</param>
public sealed record HealingInput(
    Anomaly Anomaly, HealingPolicy Policy, HealingOverride? Override, ClusterModel? Model, ClusterWork? Work, DateTimeOffset Now);

/// <summary>What the policy made of an anomaly.</summary>
public enum HealingOutcome
{
    Observing,

    /// <summary>For the end of the grace time.</summary>
    Waiting,
    Blocked,
    Proposed,
    Started,
    Ended,
    LeftAlone,
    NotNeeded,
}

/// <summary>What is to be done now.</summary>
public enum HealingAct
{
    Nothing,

    /// <summary>Make a plan and stop there.</summary>
    Propose,

    /// <summary>Make a plan, unless the decision names one, and approve it.</summary>
    Heal,

    /// <summary>Discard the plan that the decision names: nothing is left for it to repair.</summary>
    Withdraw,

    /// <summary>Make a plan in the place of the one that the decision names, which no longer fits the cluster.</summary>
    Renew,
}

/// <summary>One condition of healing. Passed is null where it can't be told, which holds back as well.</summary>
public sealed record Guard(string Name, bool? Passed, string Sentence);

/// <summary>What the policy makes of an anomaly at one moment, and why.</summary>
/// <param name="ActsAt">When it would act; null where it would not.</param>
/// <param name="Guards">In the order they are asked; empty where the anomaly is over or its healing has begun.</param>
public sealed record HealingDecision(HealingOutcome Outcome, Status Status, string Sentence, DateTimeOffset? ActsAt, ImmutableArray<Guard> Guards)
{
    public HealingAct Act { get; init; }

    public Guid? PlanId { get; init; }

    public Guid? ExecutionId { get; init; }

    /// <summary>The first guard that does not pass; null where all do.</summary>
    public Guard? HeldBackBy => Guards.FirstOrDefault(guard => guard.Passed != true);

    /// <summary>Nothing can follow from it any more, unless the anomaly or a person changes.</summary>
    public bool IsFinal => Outcome is HealingOutcome.Ended or HealingOutcome.NotNeeded;

    /// <summary>Whether it would be news after the other: numbers inside a sentence alone are not.</summary>
    public bool SaysTheSameAs(HealingDecision other) =>
        Outcome == other.Outcome && HeldBackBy?.Name == other.HeldBackBy?.Name && HeldBackBy?.Passed == other.HeldBackBy?.Passed
        && ActsAt == other.ActsAt && PlanId == other.PlanId && ExecutionId == other.ExecutionId && Status == other.Status;
}
