using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>One token of the SASL exchange. Message definition: SaslAuthenticateRequest.json (KIP-152).</summary>
public sealed record SaslAuthenticateRequest(byte[] AuthBytes)
    : IKafkaRequest<SaslAuthenticateResponse>, IWireMessage<SaslAuthenticateRequest>
{
    /// <summary>Version 0 hides the session's lifetime, which the broker enforces all the same (KIP-368).</summary>
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.SaslAuthenticate, MinVersion: 1, MaxVersion: 2, FlexibleFrom: 2);

    public ApiDescriptor Api => Descriptor;

    public static SaslAuthenticateRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new SaslAuthenticateRequest(reader.ReadBytes());
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteBytes(AuthBytes);
        writer.WriteEmptyTaggedFields();
    }

    public SaslAuthenticateResponse ReadResponse(ref KafkaReader reader, short version) => SaslAuthenticateResponse.Read(ref reader, version);

    /// <summary>Never the token itself: it is, or proves, the password.</summary>
    public override string ToString() => $"{nameof(SaslAuthenticateRequest)} {{ AuthBytes = {AuthBytes.Length} bytes }}";
}

/// <summary>Message definition: SaslAuthenticateResponse.json. A session lifetime of 0 means that the session does not expire.</summary>
public sealed record SaslAuthenticateResponse(ErrorCode ErrorCode, string? ErrorMessage, byte[] AuthBytes, long SessionLifetimeMs)
    : IWireMessage<SaslAuthenticateResponse>
{
    public static SaslAuthenticateResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = SaslAuthenticateRequest.Descriptor.IsFlexible(version);
        var response = new SaslAuthenticateResponse(
            ErrorCode: (ErrorCode)reader.ReadInt16(),
            ErrorMessage: reader.ReadNullableString(),
            AuthBytes: reader.ReadBytes(),
            SessionLifetimeMs: reader.ReadInt64());
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = SaslAuthenticateRequest.Descriptor.IsFlexible(version);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteNullableString(ErrorMessage);
        writer.WriteBytes(AuthBytes);
        writer.WriteInt64(SessionLifetimeMs);
        writer.WriteEmptyTaggedFields();
    }
}
