using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Which replica may become leader (KIP-460).</summary>
public enum ElectionType : sbyte
{
    /// <summary>The first replica of the list, if it is in the ISR.</summary>
    Preferred = 0,

    /// <summary>Any replica where no one of the ISR lives: committed records can be lost.</summary>
    Unclean = 1,
}

/// <summary>Has the controller elect leaders. Message definition: ElectLeadersRequest.json (KIP-183, KIP-460). No partitions given (null) means all.</summary>
public sealed record ElectLeadersRequest(ElectionType ElectionType, ElectLeadersRequest.TopicPartition[]? TopicPartitions)
    : IKafkaRequest<ElectLeadersResponse>, IWireMessage<ElectLeadersRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.ElectLeaders, MinVersion: 2, MaxVersion: 2, FlexibleFrom: 2);

    public int TimeoutMs { get; init; } = 60_000;

    public ApiDescriptor Api => Descriptor;

    public static ElectLeadersRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new ElectLeadersRequest((ElectionType)reader.ReadInt8(), reader.ReadNullableArray<TopicPartition>(version))
        {
            TimeoutMs = reader.ReadInt32(),
        };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteInt8((sbyte)ElectionType);
        writer.WriteNullableArray(TopicPartitions, version);
        writer.WriteInt32(TimeoutMs);
        writer.WriteEmptyTaggedFields();
    }

    public ElectLeadersResponse ReadResponse(ref KafkaReader reader, short version) => ElectLeadersResponse.Read(ref reader, version);

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct TopicPartition(string Topic, int[] Partitions) : IWireStruct<TopicPartition>
    {
        public static int MinSize => 3;

        public static TopicPartition Read(ref KafkaReader reader, short version)
        {
            var topic = new TopicPartition(reader.ReadString(), reader.ReadInt32Array());
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

/// <summary>Message definition: ElectLeadersResponse.json. Asked for all, it leaves out those that needed no election.</summary>
public sealed record ElectLeadersResponse(
    int ThrottleTimeMs,
    ErrorCode ErrorCode,
    ElectLeadersResponse.ElectionResult[] ReplicaElectionResults) : IWireMessage<ElectLeadersResponse>, IThrottledResponse
{
    public static ElectLeadersResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = ElectLeadersRequest.Descriptor.IsFlexible(version);
        var response = new ElectLeadersResponse(
            ThrottleTimeMs: reader.ReadInt32(),
            ErrorCode: (ErrorCode)reader.ReadInt16(),
            ReplicaElectionResults: reader.ReadArray<ElectionResult>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = ElectLeadersRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteArray<ElectionResult>(ReplicaElectionResults, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>Elections of one topic.</summary>
    public readonly record struct ElectionResult(string Topic, Partition[] PartitionResult) : IWireStruct<ElectionResult>
    {
        public static int MinSize => 3;

        public static ElectionResult Read(ref KafkaReader reader, short version)
        {
            var result = new ElectionResult(reader.ReadString(), reader.ReadArray<Partition>(version));
            reader.SkipTaggedFields();
            return result;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Topic);
            writer.WriteArray<Partition>(PartitionResult, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Whether one partition got its leader. ELECTION_NOT_NEEDED says that it already had it.</summary>
    public readonly record struct Partition(int PartitionId, ErrorCode ErrorCode, string? ErrorMessage) : IWireStruct<Partition>
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
            writer.WriteInt32(PartitionId);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(ErrorMessage);
            writer.WriteEmptyTaggedFields();
        }
    }
}
