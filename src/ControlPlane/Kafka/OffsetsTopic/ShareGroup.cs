using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.OffsetsTopic;

/// <summary>The epoch of a share group (KIP-932; ShareGroupMetadataValue.json). Its progress is not in this topic.</summary>
public sealed record ShareGroupMetadataValue(int Epoch, long MetadataHash)
{
    internal static ShareGroupMetadataValue Read(ref KafkaReader reader, short version)
    {
        var value = new ShareGroupMetadataValue(reader.ReadInt32(), reader.ReadInt64());
        reader.SkipTaggedFields();
        return value;
    }
}

/// <summary>A member of a share group (ShareGroupMemberMetadataValue.json).</summary>
public sealed record ShareGroupMemberMetadataValue(string? RackId, string ClientId, string ClientHost, string[] SubscribedTopicNames)
{
    internal static ShareGroupMemberMetadataValue Read(ref KafkaReader reader, short version)
    {
        var value = new ShareGroupMemberMetadataValue(reader.ReadNullableString(), reader.ReadString(), reader.ReadString(), reader.ReadStringArray());
        reader.SkipTaggedFields();
        return value;
    }
}

/// <summary>What a member of a share group has now (ShareGroupCurrentMemberAssignmentValue.json).</summary>
public sealed record ShareGroupCurrentMemberAssignmentValue(int MemberEpoch, int PreviousMemberEpoch, sbyte State, TopicIdPartitions[] AssignedPartitions)
{
    internal static ShareGroupCurrentMemberAssignmentValue Read(ref KafkaReader reader, short version)
    {
        var value = new ShareGroupCurrentMemberAssignmentValue(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt8(), TopicIdPartitions.ReadAll(ref reader, version));
        reader.SkipTaggedFields();
        return value;
    }
}

/// <summary>Which partitions a share group keeps its progress of, by topic id and name (ShareGroupStatePartitionMetadataValue.json).</summary>
public sealed record ShareGroupStatePartitionMetadataValue(
    ShareGroupStatePartitionMetadataValue.TopicPartitionsInfo[] InitializingTopics,
    ShareGroupStatePartitionMetadataValue.TopicPartitionsInfo[] InitializedTopics,
    ShareGroupStatePartitionMetadataValue.TopicInfo[] DeletingTopics)
{
    private const int MinSizeOfPartitions = 19;
    private const int MinSizeOfTopic = 18;

    internal static ShareGroupStatePartitionMetadataValue Read(ref KafkaReader reader, short version)
    {
        var value = new ShareGroupStatePartitionMetadataValue(
            Elements.Read(ref reader, MinSizeOfPartitions, version, TopicPartitionsInfo.Read),
            Elements.Read(ref reader, MinSizeOfPartitions, version, TopicPartitionsInfo.Read),
            Elements.Read(ref reader, MinSizeOfTopic, version, TopicInfo.Read));
        reader.SkipTaggedFields();
        return value;
    }

    /// <summary>A topic with some of its partitions.</summary>
    public readonly record struct TopicPartitionsInfo(Guid TopicId, string TopicName, int[] Partitions)
    {
        internal static TopicPartitionsInfo Read(ref KafkaReader reader, short version)
        {
            var topic = new TopicPartitionsInfo(reader.ReadUuid(), reader.ReadString(), reader.ReadInt32Array());
            reader.SkipTaggedFields();
            return topic;
        }
    }

    /// <summary>A topic.</summary>
    public readonly record struct TopicInfo(Guid TopicId, string TopicName)
    {
        internal static TopicInfo Read(ref KafkaReader reader, short version)
        {
            var topic = new TopicInfo(reader.ReadUuid(), reader.ReadString());
            reader.SkipTaggedFields();
            return topic;
        }
    }
}
