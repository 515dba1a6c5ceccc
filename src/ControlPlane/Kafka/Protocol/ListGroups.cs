using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// The groups that one broker coordinates; ask each. Message definition: ListGroupsRequest.json (KIP-518, KIP-848). Empty
/// filters let every state and type pass.
/// </summary>
public sealed record ListGroupsRequest(string[] StatesFilter, string[] TypesFilter) : IKafkaRequest<ListGroupsResponse>, IWireMessage<ListGroupsRequest>
{
    private const short MinVersionForTypes = 5;

    public static ApiDescriptor Descriptor { get; } = new(ApiKey.ListGroups, MinVersion: 4, MaxVersion: 5, FlexibleFrom: 3);

    public ApiDescriptor Api => TypesFilter.Length > 0 ? Descriptor with { MinVersion = MinVersionForTypes } : Descriptor;

    public static ListGroupsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new ListGroupsRequest(
            StatesFilter: reader.ReadStringArray(),
            TypesFilter: version >= MinVersionForTypes ? reader.ReadStringArray() : []);
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteStringArray(StatesFilter);
        if (version >= MinVersionForTypes)
        {
            writer.WriteStringArray(TypesFilter);
        }

        writer.WriteEmptyTaggedFields();
    }

    public ListGroupsResponse ReadResponse(ref KafkaReader reader, short version) => ListGroupsResponse.Read(ref reader, version);
}

/// <summary>Message definition: ListGroupsResponse.json. With an error the list is not whole: this broker hides groups until it has loaded them.</summary>
public sealed record ListGroupsResponse(int ThrottleTimeMs, ErrorCode ErrorCode, ListGroupsResponse.Group[] Groups) : IWireMessage<ListGroupsResponse>, IThrottledResponse
{
    public static ListGroupsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = ListGroupsRequest.Descriptor.IsFlexible(version);
        var response = new ListGroupsResponse(reader.ReadInt32(), (ErrorCode)reader.ReadInt16(), reader.ReadArray<Group>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = ListGroupsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteArray<Group>(Groups, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>One group. Its type (classic, consumer, share, streams) is null before version 5: not said.</summary>
    public readonly record struct Group(string GroupId, string ProtocolType, string GroupState, string? GroupType) : IWireStruct<Group>
    {
        public static int MinSize => 4;

        public static Group Read(ref KafkaReader reader, short version)
        {
            var group = new Group(
                GroupId: reader.ReadString(),
                ProtocolType: reader.ReadString(),
                GroupState: reader.ReadString(),
                GroupType: version >= 5 ? reader.ReadString() : null);
            reader.SkipTaggedFields();
            return group;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(GroupId);
            writer.WriteString(ProtocolType);
            writer.WriteString(GroupState);
            if (version >= 5)
            {
                writer.WriteString(GroupType ?? "");
            }

            writer.WriteEmptyTaggedFields();
        }
    }
}
