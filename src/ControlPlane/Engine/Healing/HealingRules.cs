using System.Collections.Immutable;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Healing;

/// <summary>
/// Decides what is done about one anomaly, from what stands now and nothing else: whatever happened in between, and however often
/// it is asked, the same things make the same decision. So an anomaly that began while healing was off is looked at once it is on.
/// </summary>
public static class HealingRules
{
    public static HealingDecision Evaluate(HealingInput input)
    {
        var attempt = input.Work is { } work ? LastAttempt(input, work) : null;
        if (attempt is { State: RepairState.Running })
        {
            return Plain(HealingOutcome.Started, Status.Maint, $"Plan {attempt.PlanId} is carried out: {attempt.Summary}", attempt);
        }

        if (attempt is { HasEnded: true } && !IsAskedAgain(input, attempt))
        {
            return Ended(attempt, input.Anomaly.State is AnomalyState.Resolved);
        }

        if (input.Anomaly.State is AnomalyState.Resolved)
        {
            return input.Work is null
                ? Plain(HealingOutcome.Blocked, Status.Unknown, "The anomaly is resolved; what was done about it is unknown, because the plans could not be read.", null)
                : Plain(HealingOutcome.NotNeeded, Status.Ok, $"Not needed: {Subject(input)} recovered before healing moved anything.", attempt) with
                {
                    Act = attempt is { State: RepairState.Proposed } ? HealingAct.Withdraw : HealingAct.Nothing,
                };
        }

        if (input.Override is { IsLeftAlone: true } said)
        {
            return Plain(HealingOutcome.LeftAlone, Status.Maint, $"Left alone, as {said.By} said{Words.Reason(said.Reason)}.", attempt) with { Guards = HealingGuards.Ask(input) };
        }

        return Weigh(input, attempt is { State: RepairState.Proposed } ? attempt : null);
    }

    /// <summary>The youngest plan that healing made for this anomaly.</summary>
    internal static Repair? LastAttempt(HealingInput input, ClusterWork work) =>
        work.Repairs.LastOrDefault(repair => repair.IsByPolicy && repair.AnomalyId == input.Anomaly.Id);

    /// <summary>What may be done now that nothing of ours runs.</summary>
    private static HealingDecision Weigh(HealingInput input, Repair? proposed)
    {
        var rule = input.Policy.RuleFor(input.Anomaly.Key.Kind);
        if (HealingKinds.Find(rule.Kind) is not { CanHeal: true })
        {
            return Plain(HealingOutcome.Observing, Status.Ok, $"Only observed: there is no repair for {rule.Kind}.", null); // nothing is held back, so no guard is asked
        }

        var guards = HealingGuards.Ask(input);
        var mode = input.Override?.WantsHealing(input.Now) == true ? HealingMode.Heal : rule.Mode;

        if (mode is HealingMode.Observe)
        {
            return new(HealingOutcome.Observing, Status.Ok, $"Only observed: healing of {rule.Kind} is off.", null, guards) { PlanId = proposed?.PlanId };
        }

        if (proposed is { Changes.IsEmpty: false })
        {
            return Renew(input, mode, proposed, guards);
        }

        if (mode is HealingMode.Propose && proposed is not null)
        {
            return new(HealingOutcome.Proposed, Status.Warn, $"Plan {proposed.PlanId} waits for a person's yes: {proposed.Summary}", null, guards) { PlanId = proposed.PlanId };
        }

        var held = guards.FirstOrDefault(guard => guard.Passed != true);
        return held is null
            ? Act(mode, proposed, guards)
            : HeldBack(input, mode, held, guards) with { PlanId = proposed?.PlanId };
    }

    /// <summary>What waits for a yes was made from a picture that no longer holds: nobody could approve it any more.</summary>
    private static HealingDecision Renew(HealingInput input, HealingMode mode, Repair proposed, ImmutableArray<Guard> guards)
    {
        var why = $"Plan {proposed.PlanId} no longer fits the cluster: {string.Join(" ", proposed.Changes)}";
        if (guards.FirstOrDefault(guard => guard.Passed != true) is not { } held)
        {
            return new(HealingOutcome.Proposed, Status.Maint, $"{why} A new one is made in its place.", null, guards) { Act = HealingAct.Renew, PlanId = proposed.PlanId };
        }

        var decision = HeldBack(input, mode, held, guards);
        return decision with
        {
            Sentence = $"{why} {decision.Sentence}",
            PlanId = proposed.PlanId,
            Act = decision.Outcome is HealingOutcome.NotNeeded ? HealingAct.Withdraw : HealingAct.Nothing,
        };
    }

