using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Has the controller forget a broker that is gone for good. Message definition: UnregisterBrokerRequest.json (KIP-631).</summary>
public sealed record UnregisterBrokerRequest(int BrokerId) : IKafkaRequest<UnregisterBrokerResponse>, IWireMessage<UnregisterBrokerRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.UnregisterBroker, MinVersion: 0, MaxVersion: 0, FlexibleFrom: 0);

    public ApiDescriptor Api => Descriptor;

    public static UnregisterBrokerRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new UnregisterBrokerRequest(reader.ReadInt32());
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteInt32(BrokerId);
        writer.WriteEmptyTaggedFields();
    }

    public UnregisterBrokerResponse ReadResponse(ref KafkaReader reader, short version) => UnregisterBrokerResponse.Read(ref reader, version);
}

/// <summary>Message definition: UnregisterBrokerResponse.json. BROKER_ID_NOT_REGISTERED says that it is already forgotten.</summary>
public sealed record UnregisterBrokerResponse(int ThrottleTimeMs, ErrorCode ErrorCode, string? ErrorMessage) : IWireMessage<UnregisterBrokerResponse>, IThrottledResponse
{
    public static UnregisterBrokerResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = UnregisterBrokerRequest.Descriptor.IsFlexible(version);
        var response = new UnregisterBrokerResponse(reader.ReadInt32(), (ErrorCode)reader.ReadInt16(), reader.ReadNullableString());
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = UnregisterBrokerRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteNullableString(ErrorMessage);
        writer.WriteEmptyTaggedFields();
    }
}
