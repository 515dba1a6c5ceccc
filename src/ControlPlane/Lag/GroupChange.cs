using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Resets;
using ControlPlane.Engine.Model;

namespace ControlPlane.Lag;

/// <summary>What came of a wish to change what a group has committed.</summary>
internal abstract record GroupChange
{
    /// <summary>This process does not own the cluster any more.</summary>
    internal sealed record NotOwned : GroupChange;

    /// <summary>Brokers of this cluster can't be asked for it.</summary>
    internal sealed record Unsupported : GroupChange;

    internal sealed record UnknownGroup : GroupChange;

    /// <summary>The wish names a topic that the cluster does not have.</summary>
    internal sealed record UnknownTopic(string Topic) : GroupChange;

    /// <summary>Something that must be known could not be read; nothing was changed.</summary>
    internal sealed record Unreadable(string Why) : GroupChange;

    /// <summary>The group has members, who would commit over it; nothing was changed.</summary>
    internal sealed record HasMembers(Group Group) : GroupChange;

    /// <summary>Kafka has no such change for this group; nothing was changed.</summary>
    internal sealed record Refused(string Why, string WayOut) : GroupChange;

    /// <summary>The group committed after the offsets were chosen; nothing was changed.</summary>
    internal sealed record Stale(ImmutableArray<OffsetTarget> Targets) : GroupChange;

    /// <summary>Seen, and unless it was a dry run, done as far as the answers say.</summary>
    /// <param name="Answers">Empty after a dry run.</param>
    /// <param name="Now">What stands committed after the change, read again; null after a dry run, or where it could not be read.</param>
    internal sealed record Seen(Group Group, ImmutableArray<OffsetChange> Changes, IReadOnlyList<OffsetAnswer> Answers, Group? Now) : GroupChange;
}
