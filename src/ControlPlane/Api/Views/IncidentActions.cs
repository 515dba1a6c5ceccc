using System.Globalization;
using ControlPlane.Contracts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Healing;
using ControlPlane.Storage;

namespace ControlPlane.Api.Views;

/// <summary>What a person can do about an incident now, ranked: the first is what most people would do.</summary>
internal static class IncidentActions
{
    private static readonly CultureInfo Text = CultureInfo.InvariantCulture;

    public static IReadOnlyList<IncidentActionDto> Of(IncidentFacts facts)
    {
        var actions = new List<IncidentActionDto>();
        AddRunning(actions, facts);
        if (facts.Anomaly.State is not AnomalyState.Resolved)
        {
            var isAutomatic = facts.Healing?.Decision.Outcome is HealingOutcome.Waiting or HealingOutcome.Blocked;
            AddProposed(actions, facts);
            actions.AddRange(isAutomatic ? [.. Override(facts), .. Plan(facts)] : [.. Plan(facts), .. Override(facts)]);
        }

        if (facts.Anomaly.Last.BrokerId is { } id)
        {
            actions.Add(new("show-broker", $"Show broker {id}", facts.Broker is { } broker ? $"It is {broker.State}: {broker.Evidence}." : "Its state, its log dirs and what it hosts.", facts.Page("brokers", $"{id}"), null));
        }

        if (GroupLinks.Of(facts) is { } group)
        {
            actions.Add(group);
        }

        return actions;
    }

    private static void AddRunning(List<IncidentActionDto> actions, IncidentFacts facts)
    {
        foreach (var (history, live) in facts.Executions.Where(one => one.History.Execution.FinishedAt is null))
        {
            var execution = ExecutionRows.Make(history.Execution, live);
            var eta = execution.EtaSeconds is { } seconds ? $", about {Span(TimeSpan.FromSeconds(seconds))} left" : "";
            actions.Add(new("watch-execution", "Watch the repair", $"{execution.Sentence} {Size(execution.BytesDone)} of {Size(execution.BytesTotal)} are copied{eta}.", facts.Page("executions", $"{execution.Id}"), null));
        }
    }

    private static void AddProposed(List<IncidentActionDto> actions, IncidentFacts facts)
    {
        foreach (var (plan, changes) in facts.Plans.Where(one => one.Plan.State is PlanState.Proposed))
        {
            actions.Add(new("show-plan", "Look at the plan and decide", plan.Sentence, facts.Page("plans", $"{plan.Id}"), changes is { Count: > 0 } ? $"It can't be approved any more: {string.Join(" ", changes)}" : null));
        }
    }

    private static IEnumerable<IncidentActionDto> Plan(IncidentFacts facts)
    {
        if (facts.CanHeal)
        {
            var effect = Effect(facts);
            yield return new("plan-fix-offline", "Make a plan", $"{What(effect)} It is only shown; nothing moves before somebody approves it.", null,
                Underway(facts) ?? Nothing(effect) ?? (facts.Model is null ? "No process reads the cluster now, so there is no picture to plan on." : null));
        }
    }

    private static IEnumerable<IncidentActionDto> Override(IncidentFacts facts)
    {
        if (!facts.CanHeal)
        {
            yield break;
        }

        var (effect, decision) = (Effect(facts), facts.Healing?.Decision);
        var held = decision?.Guards.FirstOrDefault(guard => guard.Passed != true && guard.Name is not HealingGuards.GraceElapsed);
        yield return new("heal-now", "Heal now", $"{What(effect)} It does not wait for the grace time; every other guard is still asked.", null,
            Underway(facts) ?? Nothing(effect) ?? held?.Sentence);
        var isWaiting = decision is { Outcome: HealingOutcome.Waiting, ActsAt: not null };
        yield return new("extend-grace", "Wait longer", isWaiting ? $"An hour more: it would act at {decision!.ActsAt!.Value.AddHours(1).UtcDateTime.ToString("HH:mm:ss'Z'", Text)} instead of {decision.ActsAt.Value.UtcDateTime.ToString("HH:mm:ss'Z'", Text)}." : "Adds to the grace time of this anomaly.", null,
            Underway(facts) ?? (isWaiting ? null : "No grace time runs: nothing would act by itself now."));
        yield return new("leave-alone", "Leave it alone", $"Nothing is moved by itself; {Reach(facts.Anomaly.Last.Blast)} until the broker is back.", null,
            Underway(facts) ?? (decision is { Outcome: HealingOutcome.LeftAlone } ? "It is left alone already." : null));
    }

    private static string? Underway(IncidentFacts facts) =>
        facts.Plans.Select(one => one.Plan).FirstOrDefault(plan => plan.State is PlanState.Approved or PlanState.Executing) is { } plan ? $"Plan {plan.Id} for it is carried out already." : null;

    private static string? Nothing(HealingEffect? effect) => effect is { Replicas: 0 } ? "No replica is placed on the broker: there is nothing to restore." : null;

    private static HealingEffect? Effect(IncidentFacts facts) =>
        facts.Model is { } model && facts.Anomaly.Last.BrokerId is { } id ? HealingEffect.Of(model, id) : null;

    private static string What(HealingEffect? effect)
    {
        if (effect is null)
        {
            return "Restores the lost replicas on other brokers.";
        }

        var unsized = effect.Unsized > 0 ? string.Create(Text, $" and {effect.Unsized:N0} replicas of unknown size") : "";
        var lonely = effect.Lonely > 0 ? string.Create(Text, $" {effect.Lonely:N0} of them have no other copy and can't be restored.") : "";
        return string.Create(Text, $"Restores {effect.Replicas:N0} replicas on {effect.Destinations} other brokers: {Size(effect.Bytes)}{unsized} to copy.{lonely}");
    }

    private static string Reach(BlastRadius blast) => blast.UnderReplicated is { } count
        ? string.Create(Text, $"{count:N0} {(count == 1 ? "partition stays" : "partitions stay")} under-replicated")
        : "its partitions stay under-replicated";

    private static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1024 && unit < units.Length - 1)
        {
            (value, unit) = (value / 1024, unit + 1);
        }

        return value.ToString(unit == 0 || value >= 100 ? "0" : "0.0", Text) + " " + units[unit];
    }

    private static string Span(TimeSpan span) => span.TotalMinutes < 1 ? $"{span.TotalSeconds:0} s" : span.TotalHours < 1 ? $"{span.Minutes} min {span.Seconds} s" : $"{(int)span.TotalHours} h {span.Minutes} min";
}
