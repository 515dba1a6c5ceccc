using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Committed offsets of many groups, from the coordinator of all of them. Message definition: OffsetFetchRequest.json (KIP-709, KIP-848).</summary>
public sealed record OffsetFetchRequest(OffsetFetchRequest.Group[] Groups) : IKafkaRequest<OffsetFetchResponse>, IWireMessage<OffsetFetchRequest>
{
    /// <summary>From this version on topics go by id alone, in the request and in the answer.</summary>
    private const short MinVersionById = 10;

    public static ApiDescriptor Descriptor { get; } = new(ApiKey.OffsetFetch, MinVersion: 8, MaxVersion: 10, FlexibleFrom: 6);

    /// <summary>Whether topics are named by id. Without it the broker is asked in a version that carries their names.</summary>
    public bool UseTopicIds { get; init; }

    /// <summary>Refuses, instead of answering with what was committed before, where a transaction holds a commit open.</summary>
    public bool RequireStable { get; init; }

    public ApiDescriptor Api => UseTopicIds
        ? Descriptor with { MinVersion = MinVersionById }
        : Descriptor with { MaxVersion = MinVersionById - 1 };

    public static OffsetFetchRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new OffsetFetchRequest(reader.ReadArray<Group>(version))
        {
            RequireStable = reader.ReadBool(),
            UseTopicIds = version >= MinVersionById,
        };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteArray<Group>(Groups, version);
        writer.WriteBool(RequireStable);
        writer.WriteEmptyTaggedFields();
    }

    public OffsetFetchResponse ReadResponse(ref KafkaReader reader, short version) => OffsetFetchResponse.Read(ref reader, version);

    /// <summary>A group, with the topics asked for or null for all. Who only watches has no member id, and -1 for its epoch.</summary>
    public readonly record struct Group(string GroupId, Topic[]? Topics, string? MemberId = null, int MemberEpoch = -1) : IWireStruct<Group>
    {
        public static int MinSize => 3;

        public static Group Read(ref KafkaReader reader, short version)
        {
            var group = new Group(
                GroupId: reader.ReadString(),
                MemberId: version >= 9 ? reader.ReadNullableString() : null,
                MemberEpoch: version >= 9 ? reader.ReadInt32() : -1,
                Topics: reader.ReadNullableArray<Topic>(version));
            reader.SkipTaggedFields();
            return group;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(GroupId);
            if (version >= 9)
            {
                writer.WriteNullableString(MemberId);
                writer.WriteInt32(MemberEpoch);
            }

            writer.WriteNullableArray(Topics, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Partitions of one topic: by name up to version 9, by id from version 10.</summary>
    public readonly record struct Topic(string? Name, Guid TopicId, int[] PartitionIndexes) : IWireStruct<Topic>
    {
        public static int MinSize => 3;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(
                Name: version < MinVersionById ? reader.ReadString() : null,
                TopicId: version >= MinVersionById ? reader.ReadUuid() : Guid.Empty,
                PartitionIndexes: reader.ReadInt32Array());
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            if (version >= MinVersionById)
            {
                writer.WriteUuid(TopicId);
            }
            else
            {
                writer.WriteString(Name!);
            }

            writer.WriteInt32Array(PartitionIndexes);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: OffsetFetchResponse.json. A group that does not exist is no error: it has no offsets.</summary>
public sealed record OffsetFetchResponse(int ThrottleTimeMs, OffsetFetchResponse.Group[] Groups) : IWireMessage<OffsetFetchResponse>, IThrottledResponse
{
    private const short MinVersionById = 10;

    public static OffsetFetchResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = OffsetFetchRequest.Descriptor.IsFlexible(version);
        var response = new OffsetFetchResponse(reader.ReadInt32(), reader.ReadArray<Group>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = OffsetFetchRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Group>(Groups, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>The offsets of one group.</summary>
    public readonly record struct Group(string GroupId, Topic[] Topics, ErrorCode ErrorCode) : IWireStruct<Group>
    {
        public static int MinSize => 5;

        public static Group Read(ref KafkaReader reader, short version)
        {
            var group = new Group(reader.ReadString(), reader.ReadArray<Topic>(version), (ErrorCode)reader.ReadInt16());
            reader.SkipTaggedFields();
            return group;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(GroupId);
            writer.WriteArray<Topic>(Topics, version);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Partitions of one topic: by name up to version 9, by id from version 10.</summary>
    public readonly record struct Topic(string? Name, Guid TopicId, Partition[] Partitions) : IWireStruct<Topic>
    {
        public static int MinSize => 3;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(
                Name: version < MinVersionById ? reader.ReadString() : null,
                TopicId: version >= MinVersionById ? reader.ReadUuid() : Guid.Empty,
                Partitions: reader.ReadArray<Partition>(version));
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            if (version >= MinVersionById)
            {
                writer.WriteUuid(TopicId);
            }
            else
            {
                writer.WriteString(Name!);
            }

            writer.WriteArray<Partition>(Partitions, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One partition's commit; an offset of -1 means that there is none.</summary>
    public readonly record struct Partition(
        int PartitionIndex,
        long CommittedOffset,
        int CommittedLeaderEpoch,
        string? Metadata,
        ErrorCode ErrorCode) : IWireStruct<Partition>
    {
        public static int MinSize => 20;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(
                PartitionIndex: reader.ReadInt32(),
                CommittedOffset: reader.ReadInt64(),
                CommittedLeaderEpoch: reader.ReadInt32(),
                Metadata: reader.ReadNullableString(),
                ErrorCode: (ErrorCode)reader.ReadInt16());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt64(CommittedOffset);
            writer.WriteInt32(CommittedLeaderEpoch);
            writer.WriteNullableString(Metadata);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteEmptyTaggedFields();
        }
    }
}
