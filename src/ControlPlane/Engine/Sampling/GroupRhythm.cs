namespace ControlPlane.Engine.Sampling;

/// <summary>
/// When to ask about a group again. Few groups are asked about in every round. Of thousands, those that move are; one that stands still is
/// asked about again after an eighth of the time it has stood still, so that what is learned late is never late by much.
/// </summary>
public static class GroupRhythm
{
    /// <summary>As many groups as any coordinator answers for in one breath.</summary>
    public const int FewGroups = 1_000;

    /// <summary>However long a group stands still.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>How often a coordinator is asked about groups whose commits are followed: to compare.</summary>
    public static readonly TimeSpan Comparison = TimeSpan.FromMinutes(10);

    /// <summary>Whether the commits of a group are to be read in this round.</summary>
    /// <param name="group">What is known of it.</param>
    /// <param name="isFollowed">Its commits are seen as they are made.</param>
    /// <param name="endsNow">Sum of the log ends where it has commits.</param>
    /// <param name="now">The time of this round.</param>
    public static bool NeedsOffsets(in GroupMarks group, bool isFollowed, long? endsNow, DateTimeOffset now)
    {
        if (group.OffsetsAt is not { } readAt)
        {
            return true;
        }

        if (isFollowed)
        {
            return now - readAt >= Comparison;
        }

        // Who had read everything, and has something to read again, will commit soon: seen late it would look stuck.
        return (group.HadReadAll && endsNow != group.Ends) || IsDue(group.MovedAt, readAt, now);
    }

    /// <summary>Whether a group's members are to be read in this round; in a listing it says by another state that they changed.</summary>
    public static bool NeedsMembers(in GroupMarks group, string? listedState, DateTimeOffset now) =>
        group.MembersAt is not { } readAt || !string.Equals(group.State, listedState, StringComparison.Ordinal) || IsDue(group.MembersChangedAt, readAt, now);

    private static bool IsDue(DateTimeOffset changedAt, DateTimeOffset readAt, DateTimeOffset now)
    {
        var wait = (now - changedAt) / 8;
        return now - readAt >= (wait < Longest ? wait : Longest);
    }
}

/// <summary>What is kept of a group between two rounds.</summary>
/// <param name="OffsetsAt">When its commits were read; null where they never were, or could not be.</param>
/// <param name="MovedAt">When they were first seen as they are.</param>
/// <param name="Ends">Sum of the log ends where it has commits, when they were read; null where one is not known.</param>
/// <param name="HadReadAll">It had nothing left to read then.</param>
/// <param name="MembersAt">When its members were read; null where they never were, or could not be.</param>
/// <param name="MembersChangedAt">When they were first seen as they are.</param>
/// <param name="State">Its state in the listing when its members were read.</param>
public readonly record struct GroupMarks(
    DateTimeOffset? OffsetsAt, DateTimeOffset MovedAt, long? Ends, bool HadReadAll, DateTimeOffset? MembersAt, DateTimeOffset MembersChangedAt, string? State);
