using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Names the SASL mechanism that follows. Message definition: SaslHandshakeRequest.json (KIP-43, KIP-152); never flexible.</summary>
public sealed record SaslHandshakeRequest(string Mechanism) : IKafkaRequest<SaslHandshakeResponse>, IWireMessage<SaslHandshakeRequest>
{
    /// <summary>After version 0 the tokens would follow bare, outside of any request; nobody needs that since Kafka 1.0.</summary>
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.SaslHandshake, MinVersion: 1, MaxVersion: 1, FlexibleFrom: short.MaxValue);

    public ApiDescriptor Api => Descriptor;

    public static SaslHandshakeRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = false;
        var request = new SaslHandshakeRequest(reader.ReadString());
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = false;
        writer.WriteString(Mechanism);
    }

    public SaslHandshakeResponse ReadResponse(ref KafkaReader reader, short version) => SaslHandshakeResponse.Read(ref reader, version);
}

/// <summary>Message definition: SaslHandshakeResponse.json. The broker lists its mechanisms also when it refuses ours.</summary>
public sealed record SaslHandshakeResponse(ErrorCode ErrorCode, string[] Mechanisms) : IWireMessage<SaslHandshakeResponse>
{
    public static SaslHandshakeResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = false;
        var response = new SaslHandshakeResponse((ErrorCode)reader.ReadInt16(), reader.ReadStringArray());
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = false;
        writer.WriteInt16((short)ErrorCode);
        writer.WriteStringArray(Mechanisms);
    }
}
