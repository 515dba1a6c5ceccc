using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

/// <summary>How far one share group has come.</summary>
public sealed record ShareGroupOffsets(string GroupId, int CoordinatorId, IReadOnlyList<ShareGroupOffset> Offsets);

/// <summary>How far it has come on one partition. Null: it has not begun, or <paramref name="Error"/> says why it can't be told.</summary>
/// <param name="StartOffset">Everything before it is done with.</param>
public readonly record struct ShareGroupOffset(string Topic, int Partition, long? StartOffset, ErrorCode Error);
