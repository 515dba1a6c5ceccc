namespace ControlPlane.Engine.Healing;

/// <summary>Whether something else is done already, or was done too often.</summary>
internal static class WorkGuards
{
    /// <summary>How long a plan of the policy that became stale keeps it from making the next one.</summary>
    public static readonly TimeSpan ProposalPause = TimeSpan.FromMinutes(5);

    public static IEnumerable<Guard> Ask(HealingInput input)
    {
        yield return NoOtherWork(input);
        yield return Budget(input);
        yield return NotRepeated(input);
    }

    private static Guard NoOtherWork(HealingInput input)
    {
        const string name = "no-other-execution";
        if (input.Work is not { } work)
        {
            return new(name, null, "Whether another plan is approved or running is unknown: the plans could not be read.");
        }

        return work.Repairs.FirstOrDefault(repair => repair.State is RepairState.Running) is { } other
            ? new(name, false, $"Plan {other.PlanId} is approved or running: {other.Summary}")
            : new(name, true, "No plan is approved or running.");
    }

    private static Guard Budget(HealingInput input)
    {
        const string name = "budget";
        return input.Work is not { } work
            ? new(name, null, "How often this cluster was healed today is unknown: the decisions could not be read.")
            : work.HealedLastDay < HealingPolicy.MaxPerDay
            ? new(name, true, $"{Words.Count(work.HealedLastDay, "healing")} of other anomalies began in the last 24 hours, {HealingPolicy.MaxPerDay} may.")
            : new(name, false, $"{Words.Count(work.HealedLastDay, "healing")} of other anomalies began in the last 24 hours, no more than {HealingPolicy.MaxPerDay} may: look for what makes brokers die.");
    }

    private static Guard NotRepeated(HealingInput input)
    {
        const string name = "not-repeated";
        if (input.Work is not { } work)
        {
            return new(name, null, "Whether this anomaly was healed before is unknown: the plans could not be read.");
        }

        var last = HealingRules.LastAttempt(input, work);
        return last is { State: RepairState.Stale } or { State: RepairState.Proposed, Changes.IsEmpty: false } && input.Now - last.At < ProposalPause && input.Override?.WantsHealing(input.Now) != true
            ? new(name, false, $"The plan made at {Words.Time(last.At, input.Now)} no longer fits the cluster; the next one is made at {Words.Time(last.At + ProposalPause, input.Now)}.")
            : new(name, true, last is { HasEnded: true } ? $"{input.Override?.By ?? "A person"} asked for another try after plan {last.PlanId}." : "No healing of this anomaly has ended without success.");
    }
}
