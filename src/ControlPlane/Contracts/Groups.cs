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

/// <summary>A wish to move the committed offsets of a group. Nothing is changed unless DryRun is false.</summary>
/// <param name="To">earliest, latest, timestamp, shift or offsets.</param>
/// <param name="At">For timestamp: to the first record written at or after it.</param>
/// <param name="Shift">For shift: messages forward, back where negative.</param>
/// <param name="Topics">Only these: a topic, or some of its partitions as in "orders:0,3". All that the group committed where left out.</param>
/// <param name="Offsets">For offsets: what each partition shall get.</param>
/// <param name="Reason">For the audit trail.</param>
public sealed record ResetOffsetsRequest(
    string To,
    DateTimeOffset? At = null,
    long? Shift = null,
    IReadOnlyList<string>? Topics = null,
    IReadOnlyList<OffsetTargetDto>? Offsets = null,
    bool DryRun = true,
    string? Reason = null);

/// <summary>The next offset that a group shall read of a partition.</summary>
/// <param name="Expected">What must still be committed for anything to be done, such as what a preview showed.</param>
public sealed record OffsetTargetDto(string Topic, int Partition, long Offset, long? Expected = null);

/// <summary>A wish to forget what a group committed of some topics. Nothing is changed unless DryRun is false.</summary>
/// <param name="Topics">A topic, or some of its partitions as in "orders:0,3".</param>
public sealed record ForgetOffsetsRequest(IReadOnlyList<string> Topics, bool DryRun = true, string? Reason = null);

/// <summary>A wish to delete a group with all it committed. Nothing is changed unless DryRun is false.</summary>
public sealed record DeleteGroupRequest(bool DryRun = true, string? Reason = null);

/// <summary>What a change to a group's offsets would do, or did.</summary>
/// <param name="Action">reset, forget or delete.</param>
/// <param name="Obstacle">Why it would be refused now, and the way out; null where nothing stands in its way.</param>
/// <param name="NotDone">Partitions that were to be changed and were not, or where that is not known.</param>
public sealed record GroupChangeDto(
    string Group,
    string Action,
    string State,
    int? Members,
    bool IsDryRun,
    string Sentence,
    string? Obstacle,
    IReadOnlyList<OffsetChangeDto> Partitions,
    int NotDone);

/// <summary>One partition of a change to a group's offsets.</summary>
/// <param name="Target">Offset to commit; null where it is forgotten, or can't be told, and then the note says why.</param>
/// <param name="Outcome">After the change: done, unchanged, refused, not-sent or unknown; null in a dry run.</param>
/// <param name="Error">Kafka's error name, or what the network did.</param>
public sealed record OffsetChangeDto(
    string Topic, int Partition, long? Committed, long? Target, long? LagBefore, long? LagAfter, string? Note, string? Outcome, string? Error);
