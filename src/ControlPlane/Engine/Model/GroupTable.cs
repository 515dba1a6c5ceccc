using System.Collections.Immutable;

namespace ControlPlane.Engine.Model;

/// <summary>One consumer group as its coordinator describes it.</summary>
/// <param name="Type">Kafka's group type: classic, consumer, share, streams; null where the cluster is too old to tell.</param>
/// <param name="State">Kafka's group state word, as sent.</param>
/// <param name="CoordinatorId">Kafka node id of the coordinator; null while unknown.</param>
/// <param name="Members">Null while the group has not been described.</param>
public sealed record Group(
    string Id,
    string? Type,
    string? ProtocolType,
    string? State,
    int? CoordinatorId,
    ImmutableArray<GroupMember>? Members)
{
    /// <summary>Its members share the records of a partition, and it commits nothing: its offsets say how far it has come.</summary>
    public bool IsShare => Type == "share";

    /// <summary>Committed offsets by partition; null while they could not be read (then lag is unknown, not zero).</summary>
    public ImmutableArray<CommittedOffset>? Offsets { get; init; }

    /// <summary>Of a share group whose topics are written to all the time: its offsets are known to within so many messages.</summary>
    public long OffsetsWithin { get; init; }

    public DateTimeOffset? OffsetsAt { get; init; }

    /// <summary>Why something of this group is unknown; null when all is known.</summary>
    public string? Problem { get; init; }
}

/// <summary>One member of a group with the partitions assigned to it.</summary>
public sealed record GroupMember(
    string MemberId,
    string? InstanceId,
    string ClientId,
    string Host,
    ImmutableArray<AssignedPartition> Assigned)
{
    /// <summary>Of members of streams groups, who have tasks; null in all others.</summary>
    public ImmutableArray<MemberTasks>? Tasks { get; init; }
}

/// <summary>Tasks of a member in one part of a streams application, by the partition number that each reads.</summary>
/// <param name="Kind">active, standby or warm-up.</param>
public sealed record MemberTasks(string Kind, string Subtopology, ImmutableArray<int> Partitions, ImmutableArray<string> SourceTopics);

/// <summary>A partition by topic name, as group protocols name it.</summary>
public readonly record struct AssignedPartition(string Topic, int Partition);

/// <summary>A committed offset. The topic may no longer exist; that is why it is named and not indexed.</summary>
public readonly record struct CommittedOffset(string Topic, int Partition, long Offset);
