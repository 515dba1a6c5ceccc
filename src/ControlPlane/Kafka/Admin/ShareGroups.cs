using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

/// <summary>How far one share group has come.</summary>
public sealed record ShareGroupOffsets(string GroupId, int CoordinatorId, IReadOnlyList<ShareGroupOffset> Offsets);

/// <summary>How far it has come on one partition. Null: it has not begun, or <paramref name="Error"/> says why it can't be told.</summary>
/// <param name="StartOffset">Everything before it is done with. Kafka stores it with the next change, so it stays behind while nothing more comes.</param>
/// <param name="Lag">Records that are not done with, as Kafka counts them (KIP-1226): less those that were, beyond the start. Null before 4.2.</param>
public readonly record struct ShareGroupOffset(string Topic, int Partition, long? StartOffset, long? Lag, ErrorCode Error);
