using ControlPlane.Kafka.Wire;

namespace ControlPlane.Kafka.Protocol;

/// <summary>
/// What a classic consumer subscribed to, where the group's protocol type is "consumer". Message definition:
/// ConsumerProtocolSubscription.json. Clients write it, not brokers.
/// </summary>
public sealed record ConsumerSubscription(short Version, string[] Topics, byte[]? UserData)
{
    public ConsumerAssignment.TopicPartition[] OwnedPartitions { get; init; } = [];

    /// <summary>-1: not said.</summary>
    public int GenerationId { get; init; } = -1;

    public string? RackId { get; init; }

    /// <summary>Later versions may append fields; what we know comes first.</summary>
    public static ConsumerSubscription Parse(ReadOnlySpan<byte> memberMetadata)
    {
        var reader = new KafkaReader(memberMetadata);
        var version = reader.ReadInt16();
        if (version < 0)
        {
            throw new WireFormatException($"The consumer's subscription has version {version}; expected 0 or more.");
        }

        return new ConsumerSubscription(version, reader.ReadStringArray(), reader.ReadNullableBytes())
        {
            OwnedPartitions = version >= 1 ? reader.ReadArray<ConsumerAssignment.TopicPartition>(version) : [],
            GenerationId = version >= 2 ? reader.ReadInt32() : -1,
            RackId = version >= 3 ? reader.ReadNullableString() : null,
        };
    }
}
