using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Deletes groups without members, with all they committed, at their coordinator. Message definition: DeleteGroupsRequest.json (KIP-229).</summary>
public sealed record DeleteGroupsRequest(string[] GroupsNames) : IKafkaRequest<DeleteGroupsResponse>, IWireMessage<DeleteGroupsRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.DeleteGroups, MinVersion: 2, MaxVersion: 2, FlexibleFrom: 2);

    public ApiDescriptor Api => Descriptor;

    public static DeleteGroupsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new DeleteGroupsRequest(reader.ReadStringArray());
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteStringArray(GroupsNames);
        writer.WriteEmptyTaggedFields();
    }

    public DeleteGroupsResponse ReadResponse(ref KafkaReader reader, short version) => DeleteGroupsResponse.Read(ref reader, version);
}

/// <summary>Message definition: DeleteGroupsResponse.json.</summary>
public sealed record DeleteGroupsResponse(int ThrottleTimeMs, DeleteGroupsResponse.Result[] Results) : IWireMessage<DeleteGroupsResponse>, IThrottledResponse
{
    public static DeleteGroupsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = DeleteGroupsRequest.Descriptor.IsFlexible(version);
        var response = new DeleteGroupsResponse(reader.ReadInt32(), reader.ReadArray<Result>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = DeleteGroupsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Result>(Results, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>Whether one group is gone.</summary>
    public readonly record struct Result(string GroupId, ErrorCode ErrorCode) : IWireStruct<Result>
    {
        public static int MinSize => 4;

        public static Result Read(ref KafkaReader reader, short version)
        {
            var result = new Result(reader.ReadString(), (ErrorCode)reader.ReadInt16());
            reader.SkipTaggedFields();
            return result;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(GroupId);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteEmptyTaggedFields();
        }
    }
}
