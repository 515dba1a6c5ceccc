using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

/// <summary>A partition whose offset is wanted, and its leader as far as the asker knows; null has it looked up.</summary>
public readonly record struct OffsetQuery(string Topic, int Partition, int? LeaderId);

/// <summary>An offset. Null without an error: nothing matches, as with a time later than every record.</summary>
public readonly record struct PartitionOffset(string Topic, int Partition, long? Offset, long? Timestamp, int? LeaderEpoch, ErrorCode Error);

/// <summary>
/// Offsets of many partitions. Those led by a broker that failed are missing from the list and stand behind that broker's
/// failure; those without a leader carry LEADER_NOT_AVAILABLE.
/// </summary>
public sealed record PartitionOffsets(IReadOnlyList<PartitionOffset> Offsets, IReadOnlyDictionary<int, KafkaClientException> Failures)
{
    public bool IsComplete => Failures.Count == 0;
}
