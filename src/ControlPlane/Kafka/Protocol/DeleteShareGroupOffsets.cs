using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Forgets how far a share group without members has come on whole topics, at its coordinator. Message definition: DeleteShareGroupOffsetsRequest.json (KIP-932).</summary>
public sealed record DeleteShareGroupOffsetsRequest(string GroupId, DeleteShareGroupOffsetsRequest.Topic[] Topics)
    : IKafkaRequest<DeleteShareGroupOffsetsResponse>, IWireMessage<DeleteShareGroupOffsetsRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.DeleteShareGroupOffsets, MinVersion: 0, MaxVersion: 0, FlexibleFrom: 0);

    public ApiDescriptor Api => Descriptor;

    public static DeleteShareGroupOffsetsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new DeleteShareGroupOffsetsRequest(reader.ReadString(), reader.ReadArray<Topic>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteString(GroupId);
        writer.WriteArray<Topic>(Topics, version);
        writer.WriteEmptyTaggedFields();
    }

    public DeleteShareGroupOffsetsResponse ReadResponse(ref KafkaReader reader, short version) => DeleteShareGroupOffsetsResponse.Read(ref reader, version);

    /// <summary>A topic; the definition wraps its name.</summary>
    public readonly record struct Topic(string TopicName) : IWireStruct<Topic>
    {
        public static int MinSize => 2;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(reader.ReadString());
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(TopicName);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: DeleteShareGroupOffsetsResponse.json. A refusal of the whole has no topics.</summary>
public sealed record DeleteShareGroupOffsetsResponse(int ThrottleTimeMs, ErrorCode ErrorCode, string? ErrorMessage, DeleteShareGroupOffsetsResponse.Topic[] Responses)
    : IWireMessage<DeleteShareGroupOffsetsResponse>, IThrottledResponse
{
    public static DeleteShareGroupOffsetsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = DeleteShareGroupOffsetsRequest.Descriptor.IsFlexible(version);
        var response = new DeleteShareGroupOffsetsResponse(reader.ReadInt32(), (ErrorCode)reader.ReadInt16(), reader.ReadNullableString(), reader.ReadArray<Topic>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = DeleteShareGroupOffsetsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteNullableString(ErrorMessage);
        writer.WriteArray<Topic>(Responses, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>Whether one topic was forgotten.</summary>
    public readonly record struct Topic(string TopicName, Guid TopicId, ErrorCode ErrorCode, string? ErrorMessage) : IWireStruct<Topic>
    {
        public static int MinSize => 21;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(reader.ReadString(), reader.ReadUuid(), (ErrorCode)reader.ReadInt16(), reader.ReadNullableString());
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(TopicName);
            writer.WriteUuid(TopicId);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(ErrorMessage);
            writer.WriteEmptyTaggedFields();
        }
    }
}
