namespace ControlPlane.Contracts;

/// <summary>One broker. State: Unknown, Active, Starting, ShuttingDown, Restarting, Unresponsive or Down.</summary>
/// <param name="Evidence">What was observed, in words.</param>
/// <param name="BytesIn">Produced to partitions it leads, bytes a second; null while not measured.</param>
/// <param name="ReplicationBytesIn">Replicated to it.</param>
public sealed record BrokerDto(
    int Id,
    string? Host,
    int? Port,
    string? Rack,
    string State,
    StatusWord Status,
    DateTimeOffset? Since,
    string Evidence,
    bool? IsFenced,
    bool IsController,
    int? Replicas,
    int? Leaders,
    int? PreferredLeaders,
    int? OutOfSyncReplicas,
    double? BytesIn,
    double? ReplicationBytesIn,
    double? BytesOut,
    double? ReplicationBytesOut,
    double? MessagesIn,
    long? DiskUsedBytes,
    long? DiskTotalBytes,
    int? LogDirs,
    int? OfflineLogDirs,
    double LoadCompleteness);

/// <summary>One broker with its log dirs.</summary>
public sealed record BrokerDetailDto(BrokerDto Broker, IReadOnlyList<LogDirDto>? LogDirs, DateTimeOffset? LogDirsAt, IReadOnlyList<FindingDto> Findings);

/// <summary>One log dir; sizes of the volume are null where the broker is too old to tell.</summary>
public sealed record LogDirDto(int BrokerId, string Path, StatusWord Status, string? Error, long? TotalBytes, long? UsableBytes, long ReplicaBytes, int Replicas);

/// <summary>A replica hosted by a broker.</summary>
public sealed record HostedReplicaDto(string Topic, int Partition, bool IsLeader, bool IsPreferredLeader, bool InSync, bool IsOffline, string? Reassigning, long? Bytes, string? LogDir, double? BytesIn);

/// <summary>One config entry. Source: TopicOverride, DynamicBroker, DynamicDefault, StaticBroker, Default or Unknown.</summary>
/// <param name="Value">Null where Kafka hides it (IsSensitive).</param>
/// <param name="DiffersFrom">Brokers whose value of this key is another one; null where not compared.</param>
public sealed record ConfigEntryDto(string Name, string? Value, string Source, bool IsReadOnly, bool IsSensitive, IReadOnlyList<ConfigDifferenceDto>? DiffersFrom);

/// <summary>Another broker's value of the same key.</summary>
public sealed record ConfigDifferenceDto(int BrokerId, string? Value);
