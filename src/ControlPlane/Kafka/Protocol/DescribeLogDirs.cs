using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// What lies in one broker's log dirs. Message definition: DescribeLogDirsRequest.json (KIP-113, KIP-784, KIP-827, KIP-1066).
/// No topics given (null) asks for every replica; an empty list asks only for the dirs and their volumes, which is cheap.
/// </summary>
public sealed record DescribeLogDirsRequest(DescribeLogDirsRequest.TopicPartitions[]? Topics)
    : IKafkaRequest<DescribeLogDirsResponse>, IWireMessage<DescribeLogDirsRequest>
{
    /// <summary>From version 4, which 3.3 serves: older ones report missing rights as an empty answer, and know no volume sizes.</summary>
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.DescribeLogDirs, MinVersion: 4, MaxVersion: 5, FlexibleFrom: 2);

    public ApiDescriptor Api => Descriptor;

    public static DescribeLogDirsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new DescribeLogDirsRequest(reader.ReadNullableArray<TopicPartitions>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteNullableArray(Topics, version);
        writer.WriteEmptyTaggedFields();
    }

    public DescribeLogDirsResponse ReadResponse(ref KafkaReader reader, short version) => DescribeLogDirsResponse.Read(ref reader, version);

    /// <summary>Partitions of one topic to look for.</summary>
    public readonly record struct TopicPartitions(string Topic, int[] Partitions) : IWireStruct<TopicPartitions>
    {
        public static int MinSize => 3;

        public static TopicPartitions Read(ref KafkaReader reader, short version)
        {
            var topic = new TopicPartitions(reader.ReadString(), reader.ReadInt32Array());
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Topic);
            writer.WriteInt32Array(Partitions);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: DescribeLogDirsResponse.json.</summary>
public sealed record DescribeLogDirsResponse(int ThrottleTimeMs, ErrorCode ErrorCode, DescribeLogDirsResponse.Result[] Results)
    : IWireMessage<DescribeLogDirsResponse>, IThrottledResponse
{
    public static DescribeLogDirsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = DescribeLogDirsRequest.Descriptor.IsFlexible(version);
        var response = new DescribeLogDirsResponse(
            ThrottleTimeMs: reader.ReadInt32(),
            ErrorCode: (ErrorCode)reader.ReadInt16(),
            Results: reader.ReadArray<Result>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = DescribeLogDirsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteArray<Result>(Results, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>
    /// One log dir. The byte counts are those of the volume it lies on (two dirs on one volume both report all of it), or -1
    /// where the broker can't tell; <paramref name="IsCordoned"/> is null before version 5.
    /// </summary>
    public readonly record struct Result(
        ErrorCode ErrorCode,
        string LogDir,
        Topic[] Topics,
        long TotalBytes,
        long UsableBytes,
        bool? IsCordoned) : IWireStruct<Result>
    {
        public static int MinSize => 21;

        public static Result Read(ref KafkaReader reader, short version)
        {
            var result = new Result(
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                LogDir: reader.ReadString(),
                Topics: reader.ReadArray<Topic>(version),
                TotalBytes: reader.ReadInt64(),
                UsableBytes: reader.ReadInt64(),
                IsCordoned: version >= 5 ? reader.ReadBool() : null);
            reader.SkipTaggedFields();
            return result;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ErrorCode);
            writer.WriteString(LogDir);
            writer.WriteArray<Topic>(Topics, version);
            writer.WriteInt64(TotalBytes);
            writer.WriteInt64(UsableBytes);
            if (version >= 5)
            {
                writer.WriteBool(IsCordoned ?? false);
            }

            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>The replicas of one topic in a log dir.</summary>
    public readonly record struct Topic(string Name, Partition[] Partitions) : IWireStruct<Topic>
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
            writer.WriteString(Name);
            writer.WriteArray<Partition>(Partitions, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>
    /// One replica: bytes of its local segments, and how many messages it lags: a current log behind the high watermark (not
    /// behind the leader), a future log behind the current one; -1 where there is no current log.
    /// </summary>
    public readonly record struct Partition(int PartitionIndex, long PartitionSize, long OffsetLag, bool IsFutureKey) : IWireStruct<Partition>
    {
        public static int MinSize => 22;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadBool());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt64(PartitionSize);
            writer.WriteInt64(OffsetLag);
            writer.WriteBool(IsFutureKey);
            writer.WriteEmptyTaggedFields();
        }
    }
}
