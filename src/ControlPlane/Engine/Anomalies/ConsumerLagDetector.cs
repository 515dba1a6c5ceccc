using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>A consumer group that has stopped, stalls, was rewound, falls behind, loses records, or is too many messages behind. One anomaly per group.</summary>
public sealed class ConsumerLagDetector : IDetector
{
    public const string Name = "consumer-lag";

    private const string Prefix = "group ";

    /// <summary>Longer names are told by their beginning and a hash.</summary>
    private const int LongestName = 200;

    /// <summary>So many messages are traffic and no trouble where the oldest of them was written less than this ago.</summary>
    private const long TrafficMs = 60_000;

    /// <summary>What was critical stays so until a tenth of it is read.</summary>
    private const double Hysteresis = 0.9;

    /// <summary>A judgement is made every few seconds; an older one tells nothing of now.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    public string Kind => Name;

    /// <summary>
    /// A group that sways falls behind and comes back within a minute or so. What is worse than a warning was watched for long enough already, or is a
    /// fact of the log: that is proven.
    /// </summary>
    public TimeSpan Hold => TimeSpan.FromMinutes(2);

    /// <summary>One that starts, reads a little and dies again is one trouble.</summary>
    public TimeSpan Clear => TimeSpan.FromMinutes(2);

    public Verdict Detect(DetectorInput input)
    {
        var open = input.Open.Where(anomaly => anomaly.Key.Kind == Name).ToDictionary(anomaly => anomaly.Key.Subject, StringComparer.Ordinal);
        if (input.Model.Judgements.Count == 0 && open.Count == 0)
        {
            return Verdict.Nothing;
        }

        if (input.WhyNotFresh(SampleKind.Offsets, "the log ends") is { } stale)
        {
            return Verdict.Suspended(stale);
        }

        var (found, unjudged) = (ImmutableArray.CreateBuilder<Detection>(), ImmutableArray.CreateBuilder<Unjudged>());
        var (isExplained, names) = (IsBrokerDown(input), open.Keys.Select(subject => subject[Prefix.Length..]).ToHashSet(StringComparer.Ordinal));
        foreach (var (group, judged) in input.Model.Judgements)
        {
            if (judged.Trouble is null && judged.Lag <= (judged.Alerts.CriticalLag ?? long.MaxValue) && (names.Count == 0 || !names.Contains(NameOf(group))))
            {
                continue; // most groups, most of the time
            }

            var subject = SubjectOf(group);
            var known = open.GetValueOrDefault(subject);
            open.Remove(subject);
            if (input.Now - judged.At > Longest)
            {
                unjudged.Add(new Unjudged(subject, $"the group was judged {Words.Ago(input.Now - judged.At)} for the last time"));
            }
            else if (SeverityOf(judged, known) is { } severity)
            {
                if (!(isExplained && judged.Cause == "broker-trouble"))
                {
                    found.Add(Report(group, subject, judged, severity, input.Now));
                }
            }
            else if (known is not null && !judged.IsSettled && !judged.Alerts.IsMuted)
            {
                unjudged.Add(new Unjudged(subject, "its commits are still being read: a part of them says too little"));
            }
        }

        foreach (var subject in WhyNotGone(input) is { } why ? open.Keys.Select(one => new Unjudged(one, why)) : [])
        {
            unjudged.Add(subject);
        }

        return new Verdict(found.ToImmutable(), unjudged.ToImmutable());
    }

    /// <summary>A group by a name that can be stored and shown, whatever its clients called it.</summary>
    public static string SubjectOf(string group) => Prefix + NameOf(group);

