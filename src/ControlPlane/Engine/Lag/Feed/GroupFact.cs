namespace ControlPlane.Engine.Lag.Feed;

/// <summary>What one record of the offsets topic says of a group, apart from committed offsets. Its tombstone takes it back.</summary>
public abstract record GroupFact
{
    /// <summary>By which protocol a group with this record lives.</summary>
    public abstract GroupKind Kind { get; }

    /// <summary>A classic group with all its members, in one record.</summary>
    public sealed record Classic(string? ProtocolType, string? Protocol, int Generation, long? StateTimestampMs, IReadOnlyList<GroupMember> Members) : GroupFact
    {
        public override GroupKind Kind => GroupKind.Classic;
    }

    /// <summary>The epoch of a group.</summary>
    public sealed record Epoch(GroupKind Of, int Value) : GroupFact
    {
        public override GroupKind Kind => Of;
    }

    /// <summary>Who a member is. <paramref name="Expression"/>: the regular expression that it subscribed to.</summary>
    public sealed record Member(GroupKind Of, GroupMember Is, string? Expression = null) : GroupFact
    {
        public override GroupKind Kind => Of;
    }

    /// <summary>What a member has.</summary>
    public sealed record Assignment(GroupKind Of, int MemberEpoch, IReadOnlyList<AssignedPartitions> Assigned) : GroupFact
    {
        public override GroupKind Kind => Of;
    }

    /// <summary>The tasks of a member of a streams group: partitions by subtopology.</summary>
    public sealed record Tasks(int MemberEpoch, IReadOnlyList<(string Subtopology, IReadOnlyList<int> Partitions)> Active) : GroupFact
    {
        public override GroupKind Kind => GroupKind.Streams;
    }

    /// <summary>The topics that each subtopology of a streams group reads.</summary>
    public sealed record Topology(IReadOnlyDictionary<string, IReadOnlyList<string>> SourceTopics) : GroupFact
    {
        public override GroupKind Kind => GroupKind.Streams;
    }

    /// <summary>The topics that a regular expression stands for.</summary>
    public sealed record Resolved(IReadOnlyList<string> Topics) : GroupFact
    {
        public override GroupKind Kind => GroupKind.Consumer;
    }

    /// <summary>Says nothing that we use, but that the group exists.</summary>
    public sealed record Other(GroupKind Of) : GroupFact
    {
        public override GroupKind Kind => Of;
    }
}

/// <summary>Which record of a group: its type, and the member or regular expression it is of; null where it is of the group as a whole.</summary>
public readonly record struct GroupRecordKey(short Type, string? Member);
