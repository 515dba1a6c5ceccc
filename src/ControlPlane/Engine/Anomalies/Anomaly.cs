using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>Life of an anomaly: pending until it has lasted long enough to be told, active, resolved.</summary>
public enum AnomalyState
{
    Pending,
    Active,
    Resolved,
}

/// <summary>How urgently a person is needed: critical pages, error wants work now, warning goes to a chat, info to the timeline.</summary>
public enum Severity
{
    Info,
    Warning,
    Error,
    Critical,
}

/// <summary>What makes two sightings the same trouble.</summary>
/// <param name="Kind">One word per detector: "broker-down".</param>
/// <param name="Subject">What it is about: "broker 4", or "cluster".</param>
public readonly record struct AnomalyKey(string Kind, string Subject);

/// <summary>One observation behind a verdict, for a person to check.</summary>
/// <param name="What">Such as "last answer" or "controller".</param>
public sealed record Evidence(string What, string Value, DateTimeOffset? At);

/// <summary>A partition that the trouble touches, by name: a stored anomaly outlives the picture it came from.</summary>
public sealed record TouchedPartition(string Topic, int Partition, int InSync, int Replicas, int? MinInSync);

/// <summary>How far the trouble reaches; null where the samples behind a count are missing.</summary>
/// <param name="UnderMinInSync">Partitions that refuse producers with acks=all.</param>
/// <param name="Worst">Offline first, then under min ISR, then under-replicated; bounded.</param>
/// <param name="Topics">Touched topics by name; bounded, <paramref name="TopicCount"/> counts all.</param>
/// <param name="Groups">Consumer groups that read a touched topic; null while groups were never listed.</param>
public sealed record BlastRadius(
    int? Offline,
    int? UnderMinInSync,
    int? UnderReplicated,
    int TopicCount,
    ImmutableArray<TouchedPartition> Worst,
    ImmutableArray<string> Topics,
    ImmutableArray<string>? Groups)
{
    public static BlastRadius Unknown { get; } = new(null, null, null, 0, [], [], null);
}

/// <summary>Anomalies of one kind that are told as one: those that became active in this time.</summary>
/// <param name="CountedAt">When its sentence was made.</param>
/// <param name="Told">So many it spoke for when it was told last.</param>
/// <param name="ToldAt">What is told moves on with it: whoever was told hears again.</param>
public sealed record LagStorm(DateTimeOffset From, DateTimeOffset Until, DateTimeOffset CountedAt, int Told, DateTimeOffset ToldAt)
{
    public bool Covers(DateTimeOffset activeAt) => activeAt >= From && activeAt <= Until;
}

/// <summary>What a detector sees now.</summary>
/// <param name="Since">When the trouble began, as far as this product saw it.</param>
public sealed record Detection(AnomalyKey Key, Severity Severity, string Sentence, DateTimeOffset Since)
{
    /// <summary>Kafka node id where the trouble is a broker's; null for others.</summary>
    public int? BrokerId { get; init; }

    /// <summary>Nothing is gained by waiting: the cluster itself says so.</summary>
    public bool IsProven { get; init; }

    /// <summary>It may be told together with others of its kind: nobody hears of it by itself while something else speaks for it.</summary>
    public bool IsGrouped { get; init; }

    /// <summary>Of a storm: for whom it speaks. Null for all else.</summary>
    public LagStorm? Storm { get; init; }

    public ImmutableArray<Evidence> Evidence { get; init; } = [];

    public BlastRadius Blast { get; init; } = BlastRadius.Unknown;
}

/// <summary>One trouble from its first sighting to its end; stored, and found again after a restart.</summary>
/// <param name="FirstSeen">The first round that saw it; <see cref="Detection.Since"/> may lie before.</param>
/// <param name="ActiveAt">When it had lasted long enough to be told; null while pending, or where it ended before.</param>
/// <param name="Worst">Its widest blast radius so far: what a post-mortem asks for.</param>
public sealed record Anomaly(
    Guid Id,
    ClusterId Cluster,
    AnomalyState State,
    Detection Last,
    DateTimeOffset FirstSeen,
    DateTimeOffset LastSeen,
    DateTimeOffset? ActiveAt,
    DateTimeOffset? ResolvedAt,
    BlastRadius Worst)
{
    public AnomalyKey Key => Last.Key;
}

/// <summary>A change of one anomaly worth storing and telling.</summary>
/// <param name="Before">State before; null where it was seen for the first time.</param>
public sealed record AnomalyTransition(Anomaly Anomaly, AnomalyState? Before)
{
    /// <summary>When it was decided.</summary>
    public DateTimeOffset At { get; init; } = Before is null ? Anomaly.FirstSeen : Anomaly.ResolvedAt ?? (Before is AnomalyState.Pending ? Anomaly.ActiveAt : null) ?? Anomaly.LastSeen;
}
