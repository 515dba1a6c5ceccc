using System.Collections.Immutable;

namespace ControlPlane.Engine.Model;

/// <summary>What is wrong with a group that is not well, as far as it takes to tell somebody.</summary>
/// <param name="Worst">The word of its worst partition: WARN, STOP, STALL or REWIND.</param>
/// <param name="Since">When it began as far as the commits tell it; null where they do not.</param>
/// <param name="Lost">Records that retention deleted before they were read.</param>
/// <param name="IsAbandoned">Nobody is in the group, and nobody has committed for a day: left behind rather than broken.</param>
/// <param name="Topics">Of its partitions that are worse than OK, by name; some of them where they are many.</param>
/// <param name="Partitions">The worst partitions with what was found of them.</param>
public sealed record GroupTrouble(string Worst, DateTimeOffset? Since, long Lost, bool IsAbandoned, ImmutableArray<string> Topics, ImmutableArray<PartitionTrouble> Partitions);

/// <summary>One partition that is worse than OK.</summary>
public sealed record PartitionTrouble(string Topic, int Partition, string Sentence);

/// <summary>What of a group's lag is told to people.</summary>
/// <param name="IsMuted">Nothing is.</param>
/// <param name="CriticalLag">More messages behind than this are critical; null: however many.</param>
public sealed record GroupAlertRule(bool IsMuted, long? CriticalLag)
{
    public const long UsualCriticalLag = 1_000_000;

    public static GroupAlertRule Usual { get; } = new(false, UsualCriticalLag);

    /// <summary>Somebody wrote a rule for this group.</summary>
    public bool IsOwn { get; init; }

    /// <summary>When it is told together with others.</summary>
    public LagStormRule Storm { get; init; } = LagStormRule.Usual;
}

/// <summary>When groups that begin to lag together are told as one.</summary>
/// <param name="MoreThan">So many are told one by one; 0: however many.</param>
/// <param name="Window">Together means within this time.</param>
/// <param name="Pause">Before it is told that more have joined.</param>
public sealed record LagStormRule(int MoreThan, TimeSpan Window, TimeSpan Pause)
{
    public static LagStormRule Usual { get; } = new(5, TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5));

    public bool IsOn => MoreThan > 0;
}
