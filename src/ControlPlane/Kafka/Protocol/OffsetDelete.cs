using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// Deletes committed offsets of one group, at its coordinator. Message definition: OffsetDeleteRequest.json (KIP-496). Refused,
/// topic by topic, where a live member subscribes to the topic.
/// </summary>
public sealed record OffsetDeleteRequest(string GroupId, OffsetDeleteRequest.Topic[] Topics) : IKafkaRequest<OffsetDeleteResponse>, IWireMessage<OffsetDeleteRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.OffsetDelete, MinVersion: 0, MaxVersion: 0, FlexibleFrom: short.MaxValue);

    public ApiDescriptor Api => Descriptor;

    public static OffsetDeleteRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new OffsetDeleteRequest(reader.ReadString(), reader.ReadArray<Topic>(version));
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteString(GroupId);
        writer.WriteArray<Topic>(Topics, version);
    }

    public OffsetDeleteResponse ReadResponse(ref KafkaReader reader, short version) => OffsetDeleteResponse.Read(ref reader, version);

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct Topic(string Name, Partition[] Partitions) : IWireStruct<Topic>
    {
        public static int MinSize => 6;

        public static Topic Read(ref KafkaReader reader, short version) => new(reader.ReadString(), reader.ReadArray<Partition>(version));

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteArray<Partition>(Partitions, version);
        }
    }

    /// <summary>One partition; the definition wraps its number.</summary>
    public readonly record struct Partition(int PartitionIndex) : IWireStruct<Partition>
    {
        public static int MinSize => 4;

        public static Partition Read(ref KafkaReader reader, short version) => new(reader.ReadInt32());

        public void Write(KafkaWriter writer, short version) => writer.WriteInt32(PartitionIndex);
    }
}

/// <summary>Message definition: OffsetDeleteResponse.json.</summary>
public sealed record OffsetDeleteResponse(ErrorCode ErrorCode, int ThrottleTimeMs, OffsetDeleteResponse.Topic[] Topics)
    : IWireMessage<OffsetDeleteResponse>, IThrottledResponse
{
    public static OffsetDeleteResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = OffsetDeleteRequest.Descriptor.IsFlexible(version);
        var response = new OffsetDeleteResponse((ErrorCode)reader.ReadInt16(), reader.ReadInt32(), reader.ReadArray<Topic>(version));
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = OffsetDeleteRequest.Descriptor.IsFlexible(version);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Topic>(Topics, version);
    }

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct Topic(string Name, Partition[] Partitions) : IWireStruct<Topic>
    {
        public static int MinSize => 6;

        public static Topic Read(ref KafkaReader reader, short version) => new(reader.ReadString(), reader.ReadArray<Partition>(version));

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteArray<Partition>(Partitions, version);
        }
    }

    /// <summary>Whether the offset of one partition is gone.</summary>
    public readonly record struct Partition(int PartitionIndex, ErrorCode ErrorCode) : IWireStruct<Partition>
    {
        public static int MinSize => 6;

        public static Partition Read(ref KafkaReader reader, short version) => new(reader.ReadInt32(), (ErrorCode)reader.ReadInt16());

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt16((short)ErrorCode);
        }
    }
}
