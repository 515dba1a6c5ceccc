using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// Brokers, topics and partitions as one broker knows them. Message definition: MetadataRequest.json (KIP-516 topic ids).
/// No topics given (null) asks for all of them; an empty list asks for none, only for the brokers.
/// </summary>
public sealed record MetadataRequest(MetadataRequest.Topic[]? Topics) : IKafkaRequest<MetadataResponse>, IWireMessage<MetadataRequest>
{
    /// <summary>Brokers look a topic up by its id from this version on; before, they refuse the request.</summary>
    private const short MinVersionById = 12;

    public static ApiDescriptor Descriptor { get; } = new(ApiKey.Metadata, MinVersion: 9, MaxVersion: 13, FlexibleFrom: 9);

    /// <summary>Kafka's own default is true; a control plane must not create topics by looking at them.</summary>
    public bool AllowAutoTopicCreation { get; init; }

    /// <summary>Only up to version 10; DescribeCluster answers it since.</summary>
    public bool IncludeClusterAuthorizedOperations { get; init; }

    public bool IncludeTopicAuthorizedOperations { get; init; }

    public ApiDescriptor Api =>
        Topics?.Any(topic => topic.TopicId != Guid.Empty) == true ? Descriptor with { MinVersion = MinVersionById } : Descriptor;

    public static MetadataRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new MetadataRequest(reader.ReadNullableArray<Topic>(version))
        {
            AllowAutoTopicCreation = reader.ReadBool(),
            IncludeClusterAuthorizedOperations = version <= 10 && reader.ReadBool(),
            IncludeTopicAuthorizedOperations = reader.ReadBool(),
        };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteNullableArray(Topics, version);
        writer.WriteBool(AllowAutoTopicCreation);
        if (version <= 10)
        {
            writer.WriteBool(IncludeClusterAuthorizedOperations);
        }

        writer.WriteBool(IncludeTopicAuthorizedOperations);
        writer.WriteEmptyTaggedFields();
    }

    public MetadataResponse ReadResponse(ref KafkaReader reader, short version) => MetadataResponse.Read(ref reader, version);

    /// <summary>A topic by its name, or by its id with a null name.</summary>
    public readonly record struct Topic(string? Name, Guid TopicId = default) : IWireStruct<Topic>
    {
        public static int MinSize => 2;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var id = version >= 10 ? reader.ReadUuid() : Guid.Empty;
            var name = version >= 10 ? reader.ReadNullableString() : reader.ReadString();
            reader.SkipTaggedFields();
            return new Topic(name, id);
        }

        public void Write(KafkaWriter writer, short version)
        {
            if (version >= 10)
            {
                writer.WriteUuid(TopicId);
                writer.WriteNullableString(Name);
            }
            else
            {
                writer.WriteString(Name!);
            }

            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: MetadataResponse.json. In KRaft the controller id is that of some live broker, not of the quorum's leader.</summary>
public sealed record MetadataResponse(
    int ThrottleTimeMs,
    MetadataResponse.Broker[] Brokers,
    string? ClusterId,
    int ControllerId,
    MetadataResponse.Topic[] Topics,
    int ClusterAuthorizedOperations,
    ErrorCode ErrorCode) : IWireMessage<MetadataResponse>, IThrottledResponse
{
    public static MetadataResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = MetadataRequest.Descriptor.IsFlexible(version);
        var response = new MetadataResponse(
            ThrottleTimeMs: reader.ReadInt32(),
            Brokers: reader.ReadArray<Broker>(version),
            ClusterId: reader.ReadNullableString(),
            ControllerId: reader.ReadInt32(),
            Topics: reader.ReadArray<Topic>(version),
            ClusterAuthorizedOperations: version <= 10 ? reader.ReadInt32() : AuthorizedOperations.Unknown,
            ErrorCode: version >= 13 ? (ErrorCode)reader.ReadInt16() : ErrorCode.None);
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = MetadataRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Broker>(Brokers, version);
        writer.WriteNullableString(ClusterId);
        writer.WriteInt32(ControllerId);
        writer.WriteArray<Topic>(Topics, version);
        if (version <= 10)
        {
            writer.WriteInt32(ClusterAuthorizedOperations);
        }

        if (version >= 13)
        {
            writer.WriteInt16((short)ErrorCode);
        }

        writer.WriteEmptyTaggedFields();
    }

    /// <summary>A broker that is alive and not fenced, with its address on the listener that was asked.</summary>
    public readonly record struct Broker(int NodeId, string Host, int Port, string? Rack) : IWireStruct<Broker>
    {
        public static int MinSize => 11;

        public static Broker Read(ref KafkaReader reader, short version)
        {
            var broker = new Broker(reader.ReadInt32(), reader.ReadString(), reader.ReadInt32(), reader.ReadNullableString());
            reader.SkipTaggedFields();
            return broker;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(NodeId);
            writer.WriteString(Host);
            writer.WriteInt32(Port);
            writer.WriteNullableString(Rack);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One topic. The name is null only where an id was asked for that does not exist.</summary>
    public readonly record struct Topic(
        ErrorCode ErrorCode,
        string? Name,
        Guid TopicId,
        bool IsInternal,
        Partition[] Partitions,
        int TopicAuthorizedOperations) : IWireStruct<Topic>
    {
        public static int MinSize => 10;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                Name: version >= 12 ? reader.ReadNullableString() : reader.ReadString(),
                TopicId: version >= 10 ? reader.ReadUuid() : Guid.Empty,
                IsInternal: reader.ReadBool(),
                Partitions: reader.ReadArray<Partition>(version),
                TopicAuthorizedOperations: reader.ReadInt32());
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ErrorCode);
            if (version >= 12)
            {
                writer.WriteNullableString(Name);
            }
            else
            {
                writer.WriteString(Name!);
            }

            if (version >= 10)
            {
                writer.WriteUuid(TopicId);
            }

            writer.WriteBool(IsInternal);
            writer.WriteArray<Partition>(Partitions, version);
            writer.WriteInt32(TopicAuthorizedOperations);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One partition. Its replica lists are slices of a backing shared by the whole answer: there can be 500,000 of them.</summary>
    public readonly record struct Partition(
        ErrorCode ErrorCode,
        int PartitionIndex,
        int LeaderId,
        int LeaderEpoch,
        ReadOnlyMemory<int> ReplicaNodes,
        ReadOnlyMemory<int> IsrNodes,
        ReadOnlyMemory<int> OfflineReplicas) : IWireStruct<Partition>
    {
        public static int MinSize => 18;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                PartitionIndex: reader.ReadInt32(),
                LeaderId: reader.ReadInt32(),
                LeaderEpoch: reader.ReadInt32(),
                ReplicaNodes: reader.ReadInt32Slice(),
                IsrNodes: reader.ReadInt32Slice(),
                OfflineReplicas: reader.ReadInt32Slice());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ErrorCode);
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt32(LeaderId);
            writer.WriteInt32(LeaderEpoch);
            writer.WriteInt32Array(ReplicaNodes.Span);
            writer.WriteInt32Array(IsrNodes.Span);
            writer.WriteInt32Array(OfflineReplicas.Span);
            writer.WriteEmptyTaggedFields();
        }
    }
}
