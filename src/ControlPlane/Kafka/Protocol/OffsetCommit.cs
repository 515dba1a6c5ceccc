using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// Sets committed offsets of one group, at its coordinator. Message definition: OffsetCommitRequest.json. Who is no member commits
/// with generation -1 and an empty member id, which brokers take for groups without members alone. Topics go by id from version 10 (KIP-848).
/// </summary>
public sealed record OffsetCommitRequest(string GroupId, OffsetCommitRequest.Topic[] Topics) : IKafkaRequest<OffsetCommitResponse>, IWireMessage<OffsetCommitRequest>
{
    /// <summary>From this version on topics go by id alone, in the request and in the answer.</summary>
    internal const short MinVersionById = 10;

    public static ApiDescriptor Descriptor { get; } = new(ApiKey.OffsetCommit, MinVersion: 8, MaxVersion: 10, FlexibleFrom: 8);

    /// <summary>Whether topics are named by id. Without it the broker is asked in a version that carries their names.</summary>
    public bool UseTopicIds { get; init; }

    public int GenerationIdOrMemberEpoch { get; init; } = -1;

    public string MemberId { get; init; } = "";

    public string? GroupInstanceId { get; init; }

    public ApiDescriptor Api => UseTopicIds
        ? Descriptor with { MinVersion = MinVersionById }
        : Descriptor with { MaxVersion = MinVersionById - 1 };

    public static OffsetCommitRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var (group, generation, member, instance) = (reader.ReadString(), reader.ReadInt32(), reader.ReadString(), reader.ReadNullableString());
        var request = new OffsetCommitRequest(group, reader.ReadArray<Topic>(version))
        {
            GenerationIdOrMemberEpoch = generation,
            MemberId = member,
            GroupInstanceId = instance,
            UseTopicIds = version >= MinVersionById,
        };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteString(GroupId);
        writer.WriteInt32(GenerationIdOrMemberEpoch);
        writer.WriteString(MemberId);
        writer.WriteNullableString(GroupInstanceId);
        writer.WriteArray<Topic>(Topics, version);
        writer.WriteEmptyTaggedFields();
    }

    public OffsetCommitResponse ReadResponse(ref KafkaReader reader, short version) => OffsetCommitResponse.Read(ref reader, version);

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

    /// <summary>The next offset to read of one partition.</summary>
    public readonly record struct Partition(int PartitionIndex, long CommittedOffset, int CommittedLeaderEpoch, string? CommittedMetadata) : IWireStruct<Partition>
    {
        public static int MinSize => 18;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt32(), reader.ReadNullableString());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt64(CommittedOffset);
            writer.WriteInt32(CommittedLeaderEpoch);
            writer.WriteNullableString(CommittedMetadata);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: OffsetCommitResponse.json.</summary>
public sealed record OffsetCommitResponse(int ThrottleTimeMs, OffsetCommitResponse.Topic[] Topics) : IWireMessage<OffsetCommitResponse>, IThrottledResponse
{
    public static OffsetCommitResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = OffsetCommitRequest.Descriptor.IsFlexible(version);
        var response = new OffsetCommitResponse(reader.ReadInt32(), reader.ReadArray<Topic>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = OffsetCommitRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Topic>(Topics, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>Partitions of one topic: by name up to version 9, by id from version 10.</summary>
    public readonly record struct Topic(string? Name, Guid TopicId, Partition[] Partitions) : IWireStruct<Topic>
    {
        public static int MinSize => 3;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(
                Name: version < OffsetCommitRequest.MinVersionById ? reader.ReadString() : null,
                TopicId: version >= OffsetCommitRequest.MinVersionById ? reader.ReadUuid() : Guid.Empty,
                Partitions: reader.ReadArray<Partition>(version));
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            if (version >= OffsetCommitRequest.MinVersionById)
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

    /// <summary>Whether the coordinator stored one commit.</summary>
    public readonly record struct Partition(int PartitionIndex, ErrorCode ErrorCode) : IWireStruct<Partition>
    {
        public static int MinSize => 7;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(reader.ReadInt32(), (ErrorCode)reader.ReadInt16());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteEmptyTaggedFields();
        }
    }
}
