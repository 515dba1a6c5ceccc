using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>
/// Many groups that begin to lag together: one trouble of the cluster, and one page for it. The groups keep their anomalies; while this one
/// is active it speaks for those that became active in its time.
/// </summary>
public sealed class LagStormDetector : IDetector
{
    public const string Name = "lag-storm";

    public const string Subject = "cluster";

    public string Kind => Name;

    /// <summary>The first page should tell of all that began at the same moment: groups are judged one after the other.</summary>
    public TimeSpan Hold => TimeSpan.FromSeconds(10);

    public TimeSpan Clear => TimeSpan.FromMinutes(1);

    public Verdict Detect(DetectorInput input)
    {
        var known = input.Known(new AnomalyKey(Name, Subject));
        if (input.Model.Judgements.Count == 0)
        {
            return known is null ? Verdict.Nothing : Verdict.Suspended("no group is judged now");
        }

        var rule = input.Model.Judgements.First().Value.Alerts.Storm;
        if (!rule.IsOn || Lagging(input) is not { Count: > 0 } lagging)
        {
            return Verdict.Nothing;
        }

        return known?.Last.Storm is { } storm ? GoOn(input, rule, known, storm, lagging) : Begin(input, rule, lagging);
    }

    private static Verdict Begin(DetectorInput input, LagStormRule rule, List<LaggingGroup> lagging)
    {
        var recent = lagging.FindAll(group => group.At > input.Now - rule.Window);
        return recent.Count <= rule.MoreThan
            ? Verdict.Nothing
            : Found(LagStormReport.Of(input, recent, new LagStorm(recent.Min(group => group.At), recent.Max(group => group.At) + rule.Window, input.Now, recent.Count, input.Now)));
    }

    private static Verdict GoOn(DetectorInput input, LagStormRule rule, Anomaly known, LagStorm storm, List<LaggingGroup> lagging)
    {
        storm = storm with { Until = Extend(storm, rule, lagging, input.Now) };
        var inside = lagging.FindAll(group => storm.Covers(group.At));
        if (inside.Count * 2 <= rule.MoreThan)
        {
            return Verdict.Nothing; // the few that are left are told one by one
        }

        var severity = inside.Max(group => group.Severity);
        var isWorse = severity > known.Last.Severity;
        if (known.State is AnomalyState.Active && !isWorse && input.Now - storm.CountedAt < rule.Pause)
        {
            return Found(AnomalyChange.Judged(known.Last) with { Storm = storm }); // in the same words, or each group that comes or goes would be news
        }

        storm = storm with { CountedAt = input.Now };
        if (known.State is AnomalyState.Pending || isWorse || inside.Count > storm.Told)
        {
            storm = storm with { Told = inside.Count, ToldAt = input.Now };
        }

        return Found(LagStormReport.Of(input, inside, storm));
    }

    /// <summary>It goes on while groups join, and takes in a second wave. In steps of a quarter of the window: each is stored.</summary>
    private static DateTimeOffset Extend(LagStorm storm, LagStormRule rule, List<LaggingGroup> lagging, DateTimeOffset now)
    {
        var isWave = lagging.Count(group => group.At > storm.Until && group.At > now - rule.Window) > rule.MoreThan;
        var newest = lagging.Where(group => isWave || storm.Covers(group.At)).Select(group => group.At).DefaultIfEmpty(storm.From).Max() + rule.Window;
        return newest - storm.Until > rule.Window / 4 ? newest : storm.Until;
    }

    /// <summary>Those that people are told of, and those that become so in this round.</summary>
    private static List<LaggingGroup> Lagging(DetectorInput input)
    {
        var seen = input.Earlier.Where(one => one.Key.Kind == ConsumerLagDetector.Name).ToDictionary(one => one.Key.Subject, StringComparer.Ordinal);
        var found = new List<LaggingGroup>();
        foreach (var open in input.Open.Where(anomaly => anomaly.Key.Kind == ConsumerLagDetector.Name && anomaly is { State: AnomalyState.Active, ActiveAt: not null }))
        {
            found.Add(new LaggingGroup(seen.Remove(open.Key.Subject, out var now) ? now : open.Last, open.ActiveAt!.Value));
        }

        found.AddRange(seen.Values.Where(one => one.IsProven).Select(one => new LaggingGroup(one, input.Now)));
        return found;
    }

    private static Verdict Found(Detection detection) => new([detection], ImmutableArray<Unjudged>.Empty);
}

/// <summary>A group that lags, as it was seen, and since when people are told.</summary>
internal readonly record struct LaggingGroup(Detection Seen, DateTimeOffset At)
{
    public Severity Severity => Seen.Severity;
}
