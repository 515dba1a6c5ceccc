using System.Collections.Immutable;
using ControlPlane.Contracts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Storage;

namespace ControlPlane.Api.Views;

/// <summary>Anomalies as the API shows them.</summary>
internal static class AnomalyRows
{
    /// <summary>A list names so many partitions, topics and groups of each; the anomaly itself names all that are kept.</summary>
    public const int NamedInLists = 5;

    public static AnomalyDto Of(Anomaly anomaly, int named = int.MaxValue) => new(
        anomaly.Id,
        anomaly.Cluster.Value,
        anomaly.Key.Kind,
        anomaly.Key.Subject,
        AnomalyJson.Word(anomaly.State),
        AnomalyJson.Word(anomaly.Last.Severity),
        StatusOf(anomaly),
        anomaly.Last.Sentence,
        anomaly.Last.BrokerId,
        anomaly.Last.Since,
        anomaly.FirstSeen,
        anomaly.LastSeen,
        anomaly.ActiveAt,
        anomaly.ResolvedAt,
        Blast(anomaly.Last.Blast, named));

    public static AnomalyDetailDto Detail(Anomaly anomaly, IReadOnlyList<StoredTransition> transitions) =>
        new(Of(anomaly), Evidence(anomaly), Blast(anomaly.Worst), [.. transitions.Select(Transition)]);

    public static IReadOnlyList<EvidenceDto> Evidence(Anomaly anomaly) =>
        [.. anomaly.Last.Evidence.Select(one => new EvidenceDto(one.What, one.Value, one.At))];

    public static TransitionDto Transition(StoredTransition stored) => new(
        stored.At, stored.Before is { } before ? AnomalyJson.Word(before) : null, AnomalyJson.Word(stored.After), AnomalyJson.Word(stored.Severity), stored.Sentence);

    public static BlastRadiusDto Blast(BlastRadius blast, int named = int.MaxValue) => new(
        blast.Offline,
        blast.UnderMinInSync,
        blast.UnderReplicated,
        blast.TopicCount,
        [.. blast.Worst.Take(named).Select(one => new TouchedPartitionDto(one.Topic, one.Partition, one.InSync, one.Replicas, one.MinInSync))],
        [.. blast.Topics.Take(named)],
        blast.Groups is { } groups ? ImmutableArray.CreateRange(groups.Take(named)) : null);

    /// <summary>What is not told yet is no alarm, and what is over is none any more.</summary>
    public static StatusWord StatusOf(Anomaly anomaly) => anomaly switch
    {
        { State: AnomalyState.Resolved } or { Last.Severity: Severity.Info } => StatusWord.Ok,
        { State: AnomalyState.Active, Last.Severity: Severity.Critical } => StatusWord.Crit,
        _ => StatusWord.Warn,
    };
}
