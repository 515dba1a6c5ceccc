using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>An open anomaly with what only its owner's memory knows of it.</summary>
/// <param name="Told">As the last transition told it; what is not worth a transition is only in <paramref name="Now"/>.</param>
/// <param name="SeenSince">Since when every round saw it; null while the last round did not.</param>
/// <param name="GoneSince">Since when every round saw that it is gone; null while the last round did not.</param>
public sealed record TrackedAnomaly(Anomaly Now, Anomaly Told, DateTimeOffset ToldAt, DateTimeOffset? SeenSince, DateTimeOffset? GoneSince);

/// <summary>The open anomalies of one cluster, at most one of each key.</summary>
public sealed record TrackedAnomalies(ImmutableDictionary<AnomalyKey, TrackedAnomaly> Open)
{
    public static TrackedAnomalies None { get; } = new(ImmutableDictionary<AnomalyKey, TrackedAnomaly>.Empty);

    public ImmutableArray<Anomaly> All => [.. Open.Values.Select(tracked => tracked.Now).OrderBy(anomaly => anomaly.FirstSeen).ThenBy(anomaly => anomaly.Id)];

    /// <summary>Goes on from what is stored: a pending anomaly has been held since its first sighting.</summary>
    public static TrackedAnomalies Of(IEnumerable<Anomaly> stored, DateTimeOffset now) => new(stored
        .Where(anomaly => anomaly.State is not AnomalyState.Resolved)
        .ToImmutableDictionary(anomaly => anomaly.Key, anomaly => new TrackedAnomaly(anomaly, anomaly, now, anomaly.FirstSeen, null)));
}

/// <summary>The next state and what is to be stored and told, in order.</summary>
/// <param name="Due">When the next round is due though nothing was sampled: a hold, a clearing or a withheld change ends then.</param>
public readonly record struct TrackerStep(TrackedAnomalies State, ImmutableArray<AnomalyTransition> Transitions, DateTimeOffset? Due);

/// <summary>Turns what rounds see into the lives of anomalies: (known, seen, now) -> (known, transitions).</summary>
public static class AnomalyTracker
{
    /// <summary>A change that is no change of state is told this often at most.</summary>
    public static readonly TimeSpan ChangePause = TimeSpan.FromSeconds(10);

    /// <summary>One round.</summary>
    /// <param name="newId">Gives the id of a new anomaly.</param>
    public static TrackerStep Next(TrackedAnomalies state, DetectionRound round, ClusterId cluster, DateTimeOffset now, Func<Guid> newId)
    {
        var transitions = ImmutableArray.CreateBuilder<AnomalyTransition>();
        var next = state.Open.ToBuilder();
        var seen = new HashSet<AnomalyKey>();
        foreach (var detection in round.Detections)
        {
            if (seen.Add(detection.Key))
            {
                next[detection.Key] = state.Open.TryGetValue(detection.Key, out var known)
                    ? See(known, detection, now, transitions)
                    : Begin(cluster, detection, now, newId(), transitions);
            }
        }

        foreach (var (key, known) in state.Open.Where(entry => !seen.Contains(entry.Key)).OrderBy(entry => entry.Value.Now.FirstSeen).ThenBy(entry => entry.Value.Now.Id))
        {
            if (round.WhyUnjudged(key) is { } why)
            {
                next[key] = Keep(known, why, now, transitions);
            }
            else if (Miss(known, now, transitions) is { } still)
            {
                next[key] = still;
            }
            else
            {
                next.Remove(key);
            }
        }

        var after = new TrackedAnomalies(next.ToImmutable());
        return new TrackerStep(after, transitions.ToImmutable(), Due(after));
    }

    private static TrackedAnomaly Begin(
        ClusterId cluster, Detection detection, DateTimeOffset now, Guid id, ImmutableArray<AnomalyTransition>.Builder transitions)
    {
        var anomaly = new Anomaly(id, cluster, AnomalyState.Pending, detection, now, now, null, null, detection.Blast);
        transitions.Add(new AnomalyTransition(anomaly, null) { At = now });
        return new TrackedAnomaly(anomaly, anomaly, now, now, null);
    }

