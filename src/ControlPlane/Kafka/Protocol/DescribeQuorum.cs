using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>The KRaft quorum as its leader sees it. Message definition: DescribeQuorumRequest.json (KIP-595, KIP-836, KIP-853).</summary>
public sealed record DescribeQuorumRequest(DescribeQuorumRequest.Topic[] Topics)
    : IKafkaRequest<DescribeQuorumResponse>, IWireMessage<DescribeQuorumRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.DescribeQuorum, MinVersion: 0, MaxVersion: 2, FlexibleFrom: 0);

    /// <summary>Asks for the only partition that has a quorum: the metadata log.</summary>
    public static DescribeQuorumRequest OfClusterMetadata { get; } = new([new Topic("__cluster_metadata", [new Partition(0)])]);

    public ApiDescriptor Api => Descriptor;

    public static DescribeQuorumRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new DescribeQuorumRequest(reader.ReadArray<Topic>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteArray<Topic>(Topics, version);
        writer.WriteEmptyTaggedFields();
    }

    public DescribeQuorumResponse ReadResponse(ref KafkaReader reader, short version) => DescribeQuorumResponse.Read(ref reader, version);

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct Topic(string TopicName, Partition[] Partitions) : IWireStruct<Topic>
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
            writer.WriteString(TopicName);
            writer.WriteArray<Partition>(Partitions, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>A partition asked for.</summary>
    public readonly record struct Partition(int PartitionIndex) : IWireStruct<Partition>
    {
        public static int MinSize => 5;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(reader.ReadInt32());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: DescribeQuorumResponse.json. It has no throttle time. Nodes are null before version 2.</summary>
public sealed record DescribeQuorumResponse(
    ErrorCode ErrorCode,
    string? ErrorMessage,
    DescribeQuorumResponse.Topic[] Topics,
    DescribeQuorumResponse.Node[]? Nodes) : IWireMessage<DescribeQuorumResponse>
{
    public static DescribeQuorumResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = DescribeQuorumRequest.Descriptor.IsFlexible(version);
        var response = new DescribeQuorumResponse(
            ErrorCode: (ErrorCode)reader.ReadInt16(),
            ErrorMessage: version >= 2 ? reader.ReadNullableString() : null,
            Topics: reader.ReadArray<Topic>(version),
            Nodes: version >= 2 ? reader.ReadArray<Node>(version) : null);
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = DescribeQuorumRequest.Descriptor.IsFlexible(version);
        writer.WriteInt16((short)ErrorCode);
        if (version >= 2)
        {
            writer.WriteNullableString(ErrorMessage);
        }

        writer.WriteArray<Topic>(Topics, version);
        if (version >= 2)
        {
            writer.WriteArray<Node>(Nodes, version);
        }

        writer.WriteEmptyTaggedFields();
    }

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct Topic(string TopicName, Partition[] Partitions) : IWireStruct<Topic>
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
            writer.WriteString(TopicName);
            writer.WriteArray<Partition>(Partitions, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>The quorum of one partition. Voters are controllers; observers are brokers, which drop out a while after they went down.</summary>
    public readonly record struct Partition(
        int PartitionIndex,
        ErrorCode ErrorCode,
        string? ErrorMessage,
        int LeaderId,
        int LeaderEpoch,
        long HighWatermark,
        ReplicaState[] CurrentVoters,
        ReplicaState[] Observers) : IWireStruct<Partition>
    {
        public static int MinSize => 25;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(
                PartitionIndex: reader.ReadInt32(),
                ErrorCode: (ErrorCode)reader.ReadInt16(),
                ErrorMessage: version >= 2 ? reader.ReadNullableString() : null,
                LeaderId: reader.ReadInt32(),
                LeaderEpoch: reader.ReadInt32(),
                HighWatermark: reader.ReadInt64(),
                CurrentVoters: reader.ReadArray<ReplicaState>(version),
                Observers: reader.ReadArray<ReplicaState>(version));
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt16((short)ErrorCode);
            if (version >= 2)
            {
                writer.WriteNullableString(ErrorMessage);
            }

            writer.WriteInt32(LeaderId);
            writer.WriteInt32(LeaderEpoch);
            writer.WriteInt64(HighWatermark);
            writer.WriteArray<ReplicaState>(CurrentVoters, version);
            writer.WriteArray<ReplicaState>(Observers, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>How far one replica of the metadata log is. Times are milliseconds since 1970, or -1 where the leader does not know them.</summary>
    public readonly record struct ReplicaState(
        int ReplicaId,
        Guid ReplicaDirectoryId,
        long LogEndOffset,
        long LastFetchTimestamp,
        long LastCaughtUpTimestamp) : IWireStruct<ReplicaState>
    {
        public static int MinSize => 13;

        public static ReplicaState Read(ref KafkaReader reader, short version)
        {
            var state = new ReplicaState(
                ReplicaId: reader.ReadInt32(),
                ReplicaDirectoryId: version >= 2 ? reader.ReadUuid() : Guid.Empty,
                LogEndOffset: reader.ReadInt64(),
                LastFetchTimestamp: version >= 1 ? reader.ReadInt64() : -1,
                LastCaughtUpTimestamp: version >= 1 ? reader.ReadInt64() : -1);
            reader.SkipTaggedFields();
            return state;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(ReplicaId);
            if (version >= 2)
            {
                writer.WriteUuid(ReplicaDirectoryId);
            }

            writer.WriteInt64(LogEndOffset);
            if (version >= 1)
            {
                writer.WriteInt64(LastFetchTimestamp);
                writer.WriteInt64(LastCaughtUpTimestamp);
            }

            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>A controller of the quorum with its addresses.</summary>
    public readonly record struct Node(int NodeId, Listener[] Listeners) : IWireStruct<Node>
    {
        public static int MinSize => 6;

        public static Node Read(ref KafkaReader reader, short version)
        {
            var node = new Node(reader.ReadInt32(), reader.ReadArray<Listener>(version));
            reader.SkipTaggedFields();
            return node;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(NodeId);
            writer.WriteArray<Listener>(Listeners, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>One address of a controller.</summary>
    public readonly record struct Listener(string Name, string Host, ushort Port) : IWireStruct<Listener>
    {
        public static int MinSize => 5;

        public static Listener Read(ref KafkaReader reader, short version)
        {
            var listener = new Listener(reader.ReadString(), reader.ReadString(), reader.ReadUInt16());
            reader.SkipTaggedFields();
            return listener;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteString(Host);
            writer.WriteUInt16(Port);
            writer.WriteEmptyTaggedFields();
        }
    }
}
