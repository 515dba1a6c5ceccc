using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Lag.Judging;

/// <summary>Who reads which partition of a group. Nothing is concluded while the group is being rebalanced, or where members were not told.</summary>
internal sealed class GroupUses
{
    private readonly bool _isEmpty;
    private readonly HashSet<(string, int)>? _assigned;
    private readonly HashSet<string>? _topics;

    public GroupUses(Group? group)
    {
        _isEmpty = group is { State: "Empty" };
        if (group is not { State: "Stable", Members: { Length: > 0 } members } || !members.Any(member => !member.Assigned.IsEmpty))
        {
            return; // a member without partitions may assign them to itself, unseen by the coordinator
        }

        _assigned = [.. members.SelectMany(member => member.Assigned).Select(one => (one.Topic, one.Partition))];
        _topics = new(members.SelectMany(member => member.Assigned).Select(one => one.Topic), StringComparer.Ordinal);
    }

    /// <summary>A topic that no member of a stable group has a partition of is subscribed to by nobody: all partitions of a subscribed one are given out.</summary>
    public PartitionUse Of(string topic, int partition) =>
        _isEmpty ? PartitionUse.GroupEmpty
        : _assigned is null ? PartitionUse.Unknown
        : _assigned.Contains((topic, partition)) ? PartitionUse.Assigned
        : !_topics!.Contains(topic) ? PartitionUse.Unsubscribed
        : PartitionUse.Unknown;
}
