using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Sets or removes quotas of clients. Message definition: AlterClientQuotasRequest.json (KIP-546).</summary>
public sealed record AlterClientQuotasRequest(AlterClientQuotasRequest.Entry[] Entries)
    : IKafkaRequest<AlterClientQuotasResponse>, IWireMessage<AlterClientQuotasRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.AlterClientQuotas, MinVersion: 0, MaxVersion: 1, FlexibleFrom: 1);

    public bool ValidateOnly { get; init; }

    public ApiDescriptor Api => Descriptor;

    public static AlterClientQuotasRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new AlterClientQuotasRequest(reader.ReadArray<Entry>(version)) { ValidateOnly = reader.ReadBool() };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteArray<Entry>(Entries, version);
        writer.WriteBool(ValidateOnly);
        writer.WriteEmptyTaggedFields();
    }

    public AlterClientQuotasResponse ReadResponse(ref KafkaReader reader, short version) => AlterClientQuotasResponse.Read(ref reader, version);

    /// <summary>The changes to one entity.</summary>
    public readonly record struct Entry(QuotaEntity[] Entity, Operation[] Ops) : IWireStruct<Entry>
    {
        public static int MinSize => 3;

        public static Entry Read(ref KafkaReader reader, short version)
        {
            var entry = new Entry(reader.ReadArray<QuotaEntity>(version), reader.ReadArray<Operation>(version));
            reader.SkipTaggedFields();
            return entry;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteArray<QuotaEntity>(Entity, version);
            writer.WriteArray<Operation>(Ops, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One quota to set, or to remove whatever its value.</summary>
    public readonly record struct Operation(string Key, double Value, bool Remove) : IWireStruct<Operation>
    {
        public static int MinSize => 11;

        public static Operation Read(ref KafkaReader reader, short version)
        {
            var operation = new Operation(reader.ReadString(), reader.ReadFloat64(), reader.ReadBool());
            reader.SkipTaggedFields();
            return operation;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Key);
            writer.WriteFloat64(Value);
            writer.WriteBool(Remove);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: AlterClientQuotasResponse.json. There is no error for the request as a whole.</summary>
public sealed record AlterClientQuotasResponse(int ThrottleTimeMs, AlterClientQuotasResponse.Entry[] Entries)
    : IWireMessage<AlterClientQuotasResponse>, IThrottledResponse
{
    public static AlterClientQuotasResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = AlterClientQuotasRequest.Descriptor.IsFlexible(version);
        var response = new AlterClientQuotasResponse(reader.ReadInt32(), reader.ReadArray<Entry>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = AlterClientQuotasRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Entry>(Entries, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>Whether one entity was changed.</summary>
    public readonly record struct Entry(ErrorCode ErrorCode, string? ErrorMessage, QuotaEntity[] Entity) : IWireStruct<Entry>
    {
        public static int MinSize => 5;

        public static Entry Read(ref KafkaReader reader, short version)
        {
            var entry = new Entry((ErrorCode)reader.ReadInt16(), reader.ReadNullableString(), reader.ReadArray<QuotaEntity>(version));
            reader.SkipTaggedFields();
            return entry;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(ErrorMessage);
            writer.WriteArray<QuotaEntity>(Entity, version);
            writer.WriteEmptyTaggedFields();
        }
    }
}
