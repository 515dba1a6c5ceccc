using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>Timestamps that stand for a place in the log (KIP-79, KIP-734, KIP-405, KIP-1005, KIP-1023). A broker that does not know one answers UNSUPPORTED_VERSION per partition.</summary>
public static class OffsetTimestamp
{
    /// <summary>The high watermark, or the last stable offset where committed records are asked for.</summary>
    public const long Latest = -1;

    /// <summary>The log start offset.</summary>
    public const long Earliest = -2;

    /// <summary>The record with the greatest timestamp; from version 7.</summary>
    public const long MaxTimestamp = -3;

    /// <summary>The first offset on the broker's own disks, where the rest is tiered; from version 8.</summary>
    public const long EarliestLocal = -4;

    /// <summary>The last offset that was tiered; from version 9.</summary>
    public const long LatestTiered = -5;

    /// <summary>The first offset that still waits to be tiered; from version 11.</summary>
    public const long EarliestPendingUpload = -6;
}

/// <summary>Which records count (KIP-98).</summary>
public enum IsolationLevel : sbyte
{
    ReadUncommitted = 0,
    ReadCommitted = 1,
}

/// <summary>Offsets by timestamp, from the leader of each partition. Message definition: ListOffsetsRequest.json. A partition may be named only once.</summary>
public sealed record ListOffsetsRequest(ListOffsetsRequest.Topic[] Topics) : IKafkaRequest<ListOffsetsResponse>, IWireMessage<ListOffsetsRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.ListOffsets, MinVersion: 7, MaxVersion: 11, FlexibleFrom: 6);

    /// <summary>-1: a client, not a follower.</summary>
    public int ReplicaId { get; init; } = -1;

    public IsolationLevel IsolationLevel { get; init; }

    /// <summary>How long the broker may wait for tiered storage; from version 10.</summary>
    public int TimeoutMs { get; init; }

    public ApiDescriptor Api => Descriptor;

    public static ListOffsetsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var replicaId = reader.ReadInt32();
        var isolationLevel = (IsolationLevel)reader.ReadInt8();
        var request = new ListOffsetsRequest(reader.ReadArray<Topic>(version))
        {
            ReplicaId = replicaId,
            IsolationLevel = isolationLevel,
            TimeoutMs = version >= 10 ? reader.ReadInt32() : 0,
        };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteInt32(ReplicaId);
        writer.WriteInt8((sbyte)IsolationLevel);
        writer.WriteArray<Topic>(Topics, version);
        if (version >= 10)
        {
            writer.WriteInt32(TimeoutMs);
        }

        writer.WriteEmptyTaggedFields();
    }

    public ListOffsetsResponse ReadResponse(ref KafkaReader reader, short version) => ListOffsetsResponse.Read(ref reader, version);

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct Topic(string Name, Partition[] Partitions) : IWireStruct<Topic>
    {
        public static int MinSize => 3;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(reader.ReadString(), reader.ReadArray<Partition>(version));
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteArray<Partition>(Partitions, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>A partition with a timestamp in milliseconds or one of <see cref="OffsetTimestamp"/>. The epoch lets the broker fence a stale view; -1 means none.</summary>
    public readonly record struct Partition(int PartitionIndex, long Timestamp, int CurrentLeaderEpoch = -1) : IWireStruct<Partition>
    {
        public static int MinSize => 17;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(
                PartitionIndex: reader.ReadInt32(),
                CurrentLeaderEpoch: reader.ReadInt32(),
                Timestamp: reader.ReadInt64());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt32(CurrentLeaderEpoch);
            writer.WriteInt64(Timestamp);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: ListOffsetsResponse.json.</summary>
public sealed record ListOffsetsResponse(int ThrottleTimeMs, ListOffsetsResponse.Topic[] Topics) : IWireMessage<ListOffsetsResponse>, IThrottledResponse
{
    public static ListOffsetsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = ListOffsetsRequest.Descriptor.IsFlexible(version);
        var response = new ListOffsetsResponse(reader.ReadInt32(), reader.ReadArray<Topic>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = ListOffsetsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Topic>(Topics, version);
        writer.WriteEmptyTaggedFields();
    }

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct Topic(string Name, Partition[] Partitions) : IWireStruct<Topic>
    {
        public static int MinSize => 3;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(reader.ReadString(), reader.ReadArray<Partition>(version));
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteArray<Partition>(Partitions, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>An answer for one partition; timestamp, offset and epoch are -1 where nothing matched.</summary>
    public readonly record struct Partition(int PartitionIndex, ErrorCode ErrorCode, long Timestamp, long Offset, int LeaderEpoch)
        : IWireStruct<Partition>
    {
        public static int MinSize => 27;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(
                PartitionIndex: reader.ReadInt32(),
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                Timestamp: reader.ReadInt64(),
                Offset: reader.ReadInt64(),
                LeaderEpoch: reader.ReadInt32());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteInt64(Timestamp);
            writer.WriteInt64(Offset);
            writer.WriteInt32(LeaderEpoch);
            writer.WriteEmptyTaggedFields();
        }
    }
}
