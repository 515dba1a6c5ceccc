using System.Buffers.Binary;
using ControlPlane.Kafka.Records;
using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.OffsetsTopic;

/// <summary>Takes what the records of __consumer_offsets mean, in the order of the log.</summary>
public interface IOffsetsRecordVisitor
{
    void Commit(scoped in OffsetCommit commit, in RecordPlace place);

    void Group(in GroupRecord record, in RecordPlace place);

    /// <summary>All commits that this producer left open in this partition count now, or never will. Its epoch does not matter: with transaction version 2 the marker's is one higher.</summary>
    void EndTransaction(long producerId, bool isCommit, long offset);
}

/// <summary>Where a record stands. <paramref name="ProducerId"/> is that of an open transaction, or <see cref="RecordBatch.NoProducerId"/>: counts at once.</summary>
public readonly record struct RecordPlace(long Offset, long Timestamp, long ProducerId)
{
    public bool IsTransactional => ProducerId != RecordBatch.NoProducerId;
}

/// <summary>What became of one record.</summary>
public enum DecodeOutcome
{
    Decoded,

    /// <summary>Of a type that we don't know: a newer broker.</summary>
    UnknownType,

    /// <summary>Of a type that we know in a version that we don't.</summary>
    UnknownVersion,

    /// <summary>Its bytes are not what its type and version say.</summary>
    Malformed,
}

/// <summary>
/// Decodes records of __consumer_offsets and hands them on. What can't be decoded is counted and passed over: garbage,
/// future types and versions never reach the caller, as an exception or otherwise. For one partition and one thread.
/// </summary>
public readonly struct OffsetsRecordDecoder<TVisitor>(TVisitor visitor, OffsetsRecordCounters counters) : IRecordVisitor
    where TVisitor : IOffsetsRecordVisitor
{
    public void Take(in RecordBatch batch, scoped in KafkaRecord record)
    {
        if (record.Key.Length < sizeof(short))
        {
            counters.Count(OffsetsRecordCounters.NoType, DecodeOutcome.Malformed);
            return;
        }

        var type = BinaryPrimitives.ReadInt16BigEndian(record.Key);
        var place = new RecordPlace(record.Offset, record.Timestamp, batch.IsTransactional ? batch.ProducerId : RecordBatch.NoProducerId);
        DecodeOutcome outcome;
        if (type is (short)OffsetsRecordType.OffsetCommit or (short)OffsetsRecordType.LegacyOffsetCommit)
        {
            outcome = OffsetCommitDecoder.Decode(record.Key, record.Value, record.IsTombstone, out var commit);
            if (outcome == DecodeOutcome.Decoded)
            {
                visitor.Commit(commit, place);
            }
        }
        else
        {
            outcome = GroupRecordTable.Decode(type, record, out var group);
            if (outcome == DecodeOutcome.Decoded)
            {
                visitor.Group(group, place);
            }
        }

        counters.Count(type, outcome);
    }

    public void EndTransaction(long producerId, bool isCommit, long offset)
    {
        counters.CountMarker();
        visitor.EndTransaction(producerId, isCommit, offset);
    }
}

/// <summary>Which type has which key and which value.</summary>
internal static class GroupRecordTable
{
    private delegate object ReadValue(ref KafkaReader reader, short version);

    private static readonly Entry?[] Entries = Build();

    public static DecodeOutcome Decode(short type, scoped in KafkaRecord record, out GroupRecord group)
    {
        group = default;
        if (type < 0 || type >= Entries.Length || Entries[type] is not { } entry)
        {
            return DecodeOutcome.UnknownType;
        }

        var key = new SpanCursor(record.Key);
        key.Int16();
        var id = key.String();
        var member = entry.HasMember ? key.String() : null;
        if (key.IsBroken)
        {
            return DecodeOutcome.Malformed;
        }

        object? value = null;
        if (!record.IsTombstone && entry.Read is { } read)
        {
            var outcome = TryRead(record.Value, entry, read, out value);
            if (outcome != DecodeOutcome.Decoded)
            {
                return outcome;
            }
        }

        group = new GroupRecord((OffsetsRecordType)type, id, member, record.IsTombstone, value);
        return DecodeOutcome.Decoded;
    }

