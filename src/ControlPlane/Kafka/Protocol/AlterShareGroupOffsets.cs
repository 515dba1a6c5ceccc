using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Sets from where on a share group without members reads, at its coordinator. Message definition: AlterShareGroupOffsetsRequest.json (KIP-932).</summary>
public sealed record AlterShareGroupOffsetsRequest(string GroupId, AlterShareGroupOffsetsRequest.Topic[] Topics)
    : IKafkaRequest<AlterShareGroupOffsetsResponse>, IWireMessage<AlterShareGroupOffsetsRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.AlterShareGroupOffsets, MinVersion: 0, MaxVersion: 0, FlexibleFrom: 0);

    public ApiDescriptor Api => Descriptor;

    public static AlterShareGroupOffsetsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new AlterShareGroupOffsetsRequest(reader.ReadString(), reader.ReadArray<Topic>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteString(GroupId);
        writer.WriteArray<Topic>(Topics, version);
        writer.WriteEmptyTaggedFields();
    }

    public AlterShareGroupOffsetsResponse ReadResponse(ref KafkaReader reader, short version) => AlterShareGroupOffsetsResponse.Read(ref reader, version);

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct Topic(string TopicName, Partition[] Partitions) : IWireStruct<Topic>
    {
        public static int MinSize => 3;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(reader.ReadString(), reader.ReadArray<Partition>(version));
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(TopicName);
            writer.WriteArray<Partition>(Partitions, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One partition and the first record that shall be given out again.</summary>
    public readonly record struct Partition(int PartitionIndex, long StartOffset) : IWireStruct<Partition>
    {
        public static int MinSize => 13;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(reader.ReadInt32(), reader.ReadInt64());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt64(StartOffset);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: AlterShareGroupOffsetsResponse.json. A refusal of the whole has no topics.</summary>
public sealed record AlterShareGroupOffsetsResponse(int ThrottleTimeMs, ErrorCode ErrorCode, string? ErrorMessage, AlterShareGroupOffsetsResponse.Topic[] Responses)
    : IWireMessage<AlterShareGroupOffsetsResponse>, IThrottledResponse
{
    public static AlterShareGroupOffsetsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = AlterShareGroupOffsetsRequest.Descriptor.IsFlexible(version);
        var response = new AlterShareGroupOffsetsResponse(reader.ReadInt32(), (ErrorCode)reader.ReadInt16(), reader.ReadNullableString(), reader.ReadArray<Topic>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = AlterShareGroupOffsetsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteNullableString(ErrorMessage);
        writer.WriteArray<Topic>(Responses, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct Topic(string TopicName, Guid TopicId, Partition[] Partitions) : IWireStruct<Topic>
    {
        public static int MinSize => 19;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(reader.ReadString(), reader.ReadUuid(), reader.ReadArray<Partition>(version));
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(TopicName);
            writer.WriteUuid(TopicId);
            writer.WriteArray<Partition>(Partitions, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Whether one partition was set.</summary>
    public readonly record struct Partition(int PartitionIndex, ErrorCode ErrorCode, string? ErrorMessage) : IWireStruct<Partition>
    {
        public static int MinSize => 8;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(reader.ReadInt32(), (ErrorCode)reader.ReadInt16(), reader.ReadNullableString());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(ErrorMessage);
            writer.WriteEmptyTaggedFields();
        }
    }
}
