using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>What can happen to a cluster's state. A closed family; <see cref="ClusterLogic"/> handles each.</summary>
public abstract record ClusterMessage;

/// <summary>A round of one kind of sample came back, whole, partial or failed.</summary>
/// <param name="Interval">The cadence this kind is taken at now.</param>
public abstract record SampleMessage(SampleKind Kind, TimeSpan Interval) : ClusterMessage
{
    public abstract DateTimeOffset At { get; }

    public abstract bool HasValue { get; }

    public abstract ImmutableArray<SampleFailure> Failures { get; }

    public abstract TimeSpan Took { get; }

    public abstract SampleCost Cost { get; }
}

/// <summary>A round whose value is a <typeparamref name="T"/>.</summary>
public sealed record SampleTaken<T>(SampleKind Kind, TimeSpan Interval, Sampled<T> Sample) : SampleMessage(Kind, Interval)
    where T : class
{
    public override DateTimeOffset At => Sample.At;

    public override bool HasValue => Sample.Value is not null;

    public override ImmutableArray<SampleFailure> Failures => Sample.Failures;

    public override TimeSpan Took => Sample.Took;

    public override SampleCost Cost => Sample.Cost;
}

/// <summary>A connection to a broker broke by itself.</summary>
public sealed record ConnectionBroke(BrokerProbe Probe, DateTimeOffset At) : ClusterMessage;

/// <summary>Some brokers were probed out of turn.</summary>
public sealed record BrokersChecked(Sampled<LivenessSample> Sample) : ClusterMessage;

/// <summary>The lag of all groups was judged anew.</summary>
public sealed record GroupsJudged(IReadOnlyDictionary<string, GroupJudgement> Judgements) : ClusterMessage;

/// <summary>What the host is to do after a message. A closed family.</summary>
public abstract record ClusterEffect
{
    /// <summary>Look at these brokers, and at who leads what, at once.</summary>
    public sealed record CheckBrokers(ImmutableArray<int> BrokerIds) : ClusterEffect;

    /// <summary>Something a person would want to see at once has changed.</summary>
    public sealed record StateChanged : ClusterEffect;

    /// <summary>Numbers have changed.</summary>
    public sealed record LoadChanged : ClusterEffect;

    /// <summary>A broker went from one state to another.</summary>
    public sealed record BrokerChanged(int BrokerId, BrokerState Before, BrokerState After, string Evidence) : ClusterEffect;

    /// <summary>Another node leads the metadata quorum, or none does; null where none was known.</summary>
    public sealed record ControllerChanged(int? Before, int? After) : ClusterEffect;

    /// <summary>Partitions are led by another broker than before.</summary>
    /// <param name="Partitions">How many.</param>
    /// <param name="Lost">How many of them have no leader now.</param>
    public sealed record LeadersChanged(int Partitions, int Lost) : ClusterEffect;

    /// <summary>The verdict went from one status to another.</summary>
    public sealed record HealthChanged(Status Before, ClusterHealth After) : ClusterEffect;
}
