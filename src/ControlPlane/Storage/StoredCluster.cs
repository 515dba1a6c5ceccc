using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Storage;

internal enum ClusterKind
{
    Kafka,
    Simulated,
}

/// <summary>What people say about a cluster. JSON columns are opaque to the store; their owners define the shape.</summary>
internal sealed record ClusterDefinition
{
    public required ClusterId Id { get; init; }

    public required string Name { get; init; }

    public required ClusterKind Kind { get; init; }

    public string? BootstrapServers { get; init; }

    /// <summary>JSON object of connection settings without any secret.</summary>
    public string Settings { get; init; } = "{}";

    /// <summary>JSON object that describes a simulated cluster; null for a real one.</summary>
    public string? Simulation { get; init; }

    /// <summary>What Kafka calls the cluster; null until it was reached once.</summary>
    public string? KafkaClusterId { get; init; }

    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>A registered cluster, without its secrets.</summary>
internal sealed record StoredCluster(
    ClusterDefinition Definition, bool HasSecrets, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version)
{
    public ClusterId Id => Definition.Id;
}

/// <summary>Secrets of one connection by name. Never prints a value.</summary>
internal sealed class ClusterSecrets(IReadOnlyDictionary<string, string> values)
{
    public static ClusterSecrets None { get; } = new(ImmutableDictionary<string, string>.Empty);

    public IReadOnlyDictionary<string, string> Values { get; } = values;

    /// <summary>Whether both hold the same names with the same values.</summary>
    public bool AreSame(ClusterSecrets other) =>
        Values.Count == other.Values.Count
        && Values.All(one => other.Values.TryGetValue(one.Key, out var value) && string.Equals(one.Value, value, StringComparison.Ordinal));

    public override string ToString() => $"{Values.Count} secrets";
}

/// <summary>What became of adding a cluster.</summary>
internal abstract record ClusterAddition
{
    public sealed record Added(StoredCluster Cluster) : ClusterAddition;

    public sealed record DuplicateId(StoredCluster Existing) : ClusterAddition;

    /// <summary>Another entry already manages the Kafka cluster with the same Kafka cluster id.</summary>
    public sealed record DuplicateKafkaCluster(StoredCluster Existing) : ClusterAddition;
}

/// <summary>What became of changing a cluster.</summary>
internal abstract record ClusterChange
{
    public sealed record Changed(StoredCluster Before, StoredCluster After) : ClusterChange;

    public sealed record Unknown : ClusterChange;

    public sealed record VersionConflict(StoredCluster Current) : ClusterChange;

    public sealed record DuplicateKafkaCluster(StoredCluster Existing) : ClusterChange;
}
