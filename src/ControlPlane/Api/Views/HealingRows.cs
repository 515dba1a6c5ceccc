using ControlPlane.Contracts;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Api.Views;

/// <summary>Healing in the words of the contract.</summary>
internal static class HealingRows
{
    /// <summary>A pause that has ended is none.</summary>
    public static HealingPolicyDto Policy(ClusterId cluster, StoredHealingPolicy stored, DateTimeOffset now)
    {
        var pause = stored.Policy.IsPaused(now) ? stored.Policy.Pause : null;
        return new HealingPolicyDto(
            cluster.Value,
            [.. stored.Policy.Rules.Select(rule => new HealingRuleDto(
                rule.Kind, rule.Mode.ToString().ToLowerInvariant(), (int)rule.Grace.TotalSeconds, HealingKinds.Find(rule.Kind) is { CanHeal: true }))],
            pause?.Until,
            pause?.By,
            pause?.Reason,
            stored.Policy.MinCompleteness,
            stored.Policy.MaxBrokersDown,
            stored.Version);
    }

    public static HealingDecisionDto Decision(StoredDecision stored) => new(
        stored.Id,
        stored.Cluster.Value,
        stored.At,
        stored.AnomalyId,
        stored.Kind,
        stored.Subject,
        HealingJson.Word(stored.Decision.Outcome),
        Known.Word(stored.Decision.Status),
        stored.Decision.Sentence,
        stored.Decision.ActsAt,
        [.. stored.Decision.Guards.Select(guard => new GuardDto(guard.Name, guard.Passed, guard.Sentence))],
        stored.Decision.PlanId,
        stored.Decision.ExecutionId);
}