    private static string NameOf(string group)
    {
        if (group.Length <= LongestName && !group.Any(IsUnsafe))
        {
            return group;
        }

        var begin = group.AsSpan(0, Math.Min(group.Length, LongestName / 2));
        var name = new StringBuilder(begin.Length);
        foreach (var letter in begin)
        {
            name.Append(IsUnsafe(letter) ? '?' : letter);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{name}~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(group)).AsSpan(0, 8))}");
    }

    private static bool IsUnsafe(char letter) => char.IsControl(letter) || char.IsSurrogate(letter);

    /// <summary>Null where nobody needs to know.</summary>
    private static Severity? SeverityOf(GroupJudgement judged, Anomaly? known)
    {
        if (judged.Alerts.IsMuted || (known is null && judged.Trouble is { IsAbandoned: true }))
        {
            return null; // what was left behind long ago is no news; what was told once stays until it is over
        }

        var limit = judged.Alerts.CriticalLag * (known is { Last.Severity: Severity.Critical } ? Hysteresis : 1);
        var isTraffic = judged.Trouble is null or { Worst: "WARN" } && judged is { TimeLagMs: < TrafficMs, IsTimeLagAtLeast: false };
        return judged.Lag > limit && !isTraffic ? Severity.Critical
            : judged.Trouble is not { } trouble ? null
            : trouble.Lost > 0 || trouble.Worst != "WARN" ? Severity.Error
            : Severity.Warning;
    }

    /// <summary>Who can't read because a broker is down is told of by that broker's anomaly.</summary>
    private static bool IsBrokerDown(DetectorInput input) =>
        input.Earlier.Any(seen => seen.Key.Kind == BrokerDownDetector.Name) || input.Open.Any(open => open.Key.Kind == BrokerDownDetector.Name && open.State is AnomalyState.Active);

    /// <summary>Why a group without a judgement need not be gone; null where it is.</summary>
    private static string? WhyNotGone(DetectorInput input) =>
        input.WhyNotFresh(SampleKind.Groups, "the consumer groups") is { } stale ? stale
        : input.Model.Groups is null ? "the consumer groups were never listed"
        : input.Model.Samples.Any(sample => sample.Kind == SampleKind.Groups && !sample.Failures.IsEmpty) ? "not all coordinators list their groups now"
        : null;

    /// <summary>Nothing in it changes from round to round but numbers: each other change is stored.</summary>
    private static string Sentence(string group, GroupJudgement judged)
    {
        var what = judged.Trouble is { } trouble ? $"{trouble.Worst} on {Words.Partitions(judged.BadPartitions)}, " : "";
        var wait = judged.TimeLagMs is > 0 and var waits ? $", the oldest unread record waits {(judged.IsTimeLagAtLeast ? "at least " : "")}{LagSentences.Time(waits)}" : "";
        return $"Group {NameOf(group)}: {what}{LagSentences.Messages(judged.Lag)} behind{wait}.{(judged.CauseSentence is null ? "" : $" {judged.CauseSentence}")}";
    }

    private static Detection Report(string group, string subject, GroupJudgement judged, Severity severity, DateTimeOffset now)
    {
        var evidence = ImmutableArray.CreateBuilder<Evidence>();
        evidence.Add(new Evidence("verdict", $"{judged.Word}, {(judged.Complete * 100).ToString("0", CultureInfo.InvariantCulture)} % of the windows full", judged.At));
        foreach (var partition in judged.Trouble?.Partitions ?? [])
        {
            evidence.Add(new Evidence(string.Create(CultureInfo.InvariantCulture, $"{partition.Topic}-{partition.Partition}"), partition.Sentence, judged.At));
        }

        AddIf("cause", judged.CauseSentence);
        AddIf("catching up", judged.CatchUp == "never" ? "never at these rates: as much or more is written than read" : null);
        AddIf("advice", judged.Advice);
        AddIf("threshold", severity == Severity.Critical ? string.Create(CultureInfo.InvariantCulture, $"{judged.Lag:N0} messages behind, more than {judged.Alerts.CriticalLag:N0} are critical") : null);
        return new Detection(new AnomalyKey(Name, subject), severity, Sentence(group, judged), judged.Trouble?.Since ?? now)
        {
            IsProven = judged.IsSettled && severity >= Severity.Error,
            IsGrouped = judged.Alerts.Storm.IsOn && !(judged.Alerts.IsOwn && severity == Severity.Critical), // whose limit somebody set is told by itself
            Evidence = evidence.ToImmutable(),
            Blast = new BlastRadius(0, 0, 0, judged.Trouble?.Topics.Length ?? 0, [], judged.Trouble?.Topics ?? [], [NameOf(group)]),
        };

        void AddIf(string what, string? value)
        {
            if (value is not null)
            {
                evidence.Add(new Evidence(what, value, judged.At));
            }
        }
    }
}