    private static TrackedAnomaly See(TrackedAnomaly known, Detection detection, DateTimeOffset now, ImmutableArray<AnomalyTransition>.Builder transitions)
    {
        var before = known.Now;
        var seenSince = known.SeenSince ?? now;
        var anomaly = before with
        {
            Last = detection with { Since = detection.Since < before.Last.Since ? detection.Since : before.Last.Since },
            LastSeen = now > before.LastSeen ? now : before.LastSeen,
            Worst = AnomalyChange.Widest(before.Worst, detection.Blast),
        };
        if (before.State is AnomalyState.Pending && now - seenSince >= HoldOf(anomaly))
        {
            anomaly = anomaly with { State = AnomalyState.Active, ActiveAt = now };
        }

        return Tell(known with { Now = anomaly, SeenSince = seenSince, GoneSince = null }, now, transitions);
    }

    /// <summary>It can't be judged: nothing begins and nothing ends, and the evidence says why.</summary>
    private static TrackedAnomaly Keep(TrackedAnomaly known, string why, DateTimeOffset now, ImmutableArray<AnomalyTransition>.Builder transitions) =>
        Tell(known with { Now = known.Now with { Last = AnomalyChange.Kept(known.Now.Last, why, now) }, SeenSince = null, GoneSince = null }, now, transitions);

    /// <summary>Null once it has been away long enough.</summary>
    private static TrackedAnomaly? Miss(TrackedAnomaly known, DateTimeOffset now, ImmutableArray<AnomalyTransition>.Builder transitions)
    {
        var goneSince = known.GoneSince ?? now;
        var judged = known.Now with { Last = AnomalyChange.Judged(known.Now.Last) };
        if (now - goneSince < ClearOf(known.Now))
        {
            return known with { Now = judged, SeenSince = null, GoneSince = goneSince };
        }

        var resolved = judged with { State = AnomalyState.Resolved, ResolvedAt = now };
        transitions.Add(new AnomalyTransition(resolved, known.Now.State) { At = now });
        return null;
    }

    private static TrackedAnomaly Tell(TrackedAnomaly tracked, DateTimeOffset now, ImmutableArray<AnomalyTransition>.Builder transitions)
    {
        var changesState = tracked.Now.State != tracked.Told.State;
        if (!changesState && (!AnomalyChange.IsMaterial(tracked.Told, tracked.Now) || now - tracked.ToldAt < ChangePause))
        {
            return tracked;
        }

        transitions.Add(new AnomalyTransition(tracked.Now, tracked.Told.State) { At = now });
        return tracked with { Told = tracked.Now, ToldAt = now };
    }

    private static DateTimeOffset? Due(TrackedAnomalies state)
    {
        DateTimeOffset? due = null;
        foreach (var tracked in state.Open.Values)
        {
            Consider(tracked is { SeenSince: { } seen, Now.State: AnomalyState.Pending } ? seen + HoldOf(tracked.Now) : null);
            Consider(tracked.GoneSince is { } gone ? gone + ClearOf(tracked.Now) : null);
            Consider(AnomalyChange.IsMaterial(tracked.Told, tracked.Now) ? tracked.ToldAt + ChangePause : null);
        }

        return due;

        void Consider(DateTimeOffset? at) => due = at is null || due <= at ? due : at;
    }

    private static TimeSpan HoldOf(Anomaly anomaly) => anomaly.Last.IsProven ? TimeSpan.Zero : Detectors.Find(anomaly.Key.Kind)?.Hold ?? TimeSpan.Zero;

    private static TimeSpan ClearOf(Anomaly anomaly) => Detectors.Find(anomaly.Key.Kind)?.Clear ?? TimeSpan.Zero;
}
