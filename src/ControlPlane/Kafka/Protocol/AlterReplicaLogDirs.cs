using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// Moves replicas between the log dirs of the broker that is asked. Message definition: AlterReplicaLogDirsRequest.json
/// (KIP-113). For a replica that the broker does not have yet it answers REPLICA_NOT_AVAILABLE and keeps the wish in memory.
/// </summary>
public sealed record AlterReplicaLogDirsRequest(AlterReplicaLogDirsRequest.LogDir[] Dirs)
    : IKafkaRequest<AlterReplicaLogDirsResponse>, IWireMessage<AlterReplicaLogDirsRequest>
{
    public static ApiDescriptor Descriptor { get; } = new(ApiKey.AlterReplicaLogDirs, MinVersion: 2, MaxVersion: 2, FlexibleFrom: 2);

    public ApiDescriptor Api => Descriptor;

    public static AlterReplicaLogDirsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var request = new AlterReplicaLogDirsRequest(reader.ReadArray<LogDir>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteArray<LogDir>(Dirs, version);
        writer.WriteEmptyTaggedFields();
    }

    public AlterReplicaLogDirsResponse ReadResponse(ref KafkaReader reader, short version) => AlterReplicaLogDirsResponse.Read(ref reader, version);

    /// <summary>A log dir, by its absolute path, with what shall lie in it.</summary>
    public readonly record struct LogDir(string Path, Topic[] Topics) : IWireStruct<LogDir>
    {
        public static int MinSize => 3;

        public static LogDir Read(ref KafkaReader reader, short version)
        {
            var dir = new LogDir(reader.ReadString(), reader.ReadArray<Topic>(version));
            reader.SkipTaggedFields();
            return dir;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Path);
            writer.WriteArray<Topic>(Topics, version);
            writer.WriteEmptyTaggedFields();
        }
    }

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct Topic(string Name, int[] Partitions) : IWireStruct<Topic>
    {
        public static int MinSize => 3;

        public static Topic Read(ref KafkaReader reader, short version)
        {
            var topic = new Topic(reader.ReadString(), reader.ReadInt32Array());
            reader.SkipTaggedFields();
            return topic;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Name);
            writer.WriteInt32Array(Partitions);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: AlterReplicaLogDirsResponse.json.</summary>
public sealed record AlterReplicaLogDirsResponse(int ThrottleTimeMs, AlterReplicaLogDirsResponse.Topic[] Results)
    : IWireMessage<AlterReplicaLogDirsResponse>, IThrottledResponse
{
    public static AlterReplicaLogDirsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = AlterReplicaLogDirsRequest.Descriptor.IsFlexible(version);
        var response = new AlterReplicaLogDirsResponse(reader.ReadInt32(), reader.ReadArray<Topic>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = AlterReplicaLogDirsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteArray<Topic>(Results, version);
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

    /// <summary>Whether the broker accepted to move one replica.</summary>
    public readonly record struct Partition(int PartitionIndex, ErrorCode ErrorCode) : IWireStruct<Partition>
    {
        public static int MinSize => 7;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(reader.ReadInt32(), (ErrorCode)reader.ReadInt16());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt16((short)ErrorCode);
            writer.WriteEmptyTaggedFields();
        }
    }
}
