using System.Collections.Immutable;

namespace ControlPlane.Engine.Model;

/// <summary>What the lag of a group means, as of its last look: made by Engine/Lag, carried by the model for everybody who shows or acts on it.</summary>
/// <param name="Word">Burrow's word: OK, WARN or ERR.</param>
/// <param name="Sentence">The verdict in one sentence with its numbers.</param>
/// <param name="TimeLagMs">How long the oldest unread record waits; null where it can't be told.</param>
/// <param name="IsTimeLagAtLeast">The record is older than the history; it waits at least so long.</param>
public sealed record GroupJudgement(Status Status, string Word, string Sentence, long? TimeLagMs, bool IsTimeLagAtLeast)
{
    /// <summary>When it was judged.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>False in the first minute of looking at the cluster's commits, in which clocks are still being compared, and while not all of them are read.</summary>
    public bool IsSettled { get; init; } = true;

    /// <summary>Messages behind, those that nobody reads any more left out.</summary>
    public long Lag { get; init; }

    /// <summary>Partitions that are worse than OK.</summary>
    public int BadPartitions { get; init; }

    /// <summary>What is wrong where something is; null where all is well.</summary>
    public GroupTrouble? Trouble { get; init; }

    /// <summary>How much of this is worth an alert.</summary>
    public GroupAlertRule Alerts { get; init; } = GroupAlertRule.Usual;

    /// <summary>Share of partitions whose window is full, 0 to 1.</summary>
    public float Complete { get; init; }

    /// <summary>done, expected, never or unknown.</summary>
    public string CatchUp { get; init; } = "unknown";

    /// <summary>Until it has caught up; null unless it is expected to.</summary>
    public TimeSpan? CatchUpIn { get; init; }

    public TimeSpan? CatchUpEarliest { get; init; }

    /// <summary>Null where it may as well never end.</summary>
    public TimeSpan? CatchUpLatest { get; init; }

    /// <summary>Records a second; null where not measured.</summary>
    public double? ConsumeRate { get; init; }

    public double? ProduceRate { get; init; }

    /// <summary>Why it is behind, in a word and a sentence; null where the evidence names no cause.</summary>
    public string? Cause { get; init; }

    public string? CauseSentence { get; init; }

    /// <summary>Members that would hold the time-lag objective; null where it can't be told.</summary>
    public int? AdvisedMembers { get; init; }

    public string? Advice { get; init; }

    /// <summary>The same by topic, where it is measured: of groups with several topics, as far as history keeps them.</summary>
    public ImmutableArray<TopicJudgement> Topics { get; init; } = [];
}

/// <summary>What a group has to do with one of its topics.</summary>
/// <param name="TimeLagMs">Null where it can't be told.</param>
/// <param name="ConsumeRate">Records a second; null where not measured.</param>
public sealed record TopicJudgement(string Topic, long Lag, long? TimeLagMs, double? ConsumeRate, double? ProduceRate);
