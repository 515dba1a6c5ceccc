using ControlPlane.Contracts;
using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Api.Views;

/// <summary>What happened when, from everything that is stored about an incident; oldest first.</summary>
internal static class IncidentTimeline
{
    /// <summary>The beginning is kept whole, the middle of a very long story is not.</summary>
    private const int MaxEntries = 500;
    private const int KeptOfBeginning = 100;

    private static readonly HashSet<string> Highlights = new(StringComparer.Ordinal)
    {
        "taken-over", "pause-asked", "resume-asked", "cancel-asked", "limits-changed", "moves-failed", "moves-dropped", "throttles-owed", "cleanup-began", "verified", "finished",
    };

    public static IReadOnlyList<TimelineEntryDto> Of(IncidentFacts facts)
    {
        var all = BrokerEvents(facts).Concat(Anomaly(facts)).Concat(Alerts(facts)).Concat(Healing(facts)).Concat(Plans(facts)).Concat(Executions(facts)).OrderBy(entry => entry.At).ToList();
        return all.Count <= MaxEntries ? all : [.. all.Take(KeptOfBeginning), .. all.TakeLast(MaxEntries - KeptOfBeginning)];
    }

    private static IEnumerable<TimelineEntryDto> BrokerEvents(IncidentFacts facts)
    {
        if (facts.Anomaly.Last.BrokerId is not { } id)
        {
            yield break;
        }

        var link = facts.Page("brokers", $"{id}");
        foreach (var one in facts.BrokerEvents)
        {
            yield return new(one.At, "broker", Known.Word(one.Status), one.Sentence, link);
        }

        if (facts.BrokerEvents.Count > 0)
        {
            yield break;
        }

        // No event is stored, because the trouble began before this product watched: what the anomaly and the picture tell.
        yield return new(facts.Anomaly.Last.Since, "broker", StatusWord.Crit, $"Broker {id} stopped answering, as far as this product saw it.", link);
        if (facts.Broker is { Since: { } since, State: not (BrokerState.Down or BrokerState.Unresponsive) } broker && since > facts.Anomaly.Last.Since)
        {
            yield return new(since, "broker", broker.State is BrokerState.Active ? StatusWord.Ok : StatusWord.Warn, $"Broker {id} is {broker.State}: {broker.Evidence}.", link);
        }
    }

    private static IEnumerable<TimelineEntryDto> Anomaly(IncidentFacts facts) => News(facts.Transitions).Select(transition => new TimelineEntryDto(
        transition.At,
        "anomaly",
        transition.After is AnomalyState.Resolved ? StatusWord.Ok : transition.After is AnomalyState.Active && transition.Severity is Severity.Critical ? StatusWord.Crit : StatusWord.Warn,
        transition.Before == transition.After ? $"Still {AnomalyJson.Word(transition.After)}: {transition.Sentence}"
            : transition.After is AnomalyState.Resolved ? "Resolved." : $"{Capital(AnomalyJson.Word(transition.After))}: {transition.Sentence}",
        null));

    /// <summary>Without what was stored for the product's own sake: the same state, told in the same words as before.</summary>
    private static IEnumerable<StoredTransition> News(IReadOnlyList<StoredTransition> transitions) =>
        transitions.Where((one, place) => place == 0 || one.Before != one.After || one.Sentence != transitions[place - 1].Sentence || one.Severity != transitions[place - 1].Severity);

    private static IEnumerable<TimelineEntryDto> Alerts(IncidentFacts facts) => facts.Deliveries.Select(delivery => new TimelineEntryDto(
        delivery.DeliveredAt ?? delivery.CreatedAt,
        "alert",
        AlertRows.Delivery(delivery).Status,
        $"{Capital(AlertRules.Word(delivery.Notification.Event))} for {delivery.Target}: {AlertRows.Word(delivery.State)}{(delivery.Attempts > 1 ? $" after {delivery.Attempts} attempts" : "")}.",
        $"/deliveries/{delivery.Id}"));

    private static IEnumerable<TimelineEntryDto> Healing(IncidentFacts facts) => facts.Decisions.Select(decision => new TimelineEntryDto(
        decision.At, "healing", Known.Word(decision.Decision.Status), decision.Decision.Sentence, decision.Decision.PlanId is { } plan ? facts.Page("plans", $"{plan}") : facts.Page("healing")));

    private static IEnumerable<TimelineEntryDto> Plans(IncidentFacts facts)
    {
        foreach (var (plan, _) in facts.Plans)
        {
            var link = facts.Page("plans", $"{plan.Id}");
            yield return new(plan.MadeAt, "plan", plan.IsSound ? StatusWord.Ok : StatusWord.Crit, $"{plan.MadeBy} made a plan: {plan.Sentence}", link);
            if (plan is { DecidedAt: { } at, DecidedBy: { } by })
            {
                var (status, did) = plan.State switch
                {
                    PlanState.Discarded => (StatusWord.Warn, "discarded the plan"),
                    PlanState.Stale => (StatusWord.Warn, "gave the plan up, to make a new one"),
                    _ => (StatusWord.Maint, "approved the plan"),
                };
                var why = (plan.State is PlanState.Stale ? plan.Problem : plan.Reason) is { } given ? $" ({given})" : "";
                yield return new(at, "plan", status, $"{by} {did}{why}.", link);
            }
        }
    }

    private static IEnumerable<TimelineEntryDto> Executions(IncidentFacts facts)
    {
        foreach (var (history, live) in facts.Executions)
        {
            var link = facts.Page("executions", $"{history.Execution.Id}");
            yield return new(history.Execution.StartedAt, "execution", StatusWord.Maint, $"The execution began: {history.State.Moves.Length} moves.", link);
            var isFirstSent = true;
            foreach (var entry in ExecutionRows.Detail(history, live).Journal)
            {
                if (Highlights.Contains(entry.Kind) || (entry.Kind == "moves-sent" && isFirstSent))
                {
                    isFirstSent &= entry.Kind != "moves-sent";
                    yield return new(entry.At, "execution", entry.Status, entry.Sentence, link);
                }
            }
        }
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
