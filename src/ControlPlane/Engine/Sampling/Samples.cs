using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>A value with the failures of the parts that are missing from it. Value is null where nothing could be read.</summary>
public sealed record Sampled<T>(DateTimeOffset At, T? Value, ImmutableArray<SampleFailure> Failures)
    where T : class
{
    public SampleCost Cost { get; init; }

    public TimeSpan Took { get; init; }
}

/// <summary>A broker as the cluster's metadata lists it.</summary>
/// <param name="IsFenced">Null where the cluster is too old to list fenced brokers.</param>
public sealed record ObservedBroker(int Id, string Host, int Port, string? Rack, bool? IsFenced);

/// <summary>
/// Brokers and partitions as observed. Shaped like <see cref="PartitionTable"/>, but brokers are Kafka node ids, in observation order.
/// </summary>
/// <param name="KafkaControllerId">ZooKeeper: the controller. KRaft: any broker (see <see cref="QuorumSample"/> for the real one).</param>
public sealed record TopologySample(string? KafkaClusterId, int? KafkaControllerId, ImmutableArray<ObservedBroker> Brokers, PartitionTable Partitions);

/// <summary>How one broker answered a small request.</summary>
public enum ProbeOutcome
{
    Answered,

    /// <summary>Nothing listens there.</summary>
    Refused,

    /// <summary>An open connection was closed or reset.</summary>
    ConnectionLost,

    /// <summary>Connected, but no answer came in time.</summary>
    TimedOut,

    /// <summary>It listens and talks, but the log-in or the request failed.</summary>
    Failed,

    /// <summary>No connection came about: no route, no such host, or nobody reacted to it.</summary>
    Unreachable,
}

/// <summary>One broker's answer to a probe; Detail says what happened, for a person.</summary>
public readonly record struct BrokerProbe(int BrokerId, ProbeOutcome Outcome, TimeSpan Took, string Detail);

/// <summary>Answers of all brokers probed in a round.</summary>
public sealed record LivenessSample(ImmutableArray<BrokerProbe> Probes);

/// <summary>The metadata quorum. Mode is kraft or zookeeper.</summary>
public sealed record QuorumSample(string Mode, int? LeaderId, int? Epoch, ImmutableArray<QuorumReplica> Voters, ImmutableArray<QuorumReplica> Observers);

/// <summary>One reassignment that runs, by Kafka node ids.</summary>
public sealed record ObservedReassignment(string Topic, int Partition, ImmutableArray<int> Replicas, ImmutableArray<int> Adding, ImmutableArray<int> Removing);

/// <summary>All reassignments that run.</summary>
public sealed record ReassignmentsSample(ImmutableArray<ObservedReassignment> Running);

/// <summary>One replica in a log dir.</summary>
public readonly record struct ObservedReplica(string Topic, int Partition, long Bytes, long OffsetLag, bool IsFuture);

/// <summary>One log dir as its broker describes it.</summary>
public sealed record ObservedLogDir(string Path, string? Error, long? TotalBytes, long? UsableBytes, IReadOnlyList<ObservedReplica> Replicas);

/// <summary>Log dirs of the brokers that answered, by Kafka node id; the others are in the failures.</summary>
public sealed record LogDirsSample(ImmutableDictionary<int, ImmutableArray<ObservedLogDir>> ByBroker);

/// <summary>What to ask for, by partition of a table; ends without starts, but no start without its end.</summary>
public sealed record OffsetsRound(bool[] Ends, bool[] Starts);

/// <summary>Offsets by partition of the table that was asked for (same indexes); -1 where a partition did not answer, <see cref="NotAsked"/> where it was not asked.</summary>
public sealed record OffsetsSample(PartitionTable Table, long[] LogStart, long[] LogEnd)
{
    public const long NotAsked = -2;

    /// <summary>The same with what was known before where nothing was asked.</summary>
    /// <param name="known">Of the same table.</param>
    public OffsetsSample Over(LoadTable known) => this with { LogStart = Over(LogStart, known.LogStartOffset), LogEnd = Over(LogEnd, known.LogEndOffset) };

    /// <summary>Offsets with those known before where nothing was asked; the same array where all were.</summary>
    internal static long[] Over(long[] asked, long[] known)
    {
        if (!asked.AsSpan().Contains(NotAsked))
        {
            return asked;
        }

        var whole = (long[])asked.Clone();
        for (var p = 0; p < whole.Length; p++)
        {
            whole[p] = whole[p] != NotAsked ? whole[p] : p < known.Length ? known[p] : -1;
        }

        return whole;
    }
}

/// <summary>Groups as listed, described and fetched; what could not be read of one is null in it.</summary>
public sealed record GroupsSample(ImmutableArray<Group> Groups);

/// <summary>Configs of brokers (all entries) by Kafka node id.</summary>
public sealed record BrokerConfigsSample(ImmutableDictionary<int, ImmutableArray<ConfigEntry>> ByBroker);

/// <summary>Configs of topics: overrides, and the effective min.insync.replicas by topic.</summary>
public sealed record TopicConfigsSample(ImmutableDictionary<string, ImmutableArray<ConfigEntry>> Overrides, ImmutableDictionary<string, short> MinInSync);

/// <summary>What a cluster says of itself: asked when it is connected, and seldom after.</summary>
/// <param name="Release">Best guess, such as "4.3" or "3.9 or later".</param>
public sealed record IdentitySample(
    string? KafkaClusterId, string? Release, string? Mode, int BrokerCount, ImmutableArray<string> Capabilities, ImmutableArray<MissingPermission> Missing);