    private static DecodeOutcome TryRead(scoped ReadOnlySpan<byte> bytes, Entry entry, ReadValue read, out object? value)
    {
        value = null;
        if (bytes.Length < sizeof(short))
        {
            return DecodeOutcome.Malformed;
        }

        var reader = new KafkaReader(bytes);
        var version = reader.ReadInt16();
        if (version < 0 || version > entry.NewestVersion)
        {
            return DecodeOutcome.UnknownVersion;
        }

        try
        {
            reader.Flexible = version >= entry.FirstFlexible;
            value = read(ref reader, version);
            return DecodeOutcome.Decoded;
        }
        catch (WireFormatException)
        {
            return DecodeOutcome.Malformed;
        }
    }

    private static Entry?[] Build()
    {
        var entries = new Entry?[(int)OffsetsRecordType.StreamsGroupTargetAssignmentResolvedTopicIds + 1];
        Add(OffsetsRecordType.GroupMetadata, new(false, GroupMetadataValue.Read, NewestVersion: 4, FirstFlexible: 4));
        Add(OffsetsRecordType.ConsumerGroupMetadata, new(false, ConsumerGroupMetadataValue.Read));
        Add(OffsetsRecordType.ConsumerGroupPartitionMetadata, new(false, ConsumerGroupPartitionMetadataValue.Read));
        Add(OffsetsRecordType.ConsumerGroupMemberMetadata, new(true, ConsumerGroupMemberMetadataValue.Read));
        Add(OffsetsRecordType.ConsumerGroupTargetAssignmentMetadata, new(false, TargetAssignmentMetadataValue.Read));
        Add(OffsetsRecordType.ConsumerGroupTargetAssignmentMember, new(true, TargetAssignmentMemberValue.Read));
        Add(OffsetsRecordType.ConsumerGroupCurrentMemberAssignment, new(true, ConsumerGroupCurrentMemberAssignmentValue.Read));
        Add(OffsetsRecordType.ShareGroupPartitionMetadata, new(false, ConsumerGroupPartitionMetadataValue.Read));
        Add(OffsetsRecordType.ShareGroupMemberMetadata, new(true, ShareGroupMemberMetadataValue.Read));
        Add(OffsetsRecordType.ShareGroupMetadata, new(false, ShareGroupMetadataValue.Read));
        Add(OffsetsRecordType.ShareGroupTargetAssignmentMetadata, new(false, TargetAssignmentMetadataValue.Read));
        Add(OffsetsRecordType.ShareGroupTargetAssignmentMember, new(true, TargetAssignmentMemberValue.Read));
        Add(OffsetsRecordType.ShareGroupCurrentMemberAssignment, new(true, ShareGroupCurrentMemberAssignmentValue.Read));
        Add(OffsetsRecordType.ShareGroupStatePartitionMetadata, new(false, ShareGroupStatePartitionMetadataValue.Read));
        Add(OffsetsRecordType.ConsumerGroupRegularExpression, new(true, ConsumerGroupRegularExpressionValue.Read));
        Add(OffsetsRecordType.StreamsGroupMetadata, new(false, StreamsGroupMetadataValue.Read));
        Add(OffsetsRecordType.StreamsGroupPartitionMetadata, new(false, Read: null));
        Add(OffsetsRecordType.StreamsGroupMemberMetadata, new(true, StreamsGroupMemberMetadataValue.Read));
        Add(OffsetsRecordType.StreamsGroupTargetAssignmentMetadata, new(false, TargetAssignmentMetadataValue.Read));
        Add(OffsetsRecordType.StreamsGroupTargetAssignmentMember, new(true, StreamsGroupTargetAssignmentMemberValue.Read));
        Add(OffsetsRecordType.StreamsGroupCurrentMemberAssignment, new(true, StreamsGroupCurrentMemberAssignmentValue.Read));
        Add(OffsetsRecordType.StreamsGroupTopology, new(false, StreamsGroupTopologyValue.Read));
        Add(OffsetsRecordType.StreamsGroupTargetAssignmentResolvedTopicIds, new(false, Read: null));
        return entries;

        void Add(OffsetsRecordType type, Entry entry) => entries[(int)type] = entry;
    }

    private sealed record Entry(bool HasMember, ReadValue? Read, short NewestVersion = 0, short FirstFlexible = 0);
}
