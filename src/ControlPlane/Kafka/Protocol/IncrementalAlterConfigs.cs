using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>How a config changes (KIP-339).</summary>
public enum ConfigOperation : sbyte
{
    Set = 0,

    /// <summary>Back to the value of the next lower source.</summary>
    Delete = 1,

    /// <summary>Adds to a value that is a list.</summary>
    Append = 2,

    /// <summary>Takes from a value that is a list.</summary>
    Subtract = 3,
}

/// <summary>
/// Changes some configs and leaves the others. Message definition: IncrementalAlterConfigsRequest.json (KIP-339). A resource
/// may appear once in a request, a key once in a resource; all keys of a resource change or none.
/// </summary>
public sealed record IncrementalAlterConfigsRequest(IncrementalAlterConfigsRequest.Resource[] Resources)
    : IKafkaRequest<IncrementalAlterConfigsResponse>, IWireMessage<IncrementalAlterConfigsRequest>
{
    public static ApiDescriptor Descriptor { get; } =
        new(ApiKey.IncrementalAlterConfigs, MinVersion: 1, MaxVersion: 1, FlexibleFrom: 1);

    public bool ValidateOnly { get; init; }

    public ApiDescriptor Api => Descriptor;

    public static IncrementalAlterConfigsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new IncrementalAlterConfigsRequest(reader.ReadArray<Resource>(version)) { ValidateOnly = reader.ReadBool() };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteArray<Resource>(Resources, version);
        writer.WriteBool(ValidateOnly);
        writer.WriteEmptyTaggedFields();
    }

    public IncrementalAlterConfigsResponse ReadResponse(ref KafkaReader reader, short version) =>
        IncrementalAlterConfigsResponse.Read(ref reader, version);

    /// <summary>The changes to one resource.</summary>
    public readonly record struct Resource(ConfigResourceType ResourceType, string ResourceName, Change[] Configs) : IWireStruct<Resource>
    {
        public static int MinSize => 4;

        public static Resource Read(ref KafkaReader reader, short version)
        {
            var resource = new Resource((ConfigResourceType)reader.ReadInt8(), reader.ReadString(), reader.ReadArray<Change>(version));
            reader.SkipTaggedFields();
            return resource;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt8((sbyte)ResourceType);
            writer.WriteString(ResourceName);
            writer.WriteArray<Change>(Configs, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>The change of one key; only <see cref="Protocol.ConfigOperation.Delete"/> has a null value.</summary>
    public readonly record struct Change(string Name, ConfigOperation ConfigOperation, string? Value) : IWireStruct<Change>
    {
        public static int MinSize => 4;

        public static Change Read(ref KafkaReader reader, short version)
        {
            var change = new Change(reader.ReadString(), (ConfigOperation)reader.ReadInt8(), reader.ReadNullableString());
            reader.SkipTaggedFields();
            return change;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteInt8((sbyte)ConfigOperation);
            writer.WriteNullableString(Value);
            writer.WriteEmptyTaggedFields();
        }

        /// <summary>Without the value: some configs are passwords.</summary>
        public override string ToString() => $"{ConfigOperation} {Name}";
    }
}

/// <summary>Message definition: IncrementalAlterConfigsResponse.json.</summary>
public sealed record IncrementalAlterConfigsResponse(int ThrottleTimeMs, IncrementalAlterConfigsResponse.Resource[] Responses)
    : IWireMessage<IncrementalAlterConfigsResponse>, IThrottledResponse
{
    public static IncrementalAlterConfigsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = IncrementalAlterConfigsRequest.Descriptor.IsFlexible(version);
        var response = new IncrementalAlterConfigsResponse(reader.ReadInt32(), reader.ReadArray<Resource>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = IncrementalAlterConfigsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Resource>(Responses, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>Whether one resource was changed.</summary>
    public readonly record struct Resource(ErrorCode ErrorCode, string? ErrorMessage, ConfigResourceType ResourceType, string ResourceName)
        : IWireStruct<Resource>
    {
        public static int MinSize => 6;

        public static Resource Read(ref KafkaReader reader, short version)
        {
            var resource = new Resource(
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                ErrorMessage: reader.ReadNullableString(),
                ResourceType: (ConfigResourceType)reader.ReadInt8(),
                ResourceName: reader.ReadString());
            reader.SkipTaggedFields();
            return resource;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(ErrorMessage);
            writer.WriteInt8((sbyte)ResourceType);
            writer.WriteString(ResourceName);
            writer.WriteEmptyTaggedFields();
        }
    }
}
