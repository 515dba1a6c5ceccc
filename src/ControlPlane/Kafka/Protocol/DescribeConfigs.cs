using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Where the value of a config comes from (KIP-226, KIP-412, KIP-714, KIP-848).</summary>
public enum ConfigSource : sbyte
{
    Unknown = 0,
    TopicConfig = 1,
    DynamicBrokerConfig = 2,
    DynamicDefaultBrokerConfig = 3,
    StaticBrokerConfig = 4,
    DefaultConfig = 5,
    DynamicBrokerLoggerConfig = 6,
    ClientMetricsConfig = 7,
    GroupConfig = 8,
}

/// <summary>The type of a config's value (KIP-569).</summary>
public enum ConfigType : sbyte
{
    Unknown = 0,
    Boolean = 1,
    String = 2,
    Int = 3,
    Short = 4,
    Long = 5,
    Double = 6,
    List = 7,
    Class = 8,
    Password = 9,
}

/// <summary>Configs in effect. Message definition: DescribeConfigsRequest.json (KIP-133, KIP-226, KIP-569).</summary>
public sealed record DescribeConfigsRequest(DescribeConfigsRequest.Resource[] Resources)
    : IKafkaRequest<DescribeConfigsResponse>, IWireMessage<DescribeConfigsRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.DescribeConfigs, MinVersion: 4, MaxVersion: 4, FlexibleFrom: 4);

    /// <summary>Asks also for the values that the one in effect overrides.</summary>
    public bool IncludeSynonyms { get; init; }

    public bool IncludeDocumentation { get; init; }

    public ApiDescriptor Api => Descriptor;

    public static DescribeConfigsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new DescribeConfigsRequest(reader.ReadArray<Resource>(version))
        {
            IncludeSynonyms = reader.ReadBool(),
            IncludeDocumentation = reader.ReadBool(),
        };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteArray<Resource>(Resources, version);
        writer.WriteBool(IncludeSynonyms);
        writer.WriteBool(IncludeDocumentation);
        writer.WriteEmptyTaggedFields();
    }

    public DescribeConfigsResponse ReadResponse(ref KafkaReader reader, short version) => DescribeConfigsResponse.Read(ref reader, version);

    /// <summary>A resource with the keys asked for, or null for all.</summary>
    public readonly record struct Resource(ConfigResourceType ResourceType, string ResourceName, string[]? ConfigurationKeys = null)
        : IWireStruct<Resource>
    {
        public static int MinSize => 4;

        public static Resource Read(ref KafkaReader reader, short version)
        {
            var resource = new Resource((ConfigResourceType)reader.ReadInt8(), reader.ReadString(), reader.ReadNullableStringArray());
            reader.SkipTaggedFields();
            return resource;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt8((sbyte)ResourceType);
            writer.WriteString(ResourceName);
            writer.WriteNullableStringArray(ConfigurationKeys);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: DescribeConfigsResponse.json.</summary>
public sealed record DescribeConfigsResponse(int ThrottleTimeMs, DescribeConfigsResponse.Result[] Results) : IWireMessage<DescribeConfigsResponse>, IThrottledResponse
{
    public static DescribeConfigsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = DescribeConfigsRequest.Descriptor.IsFlexible(version);
        var response = new DescribeConfigsResponse(reader.ReadInt32(), reader.ReadArray<Result>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = DescribeConfigsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Result>(Results, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>The configs of one resource.</summary>
    public readonly record struct Result(
        ErrorCode ErrorCode,
        string? ErrorMessage,
        ConfigResourceType ResourceType,
        string ResourceName,
        Config[] Configs) : IWireStruct<Result>
    {
        public static int MinSize => 7;

        public static Result Read(ref KafkaReader reader, short version)
        {
            var result = new Result(
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                ErrorMessage: reader.ReadNullableString(),
                ResourceType: (ConfigResourceType)reader.ReadInt8(),
                ResourceName: reader.ReadString(),
                Configs: reader.ReadArray<Config>(version));
            reader.SkipTaggedFields();
            return result;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(ErrorMessage);
            writer.WriteInt8((sbyte)ResourceType);
            writer.WriteString(ResourceName);
            writer.WriteArray<Config>(Configs, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One config. A sensitive one has a null value: the broker never shows it.</summary>
    public readonly record struct Config(
        string Name,
        string? Value,
        bool ReadOnly,
        ConfigSource ConfigSource,
        bool IsSensitive,
        Synonym[] Synonyms,
        ConfigType ConfigType,
        string? Documentation) : IWireStruct<Config>
    {
        public static int MinSize => 9;

        public static Config Read(ref KafkaReader reader, short version)
        {
            var config = new Config(
                Name: reader.ReadString(),
                Value: reader.ReadNullableString(),
                ReadOnly: reader.ReadBool(),
                ConfigSource: (ConfigSource)reader.ReadInt8(),
                IsSensitive: reader.ReadBool(),
                Synonyms: reader.ReadArray<Synonym>(version),
                ConfigType: (ConfigType)reader.ReadInt8(),
                Documentation: reader.ReadNullableString());
            reader.SkipTaggedFields();
            return config;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteNullableString(Value);
            writer.WriteBool(ReadOnly);
            writer.WriteInt8((sbyte)ConfigSource);
            writer.WriteBool(IsSensitive);
            writer.WriteArray<Synonym>(Synonyms, version);
            writer.WriteInt8((sbyte)ConfigType);
            writer.WriteNullableString(Documentation);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>A value that would hold under another source; the first of the list is the one in effect.</summary>
    public readonly record struct Synonym(string Name, string? Value, ConfigSource Source) : IWireStruct<Synonym>
    {
        public static int MinSize => 4;

        public static Synonym Read(ref KafkaReader reader, short version)
        {
            var synonym = new Synonym(reader.ReadString(), reader.ReadNullableString(), (ConfigSource)reader.ReadInt8());
            reader.SkipTaggedFields();
            return synonym;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteNullableString(Value);
            writer.WriteInt8((sbyte)Source);
            writer.WriteEmptyTaggedFields();
        }
    }
}
