using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.OffsetsTopic;

/// <summary>The epoch of a consumer group (KIP-848; ConsumerGroupMetadataValue.json).</summary>
public sealed record ConsumerGroupMetadataValue(int Epoch)
{
    public long MetadataHash { get; init; }

    internal static ConsumerGroupMetadataValue Read(ref KafkaReader reader, short version)
    {
        var value = new ConsumerGroupMetadataValue(reader.ReadInt32());
        var tags = reader.BeginTaggedFields();
        while (reader.NextTaggedField(ref tags, out var tag, out var field))
        {
            value = tag == 0 ? value with { MetadataHash = field.ReadInt64() } : value;
        }

        return value;
    }
}

/// <summary>The topics that a group looked at, before 4.1 (ConsumerGroupPartitionMetadataValue.json; share groups had the same).</summary>
public sealed record ConsumerGroupPartitionMetadataValue(ConsumerGroupPartitionMetadataValue.TopicMetadata[] Topics)
{
    internal static ConsumerGroupPartitionMetadataValue Read(ref KafkaReader reader, short version)
    {
        var value = new ConsumerGroupPartitionMetadataValue(Elements.Read(ref reader, 23, version, TopicMetadata.Read));
        reader.SkipTaggedFields();
        return value;
    }

    /// <summary>One topic by id and name.</summary>
    public readonly record struct TopicMetadata(Guid TopicId, string TopicName, int NumPartitions, PartitionRacks[] PartitionMetadata)
    {
        internal static TopicMetadata Read(ref KafkaReader reader, short version)
        {
            var topic = new TopicMetadata(reader.ReadUuid(), reader.ReadString(), reader.ReadInt32(), Elements.Read(ref reader, 6, version, PartitionRacks.Read));
            reader.SkipTaggedFields();
            return topic;
        }
    }

    /// <summary>The racks of one partition's replicas.</summary>
    public readonly record struct PartitionRacks(int Partition, string[] Racks)
    {
        internal static PartitionRacks Read(ref KafkaReader reader, short version)
        {
            var partition = new PartitionRacks(reader.ReadInt32(), reader.ReadStringArray());
            reader.SkipTaggedFields();
            return partition;
        }
    }
}

/// <summary>A member as it introduced itself (ConsumerGroupMemberMetadataValue.json).</summary>
public sealed record ConsumerGroupMemberMetadataValue(
    string? InstanceId,
    string? RackId,
    string ClientId,
    string ClientHost,
    string[] SubscribedTopicNames,
    string? SubscribedTopicRegex,
    int RebalanceTimeoutMs,
    string? ServerAssignor)
{
    /// <summary>Of a member that still speaks the classic protocol, during an online upgrade.</summary>
    public ClassicMember? ClassicMemberMetadata { get; init; }

    internal static ConsumerGroupMemberMetadataValue Read(ref KafkaReader reader, short version)
    {
        var value = new ConsumerGroupMemberMetadataValue(
            InstanceId: reader.ReadNullableString(),
            RackId: reader.ReadNullableString(),
            ClientId: reader.ReadString(),
            ClientHost: reader.ReadString(),
            SubscribedTopicNames: reader.ReadStringArray(),
            SubscribedTopicRegex: reader.ReadNullableString(),
            RebalanceTimeoutMs: reader.ReadInt32(),
            ServerAssignor: reader.ReadNullableString());
        var tags = reader.BeginTaggedFields();
        while (reader.NextTaggedField(ref tags, out var tag, out var field))
        {
            if (tag == 0 && field.ReadUnsignedVarint() > 0) // a tagged struct that can be null begins with 0 (null) or 1
            {
                value = value with { ClassicMemberMetadata = ClassicMember.Read(ref field, version) };
            }
        }

        return value;
    }

    /// <summary>What a classic member joined with.</summary>
    public sealed record ClassicMember(int SessionTimeoutMs, ClassicProtocol[] SupportedProtocols)
    {
        internal static ClassicMember Read(ref KafkaReader reader, short version)
        {
            var member = new ClassicMember(reader.ReadInt32(), Elements.Read(ref reader, 3, version, ClassicProtocol.Read));
            reader.SkipTaggedFields();
            return member;
        }
    }

    /// <summary>An assignor that it supports, with its subscription.</summary>
    public readonly record struct ClassicProtocol(string Name, byte[] Metadata)
    {
        internal static ClassicProtocol Read(ref KafkaReader reader, short version)
        {
            var protocol = new ClassicProtocol(reader.ReadString(), reader.ReadBytes());
            reader.SkipTaggedFields();
            return protocol;
        }
    }
}

