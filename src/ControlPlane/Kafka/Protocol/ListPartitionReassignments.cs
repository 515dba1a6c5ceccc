using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>The reassignments under way. Message definition: ListPartitionReassignmentsRequest.json (KIP-455). No topics given (null) asks for all.</summary>
public sealed record ListPartitionReassignmentsRequest(ListPartitionReassignmentsRequest.Topic[]? Topics)
    : IKafkaRequest<ListPartitionReassignmentsResponse>, IWireMessage<ListPartitionReassignmentsRequest>
{
    public static ApiDescriptor Descriptor { get; } =
        new(ApiKey.ListPartitionReassignments, MinVersion: 0, MaxVersion: 0, FlexibleFrom: 0);

    public int TimeoutMs { get; init; } = 60_000;

    public ApiDescriptor Api => Descriptor;

    public static ListPartitionReassignmentsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = Descriptor.IsFlexible(version);
        var timeoutMs = reader.ReadInt32();
        var request = new ListPartitionReassignmentsRequest(reader.ReadNullableArray<Topic>(version)) { TimeoutMs = timeoutMs };
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return request;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = Descriptor.IsFlexible(version);
        writer.WriteInt32(TimeoutMs);
        writer.WriteNullableArray(Topics, version);
        writer.WriteEmptyTaggedFields();
    }

    public ListPartitionReassignmentsResponse ReadResponse(ref KafkaReader reader, short version) =>
        ListPartitionReassignmentsResponse.Read(ref reader, version);

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct Topic(string Name, int[] PartitionIndexes) : IWireStruct<Topic>
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
            writer.WriteInt32Array(PartitionIndexes);
            writer.WriteEmptyTaggedFields();
        }
    }
}

/// <summary>Message definition: ListPartitionReassignmentsResponse.json. What is not being reassigned is absent.</summary>
public sealed record ListPartitionReassignmentsResponse(
    int ThrottleTimeMs,
    ErrorCode ErrorCode,
    string? ErrorMessage,
    ListPartitionReassignmentsResponse.Topic[] Topics) : IWireMessage<ListPartitionReassignmentsResponse>, IThrottledResponse
{
    public static ListPartitionReassignmentsResponse Read(ref KafkaReader reader, short version)
    {
        reader.Flexible = ListPartitionReassignmentsRequest.Descriptor.IsFlexible(version);
        var response = new ListPartitionReassignmentsResponse(
            ThrottleTimeMs: reader.ReadInt32(),
            ErrorCode: (ErrorCode)reader.ReadInt16(),
            ErrorMessage: reader.ReadNullableString(),
            Topics: reader.ReadArray<Topic>(version));
        reader.SkipTaggedFields();
        reader.ExpectEnd();
        return response;
    }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Flexible = ListPartitionReassignmentsRequest.Descriptor.IsFlexible(version);
        writer.WriteInt32(ThrottleTimeMs);
        writer.WriteInt16((short)ErrorCode);
        writer.WriteNullableString(ErrorMessage);
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

    /// <summary>A partition on the move: all its replicas now, and those of them that are being added or removed.</summary>
    public readonly record struct Partition(int PartitionIndex, int[] Replicas, int[] AddingReplicas, int[] RemovingReplicas)
        : IWireStruct<Partition>
    {
        public static int MinSize => 8;

        public static Partition Read(ref KafkaReader reader, short version)
        {
            var partition = new Partition(
                PartitionIndex: reader.ReadInt32(),
                Replicas: reader.ReadInt32Array(),
                AddingReplicas: reader.ReadInt32Array(),
                RemovingReplicas: reader.ReadInt32Array());
            reader.SkipTaggedFields();
            return partition;
        }

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteInt32(PartitionIndex);
            writer.WriteInt32Array(Replicas);
            writer.WriteInt32Array(AddingReplicas);
            writer.WriteInt32Array(RemovingReplicas);
            writer.WriteEmptyTaggedFields();
        }
    }
}
