namespace ControlPlane.Contracts;

/// <summary>One consumer group with plain lag: log end offset less committed offset. Null lag is unknown, never 0.</summary>
/// <param name="UnknownLagPartitions">Partitions with a commit whose lag can't be told now.</param>
public sealed record GroupDto(
    string Id,
    string? Type,
    string? State,
    string? ProtocolType,
    int? CoordinatorId,
    int? Members,
    int? Topics,
    int? Partitions,
    long? Lag,
    long? MaxPartitionLag,
    string? MaxLagPartition,
    int UnknownLagPartitions,
    string? Problem);

/// <summary>One group with members and lag by partition.</summary>
public sealed record GroupDetailDto(GroupDto Group, string Sentence, IReadOnlyList<GroupMemberDto>? Members, IReadOnlyList<GroupPartitionDto>? Partitions, DateTimeOffset? OffsetsAt);

/// <summary>One member with the partitions assigned to it.</summary>
public sealed record GroupMemberDto(string MemberId, string? InstanceId, string ClientId, string Host, IReadOnlyList<string> Assigned, long? Lag);

/// <summary>Lag on one partition. TopicExists is false for a commit to a topic that is gone.</summary>
public sealed record GroupPartitionDto(string Topic, int Partition, long? CommittedOffset, long? LogEndOffset, long? LogStartOffset, long? Lag, string? MemberId, string? ClientId, string? Host, bool TopicExists);
