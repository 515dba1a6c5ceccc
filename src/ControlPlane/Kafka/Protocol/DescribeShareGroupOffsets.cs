using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Where the records that share groups still work on begin, from their coordinator. Message definition: DescribeShareGroupOffsetsRequest.json (KIP-932, KIP-1226).</summary>
public sealed record DescribeShareGroupOffsetsRequest(DescribeShareGroupOffsetsRequest.Group[] Groups)
    : IKafkaRequest<DescribeShareGroupOffsetsResponse>, IWireMessage<DescribeShareGroupOffsetsRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.DescribeShareGroupOffsets, MinVersion: 0, MaxVersion: 1, FlexibleFrom: 0);

    public ApiDescriptor Api => Descriptor;

    public static DescribeShareGroupOffsetsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new DescribeShareGroupOffsetsRequest(reader.ReadArray<Group>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteArray<Group>(Groups, version);
        writer.WriteEmptyTaggedFields();
    }

    public DescribeShareGroupOffsetsResponse ReadResponse(ref KafkaReader reader, short version) => DescribeShareGroupOffsetsResponse.Read(ref reader, version);

    /// <summary>One group; no topics: all of them.</summary>
    public readonly record struct Group(string GroupId, Topic[]? Topics) : IWireStruct<Group>
    {
        public static int MinSize => 3;

        public static Group Read(ref KafkaReader reader, short version)
        {
            var group = new Group(reader.ReadString(), reader.ReadNullableArray<Topic>(version));
            reader.SkipTaggedFields();
            return group;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(GroupId);
            writer.WriteNullableArray<Topic>(Topics, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct Topic(string TopicName, int[] Partitions) : IWireStruct<Topic>
    {
        public static int MinSize => 3;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(reader.ReadString(), reader.ReadInt32Array());
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(TopicName);
            writer.WriteInt32Array(Partitions);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: DescribeShareGroupOffsetsResponse.json.</summary>
public sealed record DescribeShareGroupOffsetsResponse(int ThrottleTimeMs, DescribeShareGroupOffsetsResponse.Group[] Groups)
    : IWireMessage<DescribeShareGroupOffsetsResponse>, IThrottledResponse
{
    private const short MinVersionOfLag = 1;

    public static DescribeShareGroupOffsetsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = DescribeShareGroupOffsetsRequest.Descriptor.IsFlexible(version);
        var response = new DescribeShareGroupOffsetsResponse(reader.ReadInt32(), reader.ReadArray<Group>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = DescribeShareGroupOffsetsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Group>(Groups, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>One group.</summary>
    public readonly record struct Group(string GroupId, Topic[] Topics, ErrorCode ErrorCode, string? ErrorMessage) : IWireStruct<Group>
    {
        public static int MinSize => 6;

        public static Group Read(ref KafkaReader reader, short version)
        {
            var group = new Group(reader.ReadString(), reader.ReadArray<Topic>(version), (ErrorCode)reader.ReadInt16(), reader.ReadNullableString());
            reader.SkipTaggedFields();
            return group;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(GroupId);
            writer.WriteArray<Topic>(Topics, version);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(ErrorMessage);
            writer.WriteEmptyTaggedFields();
        }
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

    /// <summary>One partition. The offset is -1 where the group has not begun; the lag is -1 where it is not known, as before version 1.</summary>
    public readonly record struct Partition(int PartitionIndex, long StartOffset, int LeaderEpoch, long Lag, ErrorCode ErrorCode, string? ErrorMessage) : IWireStruct<Partition>
    {
        public static int MinSize => 20;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(
                PartitionIndex: reader.ReadInt32(),
                StartOffset: reader.ReadInt64(),
                LeaderEpoch: reader.ReadInt32(),
                Lag: version >= MinVersionOfLag ? reader.ReadInt64() : -1,
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                ErrorMessage: reader.ReadNullableString());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt64(StartOffset);
            writer.WriteInt32(LeaderEpoch);
            if (version >= MinVersionOfLag)
            {
                writer.WriteInt64(Lag);
            }

            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(ErrorMessage);
            writer.WriteEmptyTaggedFields();
        }
    }
}
