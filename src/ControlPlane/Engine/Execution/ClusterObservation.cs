using System.Collections.Immutable;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Engine.Execution;

/// <summary>A partition as read just now.</summary>
public sealed record ObservedPartition(ImmutableArray<int> Replicas, ImmutableArray<int> InSync, int Leader);

/// <summary>A topic as read just now.</summary>
public sealed record ObservedTopic(Guid Id, IReadOnlyDictionary<int, ObservedPartition> Partitions);

/// <summary>Where a replica lies on its broker, and where it is being moved to.</summary>
public sealed record ReplicaPlace(string? Path, string? FuturePath);

/// <summary>
/// What the executor read of the cluster: partitions first and running reassignments after them, so that a list which is no
/// longer being changed was read either before or after its change, never taken for finished in the middle of it.
/// </summary>
public sealed record ClusterObservation(DateTimeOffset At)
{
    public string? KafkaClusterId { get; init; }

    /// <summary>Brokers that are in the metadata and not fenced.</summary>
    public required IReadOnlySet<int> Alive { get; init; }

    public required IReadOnlyDictionary<string, ObservedTopic> Topics { get; init; }

    /// <summary>Topics that were asked for and certainly do not exist.</summary>
    public required IReadOnlySet<string> MissingTopics { get; init; }

    public required IReadOnlyDictionary<(string Topic, int Partition), ObservedReassignment> Ongoing { get; init; }

    /// <summary>Values of throttle configs set on the resource itself; null: not set. Absent: could not be read.</summary>
    public required IReadOnlyDictionary<ThrottleKey, string?> Throttles { get; init; }

    /// <summary>Free bytes of a broker's roomiest log dir, where known.</summary>
    public IReadOnlyDictionary<int, long> FreeBytes { get; init; } = ImmutableDictionary<int, long>.Empty;

    /// <summary>Free bytes of each log dir, where known.</summary>
    public IReadOnlyDictionary<(int Broker, string Path), long> FreeByDir { get; init; } = ImmutableDictionary<(int, string), long>.Empty;

    /// <summary>Where replicas lie, of those that were asked for and whose broker answered.</summary>
    public IReadOnlyDictionary<(string Topic, int Partition, int Broker), ReplicaPlace> Places { get; init; } = ImmutableDictionary<(string, int, int), ReplicaPlace>.Empty;

    /// <summary>When <see cref="Places"/> were read; they are read less often than the rest.</summary>
    public DateTimeOffset PlacesAt { get; init; }

    /// <summary>When the copies of a move last grew, by its order.</summary>
    public IReadOnlyDictionary<int, DateTimeOffset> LastGrowth { get; init; } = ImmutableDictionary<int, DateTimeOffset>.Empty;

    /// <summary>Throttles that an earlier execution still owes: what stands there is not a value of somebody else.</summary>
    public IReadOnlySet<ThrottleKey> OwedElsewhere { get; init; } = ImmutableHashSet<ThrottleKey>.Empty;
}
