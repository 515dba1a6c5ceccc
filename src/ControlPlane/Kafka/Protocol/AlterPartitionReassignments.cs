using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// Sets or cancels where partitions shall lie. Message definition: AlterPartitionReassignmentsRequest.json (KIP-455,
/// KIP-860). KRaft applies the accepted changes of one request as a whole, and takes at most 10,000 records in it.
/// </summary>
public sealed record AlterPartitionReassignmentsRequest(AlterPartitionReassignmentsRequest.Topic[] Topics)
    : IKafkaRequest<AlterPartitionReassignmentsResponse>, IWireMessage<AlterPartitionReassignmentsRequest>
{
    private const short MinVersionForGuard = 1;

    public static ApiDescriptor Descriptor { get; } =
        new(ApiKey.AlterPartitionReassignments, MinVersion: 0, MaxVersion: 1, FlexibleFrom: 0);

    public int TimeoutMs { get; init; } = 60_000;

    /// <summary>False has the controller refuse what would change a replication factor. A broker without that guard (before 4.1) then is not asked at all.</summary>
    public bool AllowReplicationFactorChange { get; init; } = true;

    public ApiDescriptor Api =>
        AllowReplicationFactorChange ? Descriptor : Descriptor with { MinVersion = MinVersionForGuard };

    public static AlterPartitionReassignmentsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var timeoutMs = reader.ReadInt32();
        var allowReplicationFactorChange = version < MinVersionForGuard || reader.ReadBool();
        var request = new AlterPartitionReassignmentsRequest(reader.ReadArray<Topic>(version))
        {
            TimeoutMs = timeoutMs,
            AllowReplicationFactorChange = allowReplicationFactorChange,
        };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteInt32(TimeoutMs);
        if (version >= MinVersionForGuard)
        {
            writer.WriteBool(AllowReplicationFactorChange);
        }

        writer.WriteArray<Topic>(Topics, version);
        writer.WriteEmptyTaggedFields();
    }

    public AlterPartitionReassignmentsResponse ReadResponse(ref KafkaReader reader, short version) =>
        AlterPartitionReassignmentsResponse.Read(ref reader, version);

    /// <summary>Partitions of one topic.</summary>
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

    /// <summary>A partition with its wanted replicas, preferred leader first; null cancels what is under way.</summary>
    public readonly record struct Partition(int PartitionIndex, int[]? Replicas) : IWireStruct<Partition>
    {
        public static int MinSize => 6;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(reader.ReadInt32(), reader.ReadNullableInt32Array());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteNullableInt32Array(Replicas);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: AlterPartitionReassignmentsResponse.json. Success means accepted, not done.</summary>
public sealed record AlterPartitionReassignmentsResponse(
    int ThrottleTimeMs,
    bool AllowReplicationFactorChange,
    ErrorCode ErrorCode,
    string? ErrorMessage,
    AlterPartitionReassignmentsResponse.Topic[] Responses) : IWireMessage<AlterPartitionReassignmentsResponse>, IThrottledResponse
{
    public static AlterPartitionReassignmentsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = AlterPartitionReassignmentsRequest.Descriptor.IsFlexible(version);
        var response = new AlterPartitionReassignmentsResponse(
            ThrottleTimeMs: reader.ReadInt32(),
            AllowReplicationFactorChange: version < 1 || reader.ReadBool(),
            ErrorCode: (ErrorCode)reader.ReadInt16(),
            ErrorMessage: reader.ReadNullableString(),
            Responses: reader.ReadArray<Topic>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = AlterPartitionReassignmentsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        if (version >= 1)
        {
            writer.WriteBool(AllowReplicationFactorChange);
        }

        writer.WriteInt16((short)ErrorCode);
        writer.WriteNullableString(ErrorMessage);
        writer.WriteArray<Topic>(Responses, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>Partitions of one topic.</summary>
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

    /// <summary>Whether one partition's change was accepted.</summary>
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
