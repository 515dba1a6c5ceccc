using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Lag;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>Says of many lagging groups how many, which are worst, and what most of them share.</summary>
internal static class LagStormReport
{
    private const int MostInSentence = 3;
    private const int MostInEvidence = 10;
    private const int MostNames = 100;
    private const int MostTopics = 20;

    /// <summary>What more than half of the groups share is named; a broker only where nearly all do: of three each leads a third.</summary>
    private const double Bulk = 0.5;
    private const double Most = 0.8;

    public static Detection Of(DetectorInput input, List<LaggingGroup> groups, LagStorm storm)
    {
        var judged = Judged(input.Model, groups);
        LaggingGroup[] worst = [.. groups.OrderByDescending(group => group.Severity).ThenByDescending(group => LagOf(judged, group)).ThenBy(group => group.Seen.Key.Subject, StringComparer.Ordinal)];
        var shared = Shared(input.Model, judged.Values, groups.Count);
        var evidence = ImmutableArray.CreateBuilder<Evidence>();
        evidence.Add(new Evidence("groups", Words.Number(groups.Count), input.Now));
        evidence.AddRange(shared.Select(one => new Evidence(one.What, one.Value, input.Now)));
        evidence.AddRange(worst.Take(MostInEvidence).Select(group => new Evidence(NameOf(group), group.Seen.Sentence, group.At)));
        if (worst.Length > MostInEvidence)
        {
            evidence.Add(new Evidence("others", OthersOf(worst[MostInEvidence..]), input.Now));
        }

        string[] topics = [.. judged.Values.SelectMany(one => one.Trouble?.Topics ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new Detection(new AnomalyKey(LagStormDetector.Name, LagStormDetector.Subject), worst[0].Severity, Sentence(worst, judged, shared), groups.Min(group => group.Seen.Since))
        {
            Storm = storm,
            Evidence = evidence.ToImmutable(),
            Blast = new BlastRadius(0, 0, 0, topics.Length, [], [.. topics.Take(MostTopics)], [.. worst.Take(MostNames).Select(NameOf)]),
        };
    }

    private static string OthersOf(LaggingGroup[] others)
    {
        var more = others.Length > MostInEvidence ? $" and {Words.Number(others.Length - MostInEvidence)} more" : "";
        return $"{string.Join(", ", others.Take(MostInEvidence).Select(NameOf))}{more}";
    }

    private static string Sentence(LaggingGroup[] worst, Dictionary<string, GroupJudgement> judged, List<(string What, string Value)> shared)
    {
        var names = string.Join(", ", worst.Take(MostInSentence).Select(group => judged.TryGetValue(group.Seen.Key.Subject, out var one) ? $"{NameOf(group)} ({LagSentences.Messages(one.Lag)} behind)" : NameOf(group)));
        var common = shared.Count == 0 ? "They share no topic, broker or cause." : $"In common: {string.Join("; ", shared.Select(one => one.Value))}.";
        return $"{Words.Number(worst.Length)} consumer groups lag; worst: {names}. {common}";
    }

    private static List<(string What, string Value)> Shared(ClusterModel model, IReadOnlyCollection<GroupJudgement> judged, int count)
    {
        var found = new List<(string, string)>();
        Add("common topic", judged.SelectMany(one => (one.Trouble?.Topics ?? []).Distinct(StringComparer.Ordinal)), Bulk, topic => $"topic {topic}");
        Add("common broker", judged.Select(one => LeaderOf(model, one)).OfType<int>().Select(id => id.ToString(CultureInfo.InvariantCulture)), Most, broker => $"partitions led by broker {broker}");
        Add("common cause", judged.Select(one => one.Cause).OfType<string>(), Bulk, WordsOf);
        return found;

        void Add(string what, IEnumerable<string> values, double share, Func<string, string> words)
        {
            if (values.CountBy(value => value, StringComparer.Ordinal).OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).FirstOrDefault() is { Key: { } value, Value: var times } && times > share * count)
            {
                found.Add((what, $"{words(value)} ({Words.Number(times)} groups)"));
            }
        }
    }

    /// <summary>The broker that leads all of the worst partitions of a group; null where they are several or it is not known.</summary>
    private static int? LeaderOf(ClusterModel model, GroupJudgement judged)
    {
        int? leader = null;
        foreach (var partition in judged.Trouble?.Partitions ?? [])
        {
            var topic = model.Partitions.FindTopic(partition.Topic);
            if (topic < 0 || partition.Partition >= model.Partitions.PartitionsOf(topic) || model.Partitions.Leader[model.Partitions.TopicStart[topic] + partition.Partition] is not (>= 0 and var index))
            {
                return null;
            }

            var id = model.Brokers[index].Id;
            if (leader is not null && leader != id)
            {
                return null;
            }

            leader = id;
        }

        return leader;
    }

    private static string WordsOf(string cause) => cause switch
    {
        "no-members" => "nobody is in the group",
        "broker-trouble" => "a broker is in trouble",
        "open-transaction" => "a transaction that does not end",
        "rebalancing-storm" => "rebalance after rebalance",
        "stuck-member" => "a member that is stuck",
        "producer-surge" => "more is written than usual",
        "hot-partition" => "a partition that gets most records",
        "slow-member" => "a member that is slow",
        "too-few-members" => "too few members",
        _ => cause,
    };

    private static Dictionary<string, GroupJudgement> Judged(ClusterModel model, List<LaggingGroup> groups)
    {
        var subjects = groups.Select(group => group.Seen.Key.Subject).ToHashSet(StringComparer.Ordinal);
        var found = new Dictionary<string, GroupJudgement>(StringComparer.Ordinal);
        foreach (var (group, judgement) in model.Judgements.Where(one => one.Value.Trouble is not null || one.Value.Lag > 0))
        {
            if (ConsumerLagDetector.SubjectOf(group) is var subject && subjects.Contains(subject))
            {
                found[subject] = judgement;
            }
        }

        return found;
    }

    private static long LagOf(Dictionary<string, GroupJudgement> judged, LaggingGroup group) => judged.TryGetValue(group.Seen.Key.Subject, out var one) ? one.Lag : 0;

    private static string NameOf(LaggingGroup group) => group.Seen.Blast.Groups is [var name] ? name : group.Seen.Key.Subject;
}