/// <summary>The epoch of a group's target assignment; consumer, share and streams groups write the same.</summary>
public sealed record TargetAssignmentMetadataValue(int AssignmentEpoch)
{
    /// <summary>When it was computed, from 4.3; 0: not said.</summary>
    public long AssignmentTimestamp { get; init; }

    internal static TargetAssignmentMetadataValue Read(ref KafkaReader reader, short version)
    {
        var value = new TargetAssignmentMetadataValue(reader.ReadInt32());
        var tags = reader.BeginTaggedFields();
        while (reader.NextTaggedField(ref tags, out var tag, out var field))
        {
            value = tag == 0 ? value with { AssignmentTimestamp = field.ReadInt64() } : value;
        }

        return value;
    }
}

/// <summary>What a member is meant to have; consumer and share groups write the same.</summary>
public sealed record TargetAssignmentMemberValue(TopicIdPartitions[] TopicPartitions)
{
    internal static TargetAssignmentMemberValue Read(ref KafkaReader reader, short version)
    {
        var value = new TargetAssignmentMemberValue(TopicIdPartitions.ReadAll(ref reader, version));
        reader.SkipTaggedFields();
        return value;
    }
}

/// <summary>What a member has now (ConsumerGroupCurrentMemberAssignmentValue.json). States: 0 stable, 1 unrevoked, 2 unreleased, 127 unknown.</summary>
public sealed record ConsumerGroupCurrentMemberAssignmentValue(
    int MemberEpoch, int PreviousMemberEpoch, sbyte State, TopicIdPartitions[] AssignedPartitions, TopicIdPartitions[] PartitionsPendingRevocation)
{
    internal static ConsumerGroupCurrentMemberAssignmentValue Read(ref KafkaReader reader, short version)
    {
        var value = new ConsumerGroupCurrentMemberAssignmentValue(
            reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt8(), TopicIdPartitions.ReadAll(ref reader, version), TopicIdPartitions.ReadAll(ref reader, version));
        reader.SkipTaggedFields();
        return value;
    }
}

/// <summary>The topics that a regular expression of a member resolved to (ConsumerGroupRegularExpressionValue.json).</summary>
public sealed record ConsumerGroupRegularExpressionValue(string[] Topics, long Version, long Timestamp)
{
    internal static ConsumerGroupRegularExpressionValue Read(ref KafkaReader reader, short version)
    {
        var value = new ConsumerGroupRegularExpressionValue(reader.ReadStringArray(), reader.ReadInt64(), reader.ReadInt64());
        reader.SkipTaggedFields();
        return value;
    }
}

/// <summary>Partitions of a topic that goes by its id.</summary>
public readonly record struct TopicIdPartitions(Guid TopicId, int[] Partitions)
{
    private const int MinSize = 18;

    /// <summary>The epoch at which the member got each of them, from 4.3 in current assignments; null: not said.</summary>
    public int[]? AssignmentEpochs { get; init; }

    internal static TopicIdPartitions[] ReadAll(ref KafkaReader reader, short version) => Elements.Read(ref reader, MinSize, version, Read);

    private static TopicIdPartitions Read(ref KafkaReader reader, short version)
    {
        var partitions = new TopicIdPartitions(reader.ReadUuid(), reader.ReadInt32Array());
        var tags = reader.BeginTaggedFields();
        while (reader.NextTaggedField(ref tags, out var tag, out var field))
        {
            partitions = tag == 0 ? partitions with { AssignmentEpochs = field.ReadNullableInt32Array() } : partitions;
        }

        return partitions;
    }
}
