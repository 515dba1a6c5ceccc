namespace ControlPlane.Kafka.OffsetsTopic;

/// <summary>What a record of __consumer_offsets is about: the first two bytes of its key.</summary>
public enum OffsetsRecordType : short
{
    /// <summary>An offset commit of brokers before 0.9; read like <see cref="OffsetCommit"/>.</summary>
    LegacyOffsetCommit = 0,
    OffsetCommit = 1,

    /// <summary>A group of the classic protocol with all its members.</summary>
    GroupMetadata = 2,
    ConsumerGroupMetadata = 3,

    /// <summary>No longer written since 4.1, but its tombstone is.</summary>
    ConsumerGroupPartitionMetadata = 4,
    ConsumerGroupMemberMetadata = 5,
    ConsumerGroupTargetAssignmentMetadata = 6,
    ConsumerGroupTargetAssignmentMember = 7,
    ConsumerGroupCurrentMemberAssignment = 8,
    ShareGroupPartitionMetadata = 9,
    ShareGroupMemberMetadata = 10,
    ShareGroupMetadata = 11,
    ShareGroupTargetAssignmentMetadata = 12,
    ShareGroupTargetAssignmentMember = 13,
    ShareGroupCurrentMemberAssignment = 14,
    ShareGroupStatePartitionMetadata = 15,
    ConsumerGroupRegularExpression = 16,
    StreamsGroupMetadata = 17,

    /// <summary>Of the 4.1 preview; only its key is read.</summary>
    StreamsGroupPartitionMetadata = 18,
    StreamsGroupMemberMetadata = 19,
    StreamsGroupTargetAssignmentMetadata = 20,
    StreamsGroupTargetAssignmentMember = 21,
    StreamsGroupCurrentMemberAssignment = 22,
    StreamsGroupTopology = 23,

    /// <summary>Of Kafka's trunk; only its key is read.</summary>
    StreamsGroupTargetAssignmentResolvedTopicIds = 24,
}

/// <summary>A record that is not an offset commit: something about a group, or a member or regular expression of it.</summary>
/// <param name="Type">Which of the 25.</param>
/// <param name="Group">The group's id.</param>
/// <param name="Member">The member id, or the regular expression of type 16; null where the record is of the group as a whole.</param>
/// <param name="IsTombstone">The record is deleted. A group is gone only when all its records and offsets are.</param>
/// <param name="Value">One of the types of this namespace; null for a tombstone and where only the key is read.</param>
public readonly record struct GroupRecord(OffsetsRecordType Type, string Group, string? Member, bool IsTombstone, object? Value);

/// <summary>An offset commit or its deletion. Texts are UTF-8 and valid only while it is being handed over.</summary>
public readonly ref struct OffsetCommit
{
    public required ReadOnlySpan<byte> Group { get; init; }

    public required ReadOnlySpan<byte> Topic { get; init; }

    public required int Partition { get; init; }

    /// <summary>Deleted: expired, deleted on demand, or gone with its group or topic. Nothing below holds then.</summary>
    public bool IsTombstone { get; init; }

    public short Version { get; init; }

    public long Offset { get; init; }

    /// <summary>-1: not known.</summary>
    public int LeaderEpoch { get; init; }

    public ReadOnlySpan<byte> Metadata { get; init; }

    /// <summary>By the broker's clock, in milliseconds since 1970.</summary>
    public long CommitTimestamp { get; init; }

    /// <summary>-1: as long as offsets.retention.minutes says.</summary>
    public long ExpireTimestamp { get; init; }

    /// <summary>Zero: the broker did not say (before 4.1).</summary>
    public Guid TopicId { get; init; }
}
