using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Share groups, from their coordinator. Message definition: ShareGroupDescribeRequest.json (KIP-932).</summary>
public sealed record ShareGroupDescribeRequest(string[] GroupIds, bool IncludeAuthorizedOperations = false)
    : IKafkaRequest<ShareGroupDescribeResponse>, IWireMessage<ShareGroupDescribeRequest>
{
    /// <summary>Version 0 was of the early access in 4.0 only.</summary>
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.ShareGroupDescribe, MinVersion: 1, MaxVersion: 1, FlexibleFrom: 0);

    public ApiDescriptor Api => Descriptor;

    public static ShareGroupDescribeRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new ShareGroupDescribeRequest(reader.ReadStringArray(), reader.ReadBool());
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteStringArray(GroupIds);
        writer.WriteBool(IncludeAuthorizedOperations);
        writer.WriteEmptyTaggedFields();
    }

    public ShareGroupDescribeResponse ReadResponse(ref KafkaReader reader, short version) => ShareGroupDescribeResponse.Read(ref reader, version);
}

/// <summary>Message definition: ShareGroupDescribeResponse.json.</summary>
public sealed record ShareGroupDescribeResponse(int ThrottleTimeMs, ShareGroupDescribeResponse.Group[] Groups)
    : IWireMessage<ShareGroupDescribeResponse>, IThrottledResponse
{
    public static ShareGroupDescribeResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = ShareGroupDescribeRequest.Descriptor.IsFlexible(version);
        var response = new ShareGroupDescribeResponse(reader.ReadInt32(), reader.ReadArray<Group>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = ShareGroupDescribeRequest.Descriptor.IsFlexible(version);
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
        int GroupEpoch,
        int AssignmentEpoch,
        string AssignorName,
        Member[] Members,
        int AuthorizedOperations) : IWireStruct<Group>
    {
        public static int MinSize => 20;

        public static Group Read(ref KafkaReader reader, short version)
        {
            var group = new Group(
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                ErrorMessage: reader.ReadNullableString(),
                GroupId: reader.ReadString(),
                GroupState: reader.ReadString(),
                GroupEpoch: reader.ReadInt32(),
                AssignmentEpoch: reader.ReadInt32(),
                AssignorName: reader.ReadString(),
                Members: reader.ReadArray<Member>(version),
                AuthorizedOperations: reader.ReadInt32());
            reader.SkipTaggedFields();
            return group;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(ErrorMessage);
            writer.WriteString(GroupId);
            writer.WriteString(GroupState);
            writer.WriteInt32(GroupEpoch);
            writer.WriteInt32(AssignmentEpoch);
            writer.WriteString(AssignorName);
            writer.WriteArray<Member>(Members, version);
            writer.WriteInt32(AuthorizedOperations);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One member. Several members can have the same partition: they share its records.</summary>
    public readonly record struct Member(
        string MemberId,
        string? RackId,
        int MemberEpoch,
        string ClientId,
        string ClientHost,
        string[] SubscribedTopicNames,
        ConsumerGroupDescribeResponse.Assignment Assignment) : IWireStruct<Member>
    {
        public static int MinSize => 12;

        public static Member Read(ref KafkaReader reader, short version)
        {
            var member = new Member(
                MemberId: reader.ReadString(),
                RackId: reader.ReadNullableString(),
                MemberEpoch: reader.ReadInt32(),
                ClientId: reader.ReadString(),
                ClientHost: reader.ReadString(),
                SubscribedTopicNames: reader.ReadStringArray(),
                Assignment: ConsumerGroupDescribeResponse.Assignment.Read(ref reader, version));
            reader.SkipTaggedFields();
            return member;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(MemberId);
            writer.WriteNullableString(RackId);
            writer.WriteInt32(MemberEpoch);
            writer.WriteString(ClientId);
            writer.WriteString(ClientHost);
            writer.WriteStringArray(SubscribedTopicNames);
            Assignment.Write(writer, version);
            writer.WriteEmptyTaggedFields();
        }
    }
}
