using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>What a coordinator is sought for (KIP-98, KIP-932).</summary>
public enum CoordinatorKeyType : sbyte
{
    Group = 0,
    Transaction = 1,
    Share = 2,
}

/// <summary>
/// The brokers that coordinate groups or transactions. Message definition: FindCoordinatorRequest.json (KIP-699). On a
/// cluster that has no __consumer_offsets yet, asking for a group makes the broker create it.
/// </summary>
public sealed record FindCoordinatorRequest(CoordinatorKeyType KeyType, string[] CoordinatorKeys)
    : IKafkaRequest<FindCoordinatorResponse>, IWireMessage<FindCoordinatorRequest>
{
    private const short MinVersionForShare = 6;

    public static ApiDescriptor Descriptor { get; } = new(ApiKey.FindCoordinator, MinVersion: 4, MaxVersion: 6, FlexibleFrom: 3);

    public ApiDescriptor Api =>
        KeyType == CoordinatorKeyType.Share ? Descriptor with { MinVersion = MinVersionForShare } : Descriptor;

    public static FindCoordinatorRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new FindCoordinatorRequest((CoordinatorKeyType)reader.ReadInt8(), reader.ReadStringArray());
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteInt8((sbyte)KeyType);
        writer.WriteStringArray(CoordinatorKeys);
        writer.WriteEmptyTaggedFields();
    }

    public FindCoordinatorResponse ReadResponse(ref KafkaReader reader, short version) => FindCoordinatorResponse.Read(ref reader, version);
}

/// <summary>Message definition: FindCoordinatorResponse.json.</summary>
public sealed record FindCoordinatorResponse(int ThrottleTimeMs, FindCoordinatorResponse.Coordinator[] Coordinators)
    : IWireMessage<FindCoordinatorResponse>, IThrottledResponse
{
    public static FindCoordinatorResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = FindCoordinatorRequest.Descriptor.IsFlexible(version);
        var response = new FindCoordinatorResponse(reader.ReadInt32(), reader.ReadArray<Coordinator>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = FindCoordinatorRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Coordinator>(Coordinators, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>The coordinator of one key; node -1 with an empty host where there is an error.</summary>
    public readonly record struct Coordinator(string Key, int NodeId, string Host, int Port, ErrorCode ErrorCode, string? ErrorMessage)
        : IWireStruct<Coordinator>
    {
        public static int MinSize => 14;

        public static Coordinator Read(ref KafkaReader reader, short version)
        {
            var coordinator = new Coordinator(
                Key: reader.ReadString(),
                NodeId: reader.ReadInt32(),
                Host: reader.ReadString(),
                Port: reader.ReadInt32(),
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                ErrorMessage: reader.ReadNullableString());
            reader.SkipTaggedFields();
            return coordinator;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Key);
            writer.WriteInt32(NodeId);
            writer.WriteString(Host);
            writer.WriteInt32(Port);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(ErrorMessage);
            writer.WriteEmptyTaggedFields();
        }
    }
}