    private static HealingDecision Act(HealingMode mode, Repair? proposed, ImmutableArray<Guard> guards) => mode is HealingMode.Heal
        ? new(HealingOutcome.Started, Status.Maint, "All guards pass: heals now.", null, guards) { Act = HealingAct.Heal, PlanId = proposed?.PlanId }
        : new(HealingOutcome.Proposed, Status.Warn, "All guards pass: makes a plan now.", null, guards) { Act = HealingAct.Propose };

    private static HealingDecision HeldBack(HealingInput input, HealingMode mode, Guard held, ImmutableArray<Guard> guards)
    {
        if (held.Name is HealingGuards.ReplicasToRestore && held.Passed is false)
        {
            return new(HealingOutcome.NotNeeded, Status.Ok, $"Not needed: {Lower(held.Sentence)}", null, guards);
        }

        if (held.Name is not (HealingGuards.AnomalyActive or HealingGuards.GraceElapsed))
        {
            return new(HealingOutcome.Blocked, held.Passed is null ? Status.Unknown : Status.Warn, $"Blocked: {Lower(held.Sentence)}", null, guards);
        }

        var does = mode is HealingMode.Heal ? "Heals" : "Makes a plan";
        var then = guards.FirstOrDefault(guard => guard.Passed != true && guard.Name is not (HealingGuards.AnomalyActive or HealingGuards.GraceElapsed));
        var but = then is null ? "" : $" It would be blocked now: {Lower(then.Sentence)}";
        return HealingGuards.GraceEnds(input) is { } ends && held.Name is HealingGuards.GraceElapsed
            ? new(HealingOutcome.Waiting, Status.Warn, $"{does} at {Words.Time(ends, input.Now)}, unless {Subject(input)} recovers before.{but}", ends, guards)
            : new(HealingOutcome.Waiting, Status.Warn, $"Waits until it is certain: the anomaly is pending.{but}", null, guards);
    }

    private static HealingDecision Ended(Repair attempt, bool isResolved)
    {
        var again = isResolved ? "" : " It is not repeated unless a person says heal-now.";
        return attempt.State switch
        {
            RepairState.Done => Plain(HealingOutcome.Ended, Status.Ok, $"Healed: plan {attempt.PlanId} is done. {attempt.Summary}", attempt),
            RepairState.Discarded when isResolved => Plain(HealingOutcome.NotNeeded, Status.Ok, $"Not needed: it recovered, and a person had said no to plan {attempt.PlanId}.", attempt),
            RepairState.Discarded => Plain(HealingOutcome.LeftAlone, Status.Maint, $"Left alone: a person said no to plan {attempt.PlanId}.{again}", attempt),
            RepairState.Cancelled => Plain(HealingOutcome.Ended, Status.Warn, $"Plan {attempt.PlanId} was cancelled: {attempt.Summary}{again}", attempt),
            RepairState.Failed => Plain(HealingOutcome.Ended, Status.Crit, $"Plan {attempt.PlanId} failed: {attempt.Summary}{again}", attempt),
            var other => throw new InvalidOperationException($"Unhandled end of a repair {other}"),
        };
    }

    private static bool IsAskedAgain(HealingInput input, Repair attempt) =>
        input.Anomaly.State is not AnomalyState.Resolved
        && input.Override is { } said && said.WantsHealing(input.Now) && said.HealNowAt > (attempt.EndedAt ?? attempt.At);

    private static HealingDecision Plain(HealingOutcome outcome, Status status, string sentence, Repair? attempt) =>
        new(outcome, status, sentence, null, []) { PlanId = attempt?.PlanId, ExecutionId = attempt?.ExecutionId };

    private static string Subject(HealingInput input) => input.Anomaly.Key.Subject;

    private static string Lower(string sentence) => sentence.Length > 1 && char.IsUpper(sentence[1]) ? sentence : char.ToLowerInvariant(sentence[0]) + sentence[1..];
}
