namespace ControlPlane.Engine.Lag.Feed;

/// <summary>
/// Takes what happened to groups and their offsets, in the order in which the coordinator decided it: per group that is
/// total, as all of a group's records are in one partition. Called on the one thread that owns the feed.
/// </summary>
public interface IGroupEvents
{
    /// <summary>A committed offset that counts: plain, or of a transaction that has committed.</summary>
    void Committed(in OffsetCommitted commit);

    /// <summary>The group has no offset there any more.</summary>
    void Deleted(in OffsetDeleted offset);

    /// <summary>Members, assignments or the kind of a group are other than before.</summary>
    void Changed(GroupState group);

    /// <summary>Neither an offset nor any record of the group is left. An upgrade between protocols is no deletion.</summary>
    void GroupDeleted(string group);

    /// <summary>The log is read anew from its beginning: record offsets are no longer comparable with those told before.</summary>
    void Restarted();
}

/// <summary>A group's new offset of one partition. Texts are shared: the same group is the same instance as long as it has offsets.</summary>
/// <param name="Group">The group's id.</param>
/// <param name="Topic">The topic's name when it was committed.</param>
/// <param name="Partition">Of the topic.</param>
/// <param name="TopicId">Null where the broker did not write it (before 4.1).</param>
/// <param name="Offset">The next record that the group will read; never negative.</param>
/// <param name="LeaderEpoch">Of the last record read; null where the client did not say.</param>
/// <param name="CommitTimestampMs">By the coordinator's clock, since 1970.</param>
/// <param name="RecordOffset">Of the commit's own record: orders the commits of a group, late ones of transactions too.</param>
/// <param name="IsTransactional">Came with the end of a transaction, so perhaps long after <paramref name="CommitTimestampMs"/>.</param>
public readonly record struct OffsetCommitted(
    string Group, string Topic, int Partition, Guid? TopicId, long Offset, int? LeaderEpoch, long CommitTimestampMs, long RecordOffset, bool IsTransactional);

/// <summary>An offset that is no more: expired, deleted on demand, or gone with its topic or group.</summary>
public readonly record struct OffsetDeleted(string Group, string Topic, int Partition, long RecordOffset);

/// <summary>By which protocol a group lives.</summary>
public enum GroupKind
{
    /// <summary>Only offsets: whoever commits assigns partitions by itself.</summary>
    OffsetsOnly,
    Classic,
    Consumer,
    Share,
    Streams,
}

/// <summary>A group as its coordinator has it.</summary>
/// <param name="Group">The group's id.</param>
/// <param name="Kind">By which protocol it lives.</param>
/// <param name="ProtocolType">"consumer", "connect" and so on; only of classic groups, null where it never had members.</param>
/// <param name="Protocol">The assignor, where the group tells one.</param>
/// <param name="Generation">The generation, or epoch; null where none is known.</param>
/// <param name="StateTimestampMs">When a classic group last changed its state.</param>
/// <param name="Members">Empty: nobody is there.</param>
public sealed record GroupState(
    string Group, GroupKind Kind, string? ProtocolType, string? Protocol, int? Generation, long? StateTimestampMs, IReadOnlyList<GroupMember> Members);

/// <summary>One member of a group.</summary>
/// <param name="MemberId">Unique in the group.</param>
/// <param name="InstanceId">Of a static member.</param>
/// <param name="ClientId">As its application named it.</param>
/// <param name="ClientHost">The address it connects from.</param>
/// <param name="RackId">Where it runs, if it says so.</param>
public sealed record GroupMember(string MemberId, string? InstanceId, string ClientId, string ClientHost, string? RackId)
{
    /// <summary>Null where the protocol is foreign to us; regular expressions are resolved where the coordinator did it.</summary>
    public IReadOnlyList<string>? Subscribed { get; init; }

    /// <summary>Of the newer protocols.</summary>
    public int? Epoch { get; init; }

    /// <summary>What it has now; null where that is not known.</summary>
    public IReadOnlyList<AssignedPartitions>? Assigned { get; init; }
}

/// <summary>Partitions of one topic, which newer protocols name by its id only.</summary>
public readonly record struct AssignedPartitions(string? Topic, Guid? TopicId, IReadOnlyList<int> Partitions);
