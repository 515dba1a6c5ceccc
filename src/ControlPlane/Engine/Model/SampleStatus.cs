using System.Collections.Immutable;

namespace ControlPlane.Engine.Model;

/// <summary>The kinds of samples a cluster gives, cheap and frequent first.</summary>
public enum SampleKind
{
    /// <summary>Each broker asked whether it answers.</summary>
    Liveness,

    /// <summary>Brokers, controller, topics, partitions, replicas, ISR, leaders.</summary>
    Topology,
    Quorum,
    Reassignments,
    Offsets,
    LogDirs,
    Groups,
    TopicConfigs,
    BrokerConfigs,

    /// <summary>Release, mode, abilities and missing permissions.</summary>
    Identity,
}

/// <summary>How fresh one kind of sample is, and what of it failed in the last round.</summary>
/// <param name="Interval">How often it is taken; older than three intervals is stale.</param>
/// <param name="Took">How long the last round took.</param>
public sealed record SampleStatus(
    SampleKind Kind,
    TimeSpan Interval,
    DateTimeOffset? LastAttempt,
    DateTimeOffset? LastSuccess,
    TimeSpan? Took,
    ImmutableArray<SampleFailure> Failures)
{
    /// <summary>Requests and bytes the last round cost the cluster.</summary>
    public SampleCost Cost { get; init; }
}

/// <summary>What a round of sampling cost the cluster.</summary>
public readonly record struct SampleCost(long Requests, long BytesSent, long BytesReceived);

/// <summary>Why a part of a sample is missing.</summary>
public enum FailureKind
{
    Unreachable,
    TimedOut,
    Unauthorized,
    Unsupported,
    Authentication,
    Error,
}

/// <summary>One failure of a fan-out: which broker (null: the whole request), what was asked, why, and what to do next.</summary>
public sealed record SampleFailure(int? BrokerId, string Api, FailureKind Kind, string Message);
