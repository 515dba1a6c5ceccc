using System.Globalization;
using ControlPlane.Contracts;

namespace ControlPlane.Api.Views;

/// <summary>What is said of one topic, in words.</summary>
internal static class TopicWords
{
    public static string Sentence(TopicDto topic) => topic switch
    {
        { OfflinePartitions: > 0 } => $"{Of(topic.OfflinePartitions, topic)} offline: nothing can be produced or consumed there.",
        { UnderMinInSync: > 0 and var under } => $"{Of(under, topic)} below min.insync.replicas: producers with acks=all are refused there.",
        { UnderReplicated: > 0 } => $"{Of(topic.UnderReplicated, topic)} under-replicated.",
        _ => topic.Partitions == 1 ? "The partition is fully replicated." : string.Create(CultureInfo.InvariantCulture, $"All {topic.Partitions:N0} partitions are fully replicated."),
    };

    /// <summary>The engine's findings about the topic, and those that follow from its own partitions; worst first.</summary>
    public static List<FindingDto> Findings(ClusterView view, int index, TopicDto topic)
    {
        var subject = $"topic {view.Model.Partitions.TopicName[index]}";
        var findings = view.FindingsOf(subject);
        AddIf(topic.OfflinePartitions > 0, StatusWord.Crit, "offline-partitions", $"{Of(topic.OfflinePartitions, topic)} offline.");
        AddIf(topic.UnderMinInSync > 0, StatusWord.Crit, "under-min-isr", $"{Of(topic.UnderMinInSync ?? 0, topic)} below min.insync.replicas.");
        AddIf(topic.UnderReplicated > 0, StatusWord.Warn, "under-replicated", $"{Of(topic.UnderReplicated, topic)} under-replicated.");
        AddIf(
            topic.MinInSync >= topic.ReplicationFactor && topic.ReplicationFactor > 1,
            StatusWord.Warn,
            "no-spare-replica",
            string.Create(CultureInfo.InvariantCulture, $"min.insync.replicas ({topic.MinInSync}) leaves no replica to spare out of {topic.ReplicationFactor}: one broker down stops producers with acks=all."));
        AddIf(topic is { ReplicationFactor: 1, IsInternal: false }, StatusWord.Warn, "single-replica", "There is only one replica: a lost disk loses data.");
        AddIf(topic.HasMixedReplication, StatusWord.Warn, "mixed-replication", "Its partitions do not all have the same number of replicas.");
        return [.. findings.OrderBy(finding => Known.Urgency(finding.Status))];

        void AddIf(bool holds, StatusWord status, string kind, string sentence)
        {
            if (holds && !findings.Any(finding => finding.Kind == kind))
            {
                findings.Add(new FindingDto(status, kind, subject, sentence, null));
            }
        }
    }

    private static string Of(int count, TopicDto topic) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} of {topic.Partitions:N0} {(topic.Partitions == 1 ? "partition" : "partitions")} {(count == 1 ? "is" : "are")}");
}
