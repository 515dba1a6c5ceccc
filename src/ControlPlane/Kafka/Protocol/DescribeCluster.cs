using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Whom an address of <see cref="DescribeClusterRequest"/> belongs to (KIP-919).</summary>
public enum EndpointType : sbyte
{
    Unknown = 0,
    Brokers = 1,
    Controllers = 2,
}

/// <summary>The registered brokers, or the controllers. Message definition: DescribeClusterRequest.json (KIP-700, KIP-919, KIP-1073).</summary>
public sealed record DescribeClusterRequest : IKafkaRequest<DescribeClusterResponse>, IWireMessage<DescribeClusterRequest>
{
    private const short MinVersionForControllers = 1;
    private const short MinVersionForFenced = 2;

    public static ApiDescriptor Descriptor { get; } = new(ApiKey.DescribeCluster, MinVersion: 0, MaxVersion: 2, FlexibleFrom: 0);

    public bool IncludeClusterAuthorizedOperations { get; init; }

    public EndpointType EndpointType { get; init; } = EndpointType.Brokers;

    /// <summary>Asks also for brokers that are registered but fenced, where the broker can (4.0); see <see cref="DescribeClusterResponse.Broker.IsFenced"/>.</summary>
    public bool IncludeFencedBrokers { get; init; }

    public ApiDescriptor Api =>
        EndpointType == EndpointType.Brokers ? Descriptor : Descriptor with { MinVersion = MinVersionForControllers };

    public static DescribeClusterRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new DescribeClusterRequest
        {
            IncludeClusterAuthorizedOperations = reader.ReadBool(),
            EndpointType = version >= MinVersionForControllers ? (EndpointType)reader.ReadInt8() : EndpointType.Brokers,
            IncludeFencedBrokers = version >= MinVersionForFenced && reader.ReadBool(),
        };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteBool(IncludeClusterAuthorizedOperations);
        if (version >= MinVersionForControllers)
        {
            writer.WriteInt8((sbyte)EndpointType);
        }

        if (version >= MinVersionForFenced)
        {
            writer.WriteBool(IncludeFencedBrokers);
        }

        writer.WriteEmptyTaggedFields();
    }

    public DescribeClusterResponse ReadResponse(ref KafkaReader reader, short version) => DescribeClusterResponse.Read(ref reader, version);
}

/// <summary>Message definition: DescribeClusterResponse.json. In KRaft the controller id is that of some live broker, not of the quorum's leader.</summary>
public sealed record DescribeClusterResponse(
    int ThrottleTimeMs,
    ErrorCode ErrorCode,
    string? ErrorMessage,
    EndpointType EndpointType,
    string ClusterId,
    int ControllerId,
    DescribeClusterResponse.Broker[] Brokers,
    int ClusterAuthorizedOperations) : IWireMessage<DescribeClusterResponse>, IThrottledResponse
{
    public static DescribeClusterResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = DescribeClusterRequest.Descriptor.IsFlexible(version);
        var response = new DescribeClusterResponse(
            ThrottleTimeMs: reader.ReadInt32(),
            ErrorCode: (ErrorCode)reader.ReadInt16(),
            ErrorMessage: reader.ReadNullableString(),
            EndpointType: version >= 1 ? (EndpointType)reader.ReadInt8() : EndpointType.Brokers,
            ClusterId: reader.ReadString(),
            ControllerId: reader.ReadInt32(),
            Brokers: reader.ReadArray<Broker>(version),
            ClusterAuthorizedOperations: reader.ReadInt32());
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = DescribeClusterRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteNullableString(ErrorMessage);
        if (version >= 1)
        {
            writer.WriteInt8((sbyte)EndpointType);
        }

        writer.WriteString(ClusterId);
        writer.WriteInt32(ControllerId);
        writer.WriteArray<Broker>(Brokers, version);
        writer.WriteInt32(ClusterAuthorizedOperations);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>A registered broker. Before version 2 fenced ones are left out and <paramref name="IsFenced"/> is null: not said.</summary>
    public readonly record struct Broker(int BrokerId, string Host, int Port, string? Rack, bool? IsFenced) : IWireStruct<Broker>
    {
        public static int MinSize => 11;

        public static Broker Read(ref KafkaReader reader, short version)
        {
            var broker = new Broker(
                BrokerId: reader.ReadInt32(),
                Host: reader.ReadString(),
                Port: reader.ReadInt32(),
                Rack: reader.ReadNullableString(),
                IsFenced: version >= 2 ? reader.ReadBool() : null);
            reader.SkipTaggedFields();
            return broker;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(BrokerId);
            writer.WriteString(Host);
            writer.WriteInt32(Port);
            writer.WriteNullableString(Rack);
            if (version >= 2)
            {
                writer.WriteBool(IsFenced ?? false);
            }

            writer.WriteEmptyTaggedFields();
        }
    }
}
