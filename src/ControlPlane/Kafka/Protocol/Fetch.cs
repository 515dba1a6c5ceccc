using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// Record batches from the leader of each partition, without a fetch session (KIP-74, KIP-227). Message definition:
/// FetchRequest.json. The answer is as large as <see cref="MaxBytes"/>, but never without a whole first batch.
/// </summary>
public sealed record FetchRequest(FetchRequest.FetchTopic[] Topics) : IKafkaRequest<FetchResponse>, IWireMessage<FetchRequest>
{
    /// <summary>From this version on topics go by id alone, in the request and in the answer.</summary>
    internal const short MinVersionById = 13;

    private const long HighWatermarkUnsupported = long.MaxValue;

    public static ApiDescriptor Descriptor { get; } = new(ApiKey.Fetch, MinVersion: 12, MaxVersion: 18, FlexibleFrom: 12);

    /// <summary>Null: whichever cluster it is.</summary>
    public string? ClusterId { get; init; }

    /// <summary>-1: a client, not a follower. Up to version 14.</summary>
    public int ReplicaId { get; init; } = -1;

    /// <summary>The same from version 15 on; null where the version has none.</summary>
    public Follower? ReplicaState { get; init; }

    /// <summary>How long the broker may wait for <see cref="MinBytes"/>.</summary>
    public int MaxWaitMs { get; init; }

    public int MinBytes { get; init; }

    public int MaxBytes { get; init; } = int.MaxValue;

    public IsolationLevel IsolationLevel { get; init; }

    /// <summary>0 with the epoch -1: no session.</summary>
    public int SessionId { get; init; }

    public int SessionEpoch { get; init; } = -1;

    public ForgottenTopic[] ForgottenTopicsData { get; init; } = [];

    /// <summary>Ours, where a replica of our rack may answer (KIP-392); empty has the leader answer.</summary>
    public string RackId { get; init; } = "";

    /// <summary>Topics go by id where each has one, by name otherwise.</summary>
    public ApiDescriptor Api => Array.TrueForAll(Topics, topic => topic.TopicId != Guid.Empty)
        ? Descriptor with { MinVersion = MinVersionById }
        : Descriptor with { MaxVersion = MinVersionById - 1 };

    public static FetchRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var replicaId = version < 15 ? reader.ReadInt32() : -1;
        var (maxWaitMs, minBytes, maxBytes) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        var isolationLevel = (IsolationLevel)reader.ReadInt8();
        var (sessionId, sessionEpoch) = (reader.ReadInt32(), reader.ReadInt32());
        var topics = reader.ReadArray<FetchTopic>(version);
        var forgotten = reader.ReadArray<ForgottenTopic>(version);
        var rackId = reader.ReadString();
        string? clusterId = null;
        Follower? state = version >= 15 ? Follower.None : null;
        var tags = reader.BeginTaggedFields();
        while (reader.NextTaggedField(ref tags, out var tag, out var field))
        {
            switch (tag)
            {
                case 0: clusterId = field.ReadNullableString(); break;
                case 1 when version >= 15: state = Follower.Read(ref field, version); break;
            }
        }

        reader.ExpectEnd();
        return new FetchRequest(topics)
        {
            ClusterId = clusterId,
            ReplicaId = replicaId,
            ReplicaState = state,
            MaxWaitMs = maxWaitMs,
            MinBytes = minBytes,
            MaxBytes = maxBytes,
            IsolationLevel = isolationLevel,
            SessionId = sessionId,
            SessionEpoch = sessionEpoch,
            ForgottenTopicsData = forgotten,
            RackId = rackId,
        };
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        if (version < 15)
        {
            writer.WriteInt32(ReplicaId);
        }

