using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Groups of the new consumer protocol, from their coordinator. Message definition: ConsumerGroupDescribeRequest.json (KIP-848, KIP-1099).</summary>
public sealed record ConsumerGroupDescribeRequest(string[] GroupIds, bool IncludeAuthorizedOperations = false)
    : IKafkaRequest<ConsumerGroupDescribeResponse>, IWireMessage<ConsumerGroupDescribeRequest>
{
    /// <summary>Absent from 3.3, where such groups do not exist: there is no older version to fall back to.</summary>
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.ConsumerGroupDescribe, MinVersion: 0, MaxVersion: 1, FlexibleFrom: 0);

    public ApiDescriptor Api => Descriptor;

    public static ConsumerGroupDescribeRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new ConsumerGroupDescribeRequest(reader.ReadStringArray(), reader.ReadBool());
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

    public ConsumerGroupDescribeResponse ReadResponse(ref KafkaReader reader, short version) =>
        ConsumerGroupDescribeResponse.Read(ref reader, version);
}

/// <summary>Message definition: ConsumerGroupDescribeResponse.json.</summary>
public sealed record ConsumerGroupDescribeResponse(int ThrottleTimeMs, ConsumerGroupDescribeResponse.Group[] Groups)
    : IWireMessage<ConsumerGroupDescribeResponse>, IThrottledResponse
{
    public static ConsumerGroupDescribeResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = ConsumerGroupDescribeRequest.Descriptor.IsFlexible(version);
        var response = new ConsumerGroupDescribeResponse(reader.ReadInt32(), reader.ReadArray<Group>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = ConsumerGroupDescribeRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Group>(Groups, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>One group. It has settled when the assignment epoch has reached the group epoch.</summary>
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

    /// <summary>
    /// One member, with what it owns and what it shall own. <paramref name="MemberType"/>: 0 speaks the classic protocol,
    /// 1 the new one, -1 is not known; null before version 1.
    /// </summary>
    public readonly record struct Member(
        string MemberId,
        string? InstanceId,
        string? RackId,
        int MemberEpoch,
        string ClientId,
        string ClientHost,
        string[] SubscribedTopicNames,
        string? SubscribedTopicRegex,
        Assignment Assignment,
        Assignment TargetAssignment,
        sbyte? MemberType) : IWireStruct<Member>
    {
        public static int MinSize => 16;

        public static Member Read(ref KafkaReader reader, short version)
        {
            var member = new Member(
                MemberId: reader.ReadString(),
                InstanceId: reader.ReadNullableString(),
                RackId: reader.ReadNullableString(),
                MemberEpoch: reader.ReadInt32(),
                ClientId: reader.ReadString(),
                ClientHost: reader.ReadString(),
                SubscribedTopicNames: reader.ReadStringArray(),
                SubscribedTopicRegex: reader.ReadNullableString(),
                Assignment: Assignment.Read(ref reader, version),
                TargetAssignment: Assignment.Read(ref reader, version),
                MemberType: version >= 1 ? reader.ReadInt8() : null);
            reader.SkipTaggedFields();
            return member;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(MemberId);
            writer.WriteNullableString(InstanceId);
            writer.WriteNullableString(RackId);
            writer.WriteInt32(MemberEpoch);
            writer.WriteString(ClientId);
            writer.WriteString(ClientHost);
            writer.WriteStringArray(SubscribedTopicNames);
            writer.WriteNullableString(SubscribedTopicRegex);
            Assignment.Write(writer, version);
            TargetAssignment.Write(writer, version);
            if (version >= 1)
            {
                writer.WriteInt8(MemberType ?? -1);
            }

            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>The partitions of a member.</summary>
    public readonly record struct Assignment(TopicPartitions[] TopicPartitions) : IWireStruct<Assignment>
    {
        public static int MinSize => 2;

        public static Assignment Read(ref KafkaReader reader, short version)
        {
            var assignment = new Assignment(reader.ReadArray<TopicPartitions>(version));
            reader.SkipTaggedFields();
            return assignment;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteArray<TopicPartitions>(TopicPartitions, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct TopicPartitions(Guid TopicId, string TopicName, int[] Partitions) : IWireStruct<TopicPartitions>
    {
        public static int MinSize => 19;

        public static TopicPartitions Read(ref KafkaReader reader, short version)
        {
            var topic = new TopicPartitions(reader.ReadUuid(), reader.ReadString(), reader.ReadInt32Array());
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteUuid(TopicId);
            writer.WriteString(TopicName);
            writer.WriteInt32Array(Partitions);
            writer.WriteEmptyTaggedFields();
        }
    }
}
