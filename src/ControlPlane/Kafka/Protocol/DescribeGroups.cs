using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// Groups of the classic protocol, from their coordinator. Message definition: DescribeGroupsRequest.json (KIP-430, KIP-345,
/// KIP-1043). A group that is unknown or of another protocol is "Dead" in version 5 and GROUP_ID_NOT_FOUND in version 6.
/// </summary>
public sealed record DescribeGroupsRequest(string[] Groups, bool IncludeAuthorizedOperations = false)
    : IKafkaRequest<DescribeGroupsResponse>, IWireMessage<DescribeGroupsRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.DescribeGroups, MinVersion: 5, MaxVersion: 6, FlexibleFrom: 5);

    public ApiDescriptor Api => Descriptor;

    public static DescribeGroupsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new DescribeGroupsRequest(reader.ReadStringArray(), reader.ReadBool());
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteStringArray(Groups);
        writer.WriteBool(IncludeAuthorizedOperations);
        writer.WriteEmptyTaggedFields();
    }

    public DescribeGroupsResponse ReadResponse(ref KafkaReader reader, short version) => DescribeGroupsResponse.Read(ref reader, version);
}

/// <summary>Message definition: DescribeGroupsResponse.json.</summary>
public sealed record DescribeGroupsResponse(int ThrottleTimeMs, DescribeGroupsResponse.Group[] Groups) : IWireMessage<DescribeGroupsResponse>, IThrottledResponse
{
    public static DescribeGroupsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = DescribeGroupsRequest.Descriptor.IsFlexible(version);
        var response = new DescribeGroupsResponse(reader.ReadInt32(), reader.ReadArray<Group>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = DescribeGroupsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Group>(Groups, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>One group.</summary>
    public readonly record struct Group(
        ErrorCode ErrorCode,
        string? ErrorMessage,
        string GroupId,
        string GroupState,
        string ProtocolType,
        string ProtocolData,
        Member[] Members,
        int AuthorizedOperations) : IWireStruct<Group>
    {
        public static int MinSize => 12;

        public static Group Read(ref KafkaReader reader, short version)
        {
            var group = new Group(
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                ErrorMessage: version >= 6 ? reader.ReadNullableString() : null,
                GroupId: reader.ReadString(),
                GroupState: reader.ReadString(),
                ProtocolType: reader.ReadString(),
                ProtocolData: reader.ReadString(),
                Members: reader.ReadArray<Member>(version),
                AuthorizedOperations: reader.ReadInt32());
            reader.SkipTaggedFields();
            return group;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ErrorCode);
            if (version >= 6)
            {
                writer.WriteNullableString(ErrorMessage);
            }

            writer.WriteString(GroupId);
            writer.WriteString(GroupState);
            writer.WriteString(ProtocolType);
            writer.WriteString(ProtocolData);
            writer.WriteArray<Member>(Members, version);
            writer.WriteInt32(AuthorizedOperations);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One member. Metadata and assignment are the protocol's own bytes (see <see cref="ConsumerAssignment"/>), filled only while the group is stable.</summary>
    public readonly record struct Member(
        string MemberId,
        string? GroupInstanceId,
        string ClientId,
        string ClientHost,
        byte[] MemberMetadata,
        byte[] MemberAssignment) : IWireStruct<Member>
    {
        public static int MinSize => 7;

        public static Member Read(ref KafkaReader reader, short version)
        {
            var member = new Member(
                MemberId: reader.ReadString(),
                GroupInstanceId: reader.ReadNullableString(),
                ClientId: reader.ReadString(),
                ClientHost: reader.ReadString(),
                MemberMetadata: reader.ReadBytes(),
                MemberAssignment: reader.ReadBytes());
            reader.SkipTaggedFields();
            return member;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(MemberId);
            writer.WriteNullableString(GroupInstanceId);
            writer.WriteString(ClientId);
            writer.WriteString(ClientHost);
            writer.WriteBytes(MemberMetadata);
            writer.WriteBytes(MemberAssignment);
            writer.WriteEmptyTaggedFields();
        }
    }
}
