using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// What precedes each request's body. Message definition: RequestHeader.json, versions 1 and 2. The client id keeps its
/// 16-bit length in version 2, so that a broker can read it from a request of any version (KIP-482).
/// </summary>
public readonly record struct RequestHeader(ApiKey ApiKey, short ApiVersion, int CorrelationId, string? ClientId)
{
    /// <summary>Version 2 where the body is flexible, else version 1. Leaves the writer's mode as the body sets it.</summary>
    public void Write(KafkaWriter writer, bool flexible)
    {
        writer.WriteInt16((short)ApiKey);
        writer.WriteInt16(ApiVersion);
        writer.WriteInt32(CorrelationId);
        writer.Flexible = false;
        writer.WriteNullableString(ClientId);
        writer.Flexible = flexible;
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>Reads the header of an API that we know; of any other, the tagged fields remain unread.</summary>
    public static RequestHeader Read(ref KafkaReader reader)
    {
        var header = new RequestHeader(
            ApiKey: (ApiKey)reader.ReadInt16(),
            ApiVersion: reader.ReadInt16(),
            CorrelationId: reader.ReadInt32(),
            ClientId: ReadClientId(ref reader));
        if (KafkaApis.TryGet(header.ApiKey, out var api))
        {
            reader.Flexible = api.IsFlexible(header.ApiVersion);
            reader.SkipTaggedFields();
        }

        return header;
    }

    private static string? ReadClientId(ref KafkaReader reader)
    {
        reader.Flexible = false;
        return reader.ReadNullableString();
    }
}

/// <summary>What precedes each answer's body. Message definition: ResponseHeader.json, versions 0 and 1.</summary>
public readonly record struct ResponseHeader(int CorrelationId)
{
    /// <summary><paramref name="flexible"/> is <see cref="ApiDescriptor.HasFlexibleResponseHeader"/>.</summary>
    public void Write(KafkaWriter writer, bool flexible)
    {
        writer.WriteInt32(CorrelationId);
        writer.Flexible = flexible;
        writer.WriteEmptyTaggedFields();
    }

    /// <summary><paramref name="flexible"/> is <see cref="ApiDescriptor.HasFlexibleResponseHeader"/>.</summary>
    public static ResponseHeader Read(ref KafkaReader reader, bool flexible)
    {
        var header = new ResponseHeader(reader.ReadInt32());
        reader.Flexible = flexible;
        reader.SkipTaggedFields();
        return header;
    }
}
