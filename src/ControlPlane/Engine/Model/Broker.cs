using System.Collections.Immutable;

namespace ControlPlane.Engine.Model;

/// <summary>One broker of the picture. Its place in <see cref="ClusterModel.Brokers"/> is its broker index.</summary>
/// <param name="Id">Kafka's node id.</param>
/// <param name="Host">Advertised host; null where the broker is known only from replica lists.</param>
/// <param name="Since">Since when the state holds, as far as this product saw it.</param>
/// <param name="Evidence">What was observed, in words for a person: "connection refused by 10.0.3.9:9092 three times".</param>
/// <param name="IsFenced">The controller's own word; null where the cluster can't tell.</param>
public sealed record Broker(
    int Id,
    string? Host,
    int? Port,
    string? Rack,
    BrokerState State,
    DateTimeOffset? Since,
    string Evidence,
    bool? IsFenced)
{
    /// <summary>Null where this broker's log dirs were never read; then nothing is known of its disks.</summary>
    public ImmutableArray<LogDir>? LogDirs { get; init; }

    public DateTimeOffset? LogDirsAt { get; init; }

    public BrokerLoad Load { get; init; } = BrokerLoad.Unknown;
}

/// <summary>One log dir of a broker. Sizes are bytes of the volume it lies on; null where the broker is too old to tell.</summary>
/// <param name="Error">Kafka's error name where the dir is offline, else null.</param>
public sealed record LogDir(string Path, string? Error, long? TotalBytes, long? UsableBytes, long ReplicaBytes, int ReplicaCount);

/// <summary>Measured load of a broker, per second. NaN where not measured.</summary>
/// <param name="LeaderBytesIn">Produced to partitions it leads.</param>
/// <param name="FollowerBytesIn">Replicated to it.</param>
/// <param name="BytesOut">Consumed from it, as far as committed offsets show.</param>
/// <param name="ReplicationBytesOut">Fetched from it by followers.</param>
/// <param name="Completeness">Share of its partitions whose rates are measured, 0..1.</param>
public readonly record struct BrokerLoad(
    double LeaderBytesIn,
    double FollowerBytesIn,
    double MessagesIn,
    double BytesOut,
    double ReplicationBytesOut,
    double Completeness)
{
    public static BrokerLoad Unknown { get; } = new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, 0);
}
