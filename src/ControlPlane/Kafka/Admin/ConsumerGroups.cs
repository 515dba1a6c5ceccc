using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

/// <summary>A group as its coordinator lists it; <paramref name="Type"/> (classic, consumer, share, streams) is null where the broker does not say (before 3.8).</summary>
public sealed record ListedGroup(string GroupId, string? Type, string ProtocolType, string State, int CoordinatorId);

/// <summary>The committed offsets of one group.</summary>
public sealed record GroupOffsets(string GroupId, int CoordinatorId, IReadOnlyList<CommittedOffset> Offsets);

/// <summary>One commit. The offset is null where there is none, or where <paramref name="Error"/> says why it can't be told.</summary>
public readonly record struct CommittedOffset(string Topic, int Partition, long? Offset, int? LeaderEpoch, string? Metadata, ErrorCode Error);

/// <summary>A group of any kind with its members. Partition lists are empty unless the group is stable (classic) or assigned.</summary>
public sealed record GroupDescription(string GroupId, string Type, string State, string Assignor, int CoordinatorId, IReadOnlyList<GroupMember> Members)
{
    /// <summary>Epoch of the group's wish and of its assignment; they differ while it moves partitions. Null for classic groups.</summary>
    public int? GroupEpoch { get; init; }

    public int? AssignmentEpoch { get; init; }
}

/// <summary>A member; its assignment is null where the protocol's bytes can't be read, as with Kafka Connect.</summary>
public sealed record GroupMember(
    string MemberId, string? InstanceId, string? Rack, string ClientId, string ClientHost, IReadOnlyList<TopicPartitions>? Assignment)
{
    /// <summary>Of members of streams groups, who have tasks; null in all others.</summary>
    public IReadOnlyList<StreamsTasks>? Tasks { get; init; }
}

/// <summary>Tasks of one member in one part of its application: one for each partition number of the topics which that part reads.</summary>
/// <param name="Kind">active, standby or warm-up.</param>
public sealed record StreamsTasks(string Kind, string Subtopology, IReadOnlyList<int> Partitions, IReadOnlyList<string> SourceTopics);
