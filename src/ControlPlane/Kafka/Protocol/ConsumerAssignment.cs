using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// The partitions of a classic consumer: what <see cref="DescribeGroupsResponse.Member.MemberAssignment"/> holds where the
/// group's protocol type is "consumer". Message definition: ConsumerProtocolAssignment.json. Clients write it, not brokers.
/// </summary>
public sealed record ConsumerAssignment(short Version, ConsumerAssignment.TopicPartition[] AssignedPartitions, byte[]? UserData)
{
    public const string ProtocolType = "consumer";

    private const short NewestVersion = 3;

    /// <summary>Null for no bytes: the group is not stable. Later versions may append fields; what we know comes first.</summary>
    public static ConsumerAssignment? Parse(ReadOnlySpan<byte> memberAssignment)
    {
        if (memberAssignment.IsEmpty)
        {
            return null;
        }

        var reader = new KafkaReader(memberAssignment);
        var version = reader.ReadInt16();
        if (version < 0)
        {
            throw new WireFormatException($"The consumer's assignment has version {version}; expected 0 or more.");
        }

        var assignment = new ConsumerAssignment(version, reader.ReadArray<TopicPartition>(version), reader.ReadNullableBytes());
        if (version <= NewestVersion)
        {
            reader.ExpectEnd();
        }

        return assignment;
    }

    public byte[] ToBytes()
    {
        using var writer = new KafkaWriter();
        writer.WriteInt16(Version);
        writer.WriteArray<TopicPartition>(AssignedPartitions, Version);
        writer.WriteNullableBytes(UserData);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Partitions of one topic.</summary>
    public readonly record struct TopicPartition(string Topic, int[] Partitions) : IWireStruct<TopicPartition>
    {
        public static int MinSize => 6;

        public static TopicPartition Read(ref KafkaReader reader, short version) => new(reader.ReadString(), reader.ReadInt32Array());

        public void Write(KafkaWriter writer, short version)
        {
            writer.WriteString(Topic);
            writer.WriteInt32Array(Partitions);
        }
    }
}