        writer.WriteInt32(MaxWaitMs);
        writer.WriteInt32(MinBytes);
        writer.WriteInt32(MaxBytes);
        writer.WriteInt8((sbyte)IsolationLevel);
        writer.WriteInt32(SessionId);
        writer.WriteInt32(SessionEpoch);
        writer.WriteArray<FetchTopic>(Topics, version);
        writer.WriteArray<ForgottenTopic>(ForgottenTopicsData, version);
        writer.WriteString(RackId);
        WriteTags(writer, version);
    }

    public FetchResponse ReadResponse(ref KafkaReader reader, short version) => FetchResponse.Read(ref reader, version);

    private void WriteTags(KafkaWriter writer, short version)
    {
        var follower = version >= 15 && ReplicaState is { } given && given != Follower.None ? given : (Follower?)null;
        writer.WriteUnsignedVarint((ClusterId is null ? 0u : 1u) + (follower is null ? 0u : 1u));
        if (ClusterId is { } id)
        {
            writer.WriteTaggedField(0, field => field.WriteString(id));
        }

        if (follower is { } state)
        {
            writer.WriteTaggedField(1, field => state.Write(field, version));
        }
    }

    /// <summary>Which follower asks; a client is none.</summary>
    public readonly record struct Follower(int ReplicaId, long ReplicaEpoch) : IWireStruct<Follower>
    {
        public static int MinSize => 13;

        internal static Follower None => new(-1, -1);

        public static Follower Read(ref KafkaReader reader, short version)
        {
            var follower = new Follower(reader.ReadInt32(), reader.ReadInt64());
            reader.SkipTaggedFields();
            return follower;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(ReplicaId);
            writer.WriteInt64(ReplicaEpoch);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Partitions of one topic: by name up to version 12, by id from version 13.</summary>
    public readonly record struct FetchTopic(string? Topic, Guid TopicId, FetchPartition[] Partitions) : IWireStruct<FetchTopic>
    {
        public static int MinSize => 3;

        public static FetchTopic Read(ref KafkaReader reader, short version)
        {
            var topic = new FetchTopic(
                version < MinVersionById ? reader.ReadString() : null,
                version >= MinVersionById ? reader.ReadUuid() : Guid.Empty,
                reader.ReadArray<FetchPartition>(version));
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            if (version < MinVersionById)
            {
                writer.WriteString(Topic!);
            }
            else
            {
                writer.WriteUuid(TopicId);
            }

            writer.WriteArray<FetchPartition>(Partitions, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>From where a partition is wanted. The epoch lets the broker fence a stale view; -1 means none.</summary>
    public readonly record struct FetchPartition(int Partition, long FetchOffset, int PartitionMaxBytes) : IWireStruct<FetchPartition>
    {
        public static int MinSize => 33;

        public int CurrentLeaderEpoch { get; init; } = -1;

        public int LastFetchedEpoch { get; init; } = -1;

        /// <summary>Only followers have one.</summary>
        public long LogStartOffset { get; init; } = -1;

        public Guid ReplicaDirectoryId { get; init; }

        public long HighWatermark { get; init; } = HighWatermarkUnsupported;

        public static FetchPartition Read(ref KafkaReader reader, short version)
        {
            var (partition, leaderEpoch, offset) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64());
            var (fetchedEpoch, logStart, maxBytes) = (reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt32());
            var (directory, highWatermark) = (Guid.Empty, HighWatermarkUnsupported);
            var tags = reader.BeginTaggedFields();
            while (reader.NextTaggedField(ref tags, out var tag, out var field))
            {
                switch (tag)
                {
                    case 0 when version >= 17: directory = field.ReadUuid(); break;
                    case 1 when version >= 18: highWatermark = field.ReadInt64(); break;
                }
            }

            return new FetchPartition(partition, offset, maxBytes)
            {
                CurrentLeaderEpoch = leaderEpoch,
                LastFetchedEpoch = fetchedEpoch,
                LogStartOffset = logStart,
                ReplicaDirectoryId = directory,
                HighWatermark = highWatermark,
            };
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(Partition);
            writer.WriteInt32(CurrentLeaderEpoch);
            writer.WriteInt64(FetchOffset);
            writer.WriteInt32(LastFetchedEpoch);
            writer.WriteInt64(LogStartOffset);
            writer.WriteInt32(PartitionMaxBytes);
            var (directory, highWatermark) = (ReplicaDirectoryId, HighWatermark);
            var hasDirectory = version >= 17 && directory != Guid.Empty;
            var hasHighWatermark = version >= 18 && highWatermark != HighWatermarkUnsupported;
            writer.WriteUnsignedVarint((hasDirectory ? 1u : 0u) + (hasHighWatermark ? 1u : 0u));
            if (hasDirectory)
            {
                writer.WriteTaggedField(0, field => field.WriteUuid(directory));
            }

            if (hasHighWatermark)
            {
                writer.WriteTaggedField(1, field => field.WriteInt64(highWatermark));
            }
        }
    }

    /// <summary>Partitions that a fetch session shall leave out from now on.</summary>
    public readonly record struct ForgottenTopic(string? Topic, Guid TopicId, int[] Partitions) : IWireStruct<ForgottenTopic>
    {
        public static int MinSize => 3;

        public static ForgottenTopic Read(ref KafkaReader reader, short version)
        {
            var topic = new ForgottenTopic(
                version < MinVersionById ? reader.ReadString() : null, version >= MinVersionById ? reader.ReadUuid() : Guid.Empty, reader.ReadInt32Array());
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            if (version < MinVersionById)
            {
                writer.WriteString(Topic!);
            }
            else
            {
                writer.WriteUuid(TopicId);
            }

            writer.WriteInt32Array(Partitions);
            writer.WriteEmptyTaggedFields();
        }
    }
}
