using System.Collections.Immutable;
using ControlPlane.Engine.Anomalies;

namespace ControlPlane.Engine.Healing;

/// <summary>The conditions of healing, in the order they are asked. Each is asked always, so that a person sees all of them.</summary>
public static class HealingGuards
{
    public const string NotPaused = "not-paused";
    public const string AnomalyActive = "anomaly-active";
    public const string GraceElapsed = "grace-elapsed";
    public const string ReplicasToRestore = "replicas-to-restore";

    public static ImmutableArray<Guard> Ask(HealingInput input) =>
    [
        Paused(input),
        Active(input),
        Grace(input),
        .. PictureGuards.Ask(input),
        .. WorkGuards.Ask(input),
        ToRestore(input),
    ];

    /// <summary>When the grace time ends; null while the anomaly is not active. It counts from what is stored, so that a restart can't shorten it.</summary>
    public static DateTimeOffset? GraceEnds(HealingInput input) =>
        input.Anomaly.ActiveAt + input.Policy.RuleFor(input.Anomaly.Key.Kind).Grace + (input.Override?.ExtraGrace ?? TimeSpan.Zero);

    private static Guard Paused(HealingInput input) => input.Policy.Pause is { } pause && input.Policy.IsPaused(input.Now)
        ? new(NotPaused, false, $"Healing of this cluster is paused until {Words.Time(pause.Until, input.Now)} by {pause.By}{Words.Reason(pause.Reason)}.")
        : new(NotPaused, true, "Healing of this cluster is not paused.");

    private static Guard Active(HealingInput input) => input.Anomaly.State switch
    {
        AnomalyState.Active => new(AnomalyActive, true, $"The anomaly is active since {Words.Time(input.Anomaly.ActiveAt ?? input.Anomaly.FirstSeen, input.Now)}."),
        AnomalyState.Pending => new(AnomalyActive, false, "The anomaly is pending: it has not lasted long enough to be certain."),
        _ => new(AnomalyActive, false, "The anomaly is resolved."),
    };

    private static Guard Grace(HealingInput input)
    {
        var rule = input.Policy.RuleFor(input.Anomaly.Key.Kind);
        if (input.Override is { } said && said.WantsHealing(input.Now))
        {
            return new(GraceElapsed, true, $"{said.By} asked to heal now, at {Words.Time(said.HealNowAt!.Value, input.Now)}{Words.Reason(said.Reason)}: the grace time is passed over.");
        }

        var extra = input.Override is { ExtraGrace: var more } && more > TimeSpan.Zero ? $" and {Words.Span(more)} that {input.Override.By} added" : "";
        return GraceEnds(input) switch
        {
            null => new(GraceElapsed, false, $"The grace time of {Words.Span(rule.Grace)}{extra} begins when the anomaly is active."),
            { } ends when input.Now < ends => new(GraceElapsed, false, $"The grace time of {Words.Span(rule.Grace)}{extra} ends at {Words.Time(ends, input.Now)}."),
            { } ends => new(GraceElapsed, true, $"The grace time of {Words.Span(rule.Grace)}{extra} ended at {Words.Time(ends, input.Now)}."),
        };
    }

    private static Guard ToRestore(HealingInput input)
    {
        if (input.Model is not { } model || input.Anomaly.Last.BrokerId is not { } id || model.FindBroker(id) is not (>= 0 and var broker))
        {
            return new(ReplicasToRestore, null, "Which replicas are lost is unknown: the broker is not in the picture of the cluster.");
        }

        var lost = model.Partitions.ReplicaBroker.AsSpan().Count(broker);
        return new(ReplicasToRestore, lost > 0, lost > 0
            ? $"{Words.Count(lost, "replica")} of broker {id} can be restored on other brokers."
            : $"No replica is placed on broker {id}: there is nothing to restore.");
    }
}
