using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// Which versions a broker serves; first on each connection. Message definition: ApiVersionsRequest.json (KIP-35, KIP-511,
/// KIP-584). The name and version of the software must begin and end with a letter or digit and hold only these, '.' and '-'.
/// </summary>
public sealed record ApiVersionsRequest(string ClientSoftwareName, string ClientSoftwareVersion)
    : IKafkaRequest<ApiVersionsResponse>, IWireMessage<ApiVersionsRequest>
{
    /// <summary>Version 0 is what a broker answers that does not know ours; 1 and 2 add nothing to it.</summary>
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.ApiVersions, MinVersion: 0, MaxVersion: 4, FlexibleFrom: 3);

    public ApiDescriptor Api => Descriptor;

    public static ApiVersionsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = version >= 3
            ? new ApiVersionsRequest(reader.ReadString(), reader.ReadString())
            : new ApiVersionsRequest("", "");
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        if (version >= 3)
        {
            writer.WriteString(ClientSoftwareName);
            writer.WriteString(ClientSoftwareVersion);
        }

        writer.WriteEmptyTaggedFields();
    }

    /// <summary>
    /// A broker that does not know the version asked for says so in the layout of version 0, whatever was asked. The answer
    /// then carries <see cref="ErrorCode.UnsupportedVersion"/>, with the broker's range for this API where it names one.
    /// </summary>
    public ApiVersionsResponse ReadResponse(ref KafkaReader reader, short version)
    {
        var body = reader; // a copy: looks ahead without moving the reader
        var refused = (ErrorCode)body.ReadInt16() == ErrorCode.UnsupportedVersion;
        return ApiVersionsResponse.Read(ref reader, refused ? (short)0 : version);
    }
}

/// <summary>Message definition: ApiVersionsResponse.json. Features are null before version 3, which does not tell them.</summary>
public sealed record ApiVersionsResponse(
    ErrorCode ErrorCode,
    ApiVersionsResponse.ApiVersion[] ApiKeys,
    int ThrottleTimeMs = 0,
    ApiVersionsResponse.SupportedFeature[]? SupportedFeatures = null,
    long FinalizedFeaturesEpoch = -1,
    ApiVersionsResponse.FinalizedFeature[]? FinalizedFeatures = null,
    bool ZkMigrationReady = false) : IWireMessage<ApiVersionsResponse>, IThrottledResponse
{
    public static ApiVersionsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = ApiVersionsRequest.Descriptor.IsFlexible(version);
        var response = new ApiVersionsResponse(
            ErrorCode: (ErrorCode)reader.ReadInt16(),
            ApiKeys: reader.ReadArray<ApiVersion>(version),
            ThrottleTimeMs: version >= 1 ? reader.ReadInt32() : 0,
            SupportedFeatures: version >= 3 ? [] : null,
            FinalizedFeatures: version >= 3 ? [] : null);
        response = response.WithTaggedFields(ref reader, version);
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = ApiVersionsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteArray<ApiVersion>(ApiKeys, version);
        if (version >= 1)
        {
            writer.WriteInt32(ThrottleTimeMs);
        }

        if (writer.Flexible)
        {
            WriteTaggedFields(writer, version);
        }
    }

    private ApiVersionsResponse WithTaggedFields(ref KafkaReader reader, short version)
    {
        var response = this;
        var tags = reader.BeginTaggedFields();
        while (reader.NextTaggedField(ref tags, out var tag, out var field))
        {
            switch (tag)
            {
                case 0:
                    response = response with { SupportedFeatures = field.ReadArray<SupportedFeature>(version) };
                    break;
                case 1:
                    response = response with { FinalizedFeaturesEpoch = field.ReadInt64() };
                    break;
                case 2:
                    response = response with { FinalizedFeatures = field.ReadArray<FinalizedFeature>(version) };
                    break;
                case 3:
                    response = response with { ZkMigrationReady = field.ReadBool() };
                    break;
                default:
                    continue; // of a newer broker
            }

            field.ExpectEnd();
        }

        return response;
    }

    /// <summary>Fields that hold their default are left out, as Kafka does.</summary>
    private void WriteTaggedFields(KafkaWriter writer, short version)
    {
        var supported = SupportedFeatures is { Length: > 0 };
        var epoch = FinalizedFeaturesEpoch != -1;
        var finalized = FinalizedFeatures is { Length: > 0 };
        writer.WriteUnsignedVarint((supported ? 1u : 0) + (epoch ? 1u : 0) + (finalized ? 1u : 0) + (ZkMigrationReady ? 1u : 0));
        if (supported)
        {
            writer.WriteTaggedField(0, field => field.WriteArray<SupportedFeature>(SupportedFeatures, version));
        }

        if (epoch)
        {
            writer.WriteTaggedField(1, field => field.WriteInt64(FinalizedFeaturesEpoch));
        }

        if (finalized)
        {
            writer.WriteTaggedField(2, field => field.WriteArray<FinalizedFeature>(FinalizedFeatures, version));
        }

        if (ZkMigrationReady)
        {
            writer.WriteTaggedField(3, field => field.WriteBool(true));
        }
    }

    /// <summary>The versions of one API that the broker serves on this listener. The key can be one that we don't know.</summary>
    public readonly record struct ApiVersion(ApiKey ApiKey, short MinVersion, short MaxVersion) : IWireStruct<ApiVersion>
    {
        public static int MinSize => 6;

        public static ApiVersion Read(ref KafkaReader reader, short version)
        {
            var range = new ApiVersion((ApiKey)reader.ReadInt16(), reader.ReadInt16(), reader.ReadInt16());
            reader.SkipTaggedFields();
            return range;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ApiKey);
            writer.WriteInt16(MinVersion);
            writer.WriteInt16(MaxVersion);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>A feature (metadata.version, group.version and so on) with the levels this broker's software can run.</summary>
    public readonly record struct SupportedFeature(string Name, short MinVersion, short MaxVersion) : IWireStruct<SupportedFeature>
    {
        public static int MinSize => 6;

        public static SupportedFeature Read(ref KafkaReader reader, short version)
        {
            var feature = new SupportedFeature(reader.ReadString(), reader.ReadInt16(), reader.ReadInt16());
            reader.SkipTaggedFields();
            return feature;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteInt16(MinVersion);
            writer.WriteInt16(MaxVersion);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>The level of a feature that the cluster has agreed on. On the wire the maximum comes first, unlike in <see cref="SupportedFeature"/>.</summary>
    public readonly record struct FinalizedFeature(string Name, short MaxVersionLevel, short MinVersionLevel) : IWireStruct<FinalizedFeature>
    {
        public static int MinSize => 6;

        public static FinalizedFeature Read(ref KafkaReader reader, short version)
        {
            var feature = new FinalizedFeature(reader.ReadString(), reader.ReadInt16(), reader.ReadInt16());
            reader.SkipTaggedFields();
            return feature;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteInt16(MaxVersionLevel);
            writer.WriteInt16(MinVersionLevel);
            writer.WriteEmptyTaggedFields();
        }
    }
}
