using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// Partitions with their eligible leader replicas, page by page, sorted by topic. Message definition:
/// DescribeTopicPartitionsRequest.json (KIP-966). No topics (an empty list) asks for all.
/// </summary>
public sealed record DescribeTopicPartitionsRequest(DescribeTopicPartitionsRequest.Topic[] Topics)
    : IKafkaRequest<DescribeTopicPartitionsResponse>, IWireMessage<DescribeTopicPartitionsRequest>
{
    /// <summary>Brokers serve it from 3.8; there is no older version to fall back to.</summary>
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.DescribeTopicPartitions, MinVersion: 0, MaxVersion: 0, FlexibleFrom: 0);

    /// <summary>The broker caps it at its own max.request.partition.size.limit.</summary>
    public int ResponsePartitionLimit { get; init; } = 2000;

    /// <summary>Where the page begins: what the previous answer named as next. Null is the first page.</summary>
    public TopicPartitionCursor? Cursor { get; init; }

    public ApiDescriptor Api => Descriptor;

    public static DescribeTopicPartitionsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new DescribeTopicPartitionsRequest(reader.ReadArray<Topic>(version))
        {
            ResponsePartitionLimit = reader.ReadInt32(),
            Cursor = reader.ReadNullableStruct<TopicPartitionCursor>(version),
        };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteArray<Topic>(Topics, version);
        writer.WriteInt32(ResponsePartitionLimit);
        writer.WriteNullableStruct(Cursor, version);
        writer.WriteEmptyTaggedFields();
    }

    public DescribeTopicPartitionsResponse ReadResponse(ref KafkaReader reader, short version) =>
        DescribeTopicPartitionsResponse.Read(ref reader, version);

    /// <summary>A topic asked for.</summary>
    public readonly record struct Topic(string Name) : IWireStruct<Topic>
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
            writer.WriteString(Name);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>A place between two pages: the first partition of the next one.</summary>
public readonly record struct TopicPartitionCursor(string TopicName, int PartitionIndex) : IWireStruct<TopicPartitionCursor>
{
    public static int MinSize => 6;

    public static TopicPartitionCursor Read(ref KafkaReader reader, short version)
    {
        var cursor = new TopicPartitionCursor(reader.ReadString(), reader.ReadInt32());
        reader.SkipTaggedFields();
        return cursor;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.WriteString(TopicName);
        writer.WriteInt32(PartitionIndex);
        writer.WriteEmptyTaggedFields();
    }
}

/// <summary>Message definition: DescribeTopicPartitionsResponse.json. The pages of one walk are not one snapshot.</summary>
public sealed record DescribeTopicPartitionsResponse(
    int ThrottleTimeMs,
    DescribeTopicPartitionsResponse.Topic[] Topics,
    TopicPartitionCursor? NextCursor) : IWireMessage<DescribeTopicPartitionsResponse>, IThrottledResponse
{
    public static DescribeTopicPartitionsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = DescribeTopicPartitionsRequest.Descriptor.IsFlexible(version);
        var response = new DescribeTopicPartitionsResponse(
            ThrottleTimeMs: reader.ReadInt32(),
            Topics: reader.ReadArray<Topic>(version),
            NextCursor: reader.ReadNullableStruct<TopicPartitionCursor>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = DescribeTopicPartitionsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Topic>(Topics, version);
        writer.WriteNullableStruct(NextCursor, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>One topic, with those of its partitions that fit onto this page.</summary>
    public readonly record struct Topic(
        ErrorCode ErrorCode,
        string? Name,
        Guid TopicId,
        bool IsInternal,
        Partition[] Partitions,
        int TopicAuthorizedOperations) : IWireStruct<Topic>
    {
        public static int MinSize => 26;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                Name: reader.ReadNullableString(),
                TopicId: reader.ReadUuid(),
                IsInternal: reader.ReadBool(),
                Partitions: reader.ReadArray<Partition>(version),
                TopicAuthorizedOperations: reader.ReadInt32());
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ErrorCode);
            writer.WriteNullableString(Name);
            writer.WriteUuid(TopicId);
            writer.WriteBool(IsInternal);
            writer.WriteArray<Partition>(Partitions, version);
            writer.WriteInt32(TopicAuthorizedOperations);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>
    /// One partition. <paramref name="EligibleLeaderReplicas"/> left the ISR but hold all that was committed, so that one of
    /// them may lead without loss; null where the cluster does not keep them.
    /// </summary>
    public readonly record struct Partition(
        ErrorCode ErrorCode,
        int PartitionIndex,
        int LeaderId,
        int LeaderEpoch,
        ReadOnlyMemory<int> ReplicaNodes,
        ReadOnlyMemory<int> IsrNodes,
        ReadOnlyMemory<int>? EligibleLeaderReplicas,
        ReadOnlyMemory<int>? LastKnownElr,
        ReadOnlyMemory<int> OfflineReplicas) : IWireStruct<Partition>
    {
        public static int MinSize => 20;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                PartitionIndex: reader.ReadInt32(),
                LeaderId: reader.ReadInt32(),
                LeaderEpoch: reader.ReadInt32(),
                ReplicaNodes: reader.ReadInt32Slice(),
                IsrNodes: reader.ReadInt32Slice(),
                EligibleLeaderReplicas: reader.ReadNullableInt32Slice(),
                LastKnownElr: reader.ReadNullableInt32Slice(),
                OfflineReplicas: reader.ReadInt32Slice());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt16((short)ErrorCode);
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt32(LeaderId);
            writer.WriteInt32(LeaderEpoch);
            writer.WriteInt32Array(ReplicaNodes.Span);
            writer.WriteInt32Array(IsrNodes.Span);
            writer.WriteNullableInt32Slice(EligibleLeaderReplicas);
            writer.WriteNullableInt32Slice(LastKnownElr);
            writer.WriteInt32Array(OfflineReplicas.Span);
            writer.WriteEmptyTaggedFields();
        }
    }
}
