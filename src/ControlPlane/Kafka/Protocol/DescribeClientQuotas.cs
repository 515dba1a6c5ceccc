using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>How a component of a quota filter compares names (KIP-546).</summary>
public enum QuotaMatch : sbyte
{
    /// <summary>The entity of exactly this name.</summary>
    Exact = 0,

    /// <summary>The default entity.</summary>
    Default = 1,

    /// <summary>Every named entity.</summary>
    AnyNamed = 2,
}

/// <summary>Part of what a quota applies to: a user, client-id or ip. A null name is the default of that type.</summary>
public readonly record struct QuotaEntity(string EntityType, string? EntityName) : IWireStruct<QuotaEntity>
{
    public static int MinSize => 3;

    public static QuotaEntity Read(ref KafkaReader reader, short version)
    {
        var entity = new QuotaEntity(reader.ReadString(), reader.ReadNullableString());
        reader.SkipTaggedFields();
        return entity;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.WriteString(EntityType);
        writer.WriteNullableString(EntityName);
        writer.WriteEmptyTaggedFields();
    }
}

/// <summary>Quotas of clients. Message definition: DescribeClientQuotasRequest.json (KIP-546). No components (an empty list) match every entity.</summary>
public sealed record DescribeClientQuotasRequest(DescribeClientQuotasRequest.Component[] Components)
    : IKafkaRequest<DescribeClientQuotasResponse>, IWireMessage<DescribeClientQuotasRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.DescribeClientQuotas, MinVersion: 0, MaxVersion: 1, FlexibleFrom: 1);

    /// <summary>Leaves out entities that have further types beside those asked for.</summary>
    public bool Strict { get; init; }

    public ApiDescriptor Api => Descriptor;

    public static DescribeClientQuotasRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new DescribeClientQuotasRequest(reader.ReadArray<Component>(version)) { Strict = reader.ReadBool() };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteArray<Component>(Components, version);
        writer.WriteBool(Strict);
        writer.WriteEmptyTaggedFields();
    }

    public DescribeClientQuotasResponse ReadResponse(ref KafkaReader reader, short version) => DescribeClientQuotasResponse.Read(ref reader, version);

    /// <summary>One condition: the type of entity, and the name for <see cref="QuotaMatch.Exact"/>.</summary>
    public readonly record struct Component(string EntityType, QuotaMatch MatchType, string? Match) : IWireStruct<Component>
    {
        public static int MinSize => 4;

        public static Component Read(ref KafkaReader reader, short version)
        {
            var component = new Component(reader.ReadString(), (QuotaMatch)reader.ReadInt8(), reader.ReadNullableString());
            reader.SkipTaggedFields();
            return component;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(EntityType);
            writer.WriteInt8((sbyte)MatchType);
            writer.WriteNullableString(Match);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: DescribeClientQuotasResponse.json. Entries are null where there is an error.</summary>
public sealed record DescribeClientQuotasResponse(
    int ThrottleTimeMs,
    ErrorCode ErrorCode,
    string? ErrorMessage,
    DescribeClientQuotasResponse.Entry[]? Entries) : IWireMessage<DescribeClientQuotasResponse>, IThrottledResponse
{
    public static DescribeClientQuotasResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = DescribeClientQuotasRequest.Descriptor.IsFlexible(version);
        var response = new DescribeClientQuotasResponse(
            ThrottleTimeMs: reader.ReadInt32(),
            ErrorCode: (ErrorCode)reader.ReadInt16(),
            ErrorMessage: reader.ReadNullableString(),
            Entries: reader.ReadNullableArray<Entry>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = DescribeClientQuotasRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteNullableString(ErrorMessage);
        writer.WriteNullableArray(Entries, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>The quotas of one entity.</summary>
    public readonly record struct Entry(QuotaEntity[] Entity, Quota[] Values) : IWireStruct<Entry>
    {
        public static int MinSize => 3;

        public static Entry Read(ref KafkaReader reader, short version)
        {
            var entry = new Entry(reader.ReadArray<QuotaEntity>(version), reader.ReadArray<Quota>(version));
            reader.SkipTaggedFields();
            return entry;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteArray<QuotaEntity>(Entity, version);
            writer.WriteArray<Quota>(Values, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One quota: bytes a second, percent of a thread or operations a second, as its key says.</summary>
    public readonly record struct Quota(string Key, double Value) : IWireStruct<Quota>
    {
        public static int MinSize => 10;

        public static Quota Read(ref KafkaReader reader, short version)
        {
            var quota = new Quota(reader.ReadString(), reader.ReadFloat64());
            reader.SkipTaggedFields();
            return quota;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Key);
            writer.WriteFloat64(Value);
            writer.WriteEmptyTaggedFields();
        }
    }
}
