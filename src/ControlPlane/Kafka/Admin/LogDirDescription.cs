using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

/// <summary>
/// One log dir of a broker. An error, mostly KAFKA_STORAGE_ERROR, means that the dir is offline and its replicas unknown.
/// The byte counts are those of the volume it lies on, null where not told: two dirs on one volume both report all of it.
/// </summary>
public sealed record LogDirDescription(
    string Path, ErrorCode Error, long? TotalBytes, long? UsableBytes, bool? IsCordoned, IReadOnlyList<DescribeLogDirsResponse.Topic> Topics);

/// <summary>A replica to be moved to a log dir of its broker.</summary>
public readonly record struct ReplicaMove(string Topic, int Partition, string LogDir);

/// <summary>Whether a broker took a move; REPLICA_NOT_AVAILABLE: it has no such replica yet, and will create it there.</summary>
public readonly record struct ReplicaMoveResult(string Topic, int Partition, ErrorCode Error);
