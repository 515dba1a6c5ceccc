using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// Message definition: FetchResponse.json. Records are the bytes of whole batches in the order of the log, the last of them
/// perhaps cut off; Records/ reads them.
/// </summary>
public sealed record FetchResponse(int ThrottleTimeMs, ErrorCode ErrorCode, int SessionId, FetchResponse.FetchableTopic[] Responses)
    : IWireMessage<FetchResponse>, IThrottledResponse
{
    private const short MinVersionOfEndpoints = 16;

    /// <summary>Addresses of the leaders that partitions with an error name (KIP-951); from version 16.</summary>
    public NodeEndpoint[] NodeEndpoints { get; init; } = [];

    public static FetchResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = FetchRequest.Descriptor.IsFlexible(version);
        var response = new FetchResponse(reader.ReadInt32(), (ErrorCode)reader.ReadInt16(), reader.ReadInt32(), reader.ReadArray<FetchableTopic>(version));
        NodeEndpoint[] endpoints = [];
        var tags = reader.BeginTaggedFields();
        while (reader.NextTaggedField(ref tags, out var tag, out var field))
        {
            if (tag == 0 && version >= MinVersionOfEndpoints)
            {
                endpoints = field.ReadArray<NodeEndpoint>(version);
            }
        }

        reader.ExpectEnd();
        return response with { NodeEndpoints = endpoints };
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = FetchRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteInt32(SessionId);
        writer.WriteArray<FetchableTopic>(Responses, version);
        var hasEndpoints = version >= MinVersionOfEndpoints && NodeEndpoints.Length > 0;
        writer.WriteUnsignedVarint(hasEndpoints ? 1u : 0u);
        if (hasEndpoints)
        {
            writer.WriteTaggedField(0, field => field.WriteArray<NodeEndpoint>(NodeEndpoints, version));
        }
    }

    /// <summary>Partitions of one topic: by name up to version 12, by id from version 13.</summary>
    public readonly record struct FetchableTopic(string? Topic, Guid TopicId, PartitionData[] Partitions) : IWireStruct<FetchableTopic>
    {
        public static int MinSize => 3;

        public static FetchableTopic Read(ref KafkaReader reader, short version)
        {
            var topic = new FetchableTopic(
                version < FetchRequest.MinVersionById ? reader.ReadString() : null,
                version >= FetchRequest.MinVersionById ? reader.ReadUuid() : Guid.Empty,
                reader.ReadArray<PartitionData>(version));
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            if (version < FetchRequest.MinVersionById)
            {
                writer.WriteString(Topic!);
            }
            else
            {
                writer.WriteUuid(TopicId);
            }

            writer.WriteArray<PartitionData>(Partitions, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One partition's answer; offsets are -1 where the broker does not know them.</summary>
    public readonly record struct PartitionData(int PartitionIndex, ErrorCode ErrorCode, long HighWatermark, long LastStableOffset, long LogStartOffset, byte[]? Records)
        : IWireStruct<PartitionData>
    {
        public static int MinSize => 37;

        /// <summary>Transactions whose records do not count; only where committed ones were asked for.</summary>
        public AbortedTransaction[]? AbortedTransactions { get; init; }

        public int PreferredReadReplica { get; init; } = -1;

        public EpochEndOffset DivergingEpoch { get; init; } = EpochEndOffset.None;

        /// <summary>Where this broker no longer leads: who does, as far as it knows.</summary>
        public LeaderIdAndEpoch CurrentLeader { get; init; } = LeaderIdAndEpoch.None;

        public EndOffsetAndEpoch SnapshotId { get; init; } = EndOffsetAndEpoch.None;

        public static PartitionData Read(ref KafkaReader reader, short version)
        {
            var (index, error) = (reader.ReadInt32(), (ErrorCode)reader.ReadInt16());
            var (highWatermark, lastStable, logStart) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
            var aborted = reader.ReadNullableArray<AbortedTransaction>(version);
            var preferred = reader.ReadInt32();
            var data = new PartitionData(index, error, highWatermark, lastStable, logStart, reader.ReadNullableBytes())
            {
                AbortedTransactions = aborted,
                PreferredReadReplica = preferred,
            };
            var tags = reader.BeginTaggedFields();
            while (reader.NextTaggedField(ref tags, out var tag, out var field))
            {
                data = tag switch
                {
                    0 => data with { DivergingEpoch = EpochEndOffset.Read(ref field, version) },
                    1 => data with { CurrentLeader = LeaderIdAndEpoch.Read(ref field, version) },
                    2 => data with { SnapshotId = EndOffsetAndEpoch.Read(ref field, version) },
                    _ => data,
                };
            }

            return data;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteInt64(HighWatermark);
            writer.WriteInt64(LastStableOffset);
            writer.WriteInt64(LogStartOffset);
            writer.WriteNullableArray(AbortedTransactions, version);
            writer.WriteInt32(PreferredReadReplica);
            writer.WriteNullableBytes(Records);
            WriteTags(writer, version);
        }

        private void WriteTags(KafkaWriter writer, short version)
        {
            var (diverging, leader, snapshot) = (DivergingEpoch, CurrentLeader, SnapshotId);
            var (hasDiverging, hasLeader, hasSnapshot) = (diverging != EpochEndOffset.None, leader != LeaderIdAndEpoch.None, snapshot != EndOffsetAndEpoch.None);
            writer.WriteUnsignedVarint((hasDiverging ? 1u : 0u) + (hasLeader ? 1u : 0u) + (hasSnapshot ? 1u : 0u));
            if (hasDiverging)
            {
                writer.WriteTaggedField(0, field => diverging.Write(field, version));
            }

            if (hasLeader)
            {
                writer.WriteTaggedField(1, field => leader.Write(field, version));
            }

            if (hasSnapshot)
            {
                writer.WriteTaggedField(2, field => snapshot.Write(field, version));
            }
        }
    }

    /// <summary>Records of this producer from that offset on, up to its next marker, were aborted.</summary>
    public readonly record struct AbortedTransaction(long ProducerId, long FirstOffset) : IWireStruct<AbortedTransaction>
    {
        public static int MinSize => 17;

        public static AbortedTransaction Read(ref KafkaReader reader, short version)
        {
            var transaction = new AbortedTransaction(reader.ReadInt64(), reader.ReadInt64());
            reader.SkipTaggedFields();
            return transaction;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt64(ProducerId);
            writer.WriteInt64(FirstOffset);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Where the asker's log parts from the leader's.</summary>
    public readonly record struct EpochEndOffset(int Epoch, long EndOffset) : IWireStruct<EpochEndOffset>
    {
        public static int MinSize => 13;

        internal static EpochEndOffset None => new(-1, -1);

        public static EpochEndOffset Read(ref KafkaReader reader, short version)
        {
            var offset = new EpochEndOffset(reader.ReadInt32(), reader.ReadInt64());
            reader.SkipTaggedFields();
            return offset;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(Epoch);
            writer.WriteInt64(EndOffset);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>A partition's leader; -1 where unknown.</summary>
    public readonly record struct LeaderIdAndEpoch(int LeaderId, int LeaderEpoch) : IWireStruct<LeaderIdAndEpoch>
    {
        public static int MinSize => 9;

        internal static LeaderIdAndEpoch None => new(-1, -1);

        public static LeaderIdAndEpoch Read(ref KafkaReader reader, short version)
        {
            var leader = new LeaderIdAndEpoch(reader.ReadInt32(), reader.ReadInt32());
            reader.SkipTaggedFields();
            return leader;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(LeaderId);
            writer.WriteInt32(LeaderEpoch);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>A snapshot of a metadata log; topics have none.</summary>
    public readonly record struct EndOffsetAndEpoch(long EndOffset, int Epoch) : IWireStruct<EndOffsetAndEpoch>
    {
        public static int MinSize => 13;

        internal static EndOffsetAndEpoch None => new(-1, -1);

        public static EndOffsetAndEpoch Read(ref KafkaReader reader, short version)
        {
            var snapshot = new EndOffsetAndEpoch(reader.ReadInt64(), reader.ReadInt32());
            reader.SkipTaggedFields();
            return snapshot;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt64(EndOffset);
            writer.WriteInt32(Epoch);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Where a broker is reached.</summary>
    public readonly record struct NodeEndpoint(int NodeId, string Host, int Port, string? Rack) : IWireStruct<NodeEndpoint>
    {
        public static int MinSize => 11;

        public static NodeEndpoint Read(ref KafkaReader reader, short version)
        {
            var endpoint = new NodeEndpoint(reader.ReadInt32(), reader.ReadString(), reader.ReadInt32(), reader.ReadNullableString());
            reader.SkipTaggedFields();
            return endpoint;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(NodeId);
            writer.WriteString(Host);
            writer.WriteInt32(Port);
            writer.WriteNullableString(Rack);
            writer.WriteEmptyTaggedFields();
        }
    }
}
