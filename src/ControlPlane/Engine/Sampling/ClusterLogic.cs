using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>The next state and what is to be done about it.</summary>
public readonly record struct ClusterStep(ClusterState State, ImmutableArray<ClusterEffect> Effects);

/// <summary>Every decision on a cluster's picture: state and message in, next state and effects out.</summary>
public static class ClusterLogic
{
    public static ClusterStep Handle(ClusterState state, ClusterMessage message, DateTimeOffset now)
    {
        var merged = Merge(state, message, now);
        var model = ModelBuilder.Build(state, merged, message as SampleMessage, now);
        var next = merged with { Model = model };
        return new ClusterStep(next, Effects(state, next, message));
    }

    private static ClusterState Merge(ClusterState state, ClusterMessage message, DateTimeOffset now) => message switch
    {
        ConnectionBroke broke => LivenessMerge.Break(state, broke.Probe.BrokerId),
        BrokersChecked { Sample.Value: { } sample } => LivenessMerge.Apply(state, sample.Probes, now),
        BrokersChecked => state,
        SampleTaken<LivenessSample> { Sample.Value: { } sample } => LivenessMerge.Apply(state, sample.Probes, now),
        SampleTaken<TopologySample> { Sample.Value: { } sample } => ClusterMerge.Topology(state, sample, now),
        SampleTaken<QuorumSample> { Sample.Value: { } sample } => ClusterMerge.Quorum(state, sample),
        SampleTaken<ReassignmentsSample> { Sample.Value: { } sample } => ClusterMerge.Reassignments(state, sample),
        SampleTaken<OffsetsSample> { Sample: { Value: { } sample } whole } => LoadMerge.Offsets(state, sample, whole.At),
        SampleTaken<LogDirsSample> { Sample: { Value: { } sample } whole } => LoadMerge.LogDirs(state, sample, whole.At),
        SampleTaken<GroupsSample> { Sample: { Value: { } sample } whole } => LoadMerge.Groups(state, sample, whole.At),
        SampleTaken<BrokerConfigsSample> { Sample: { Value: { } sample } whole } => ClusterMerge.BrokerConfigs(state, sample, whole.At),
        SampleTaken<TopicConfigsSample> { Sample: { Value: { } sample } whole } => ClusterMerge.TopicConfigs(state, sample, whole.At),
        SampleTaken<IdentitySample> { Sample.Value: { } sample } => ClusterMerge.Identity(state, sample),
        GroupsJudged judged => state with { Model = state.Model with { Judgements = judged.Judgements } },
        SampleMessage { HasValue: false } => state,
        _ => throw new InvalidOperationException($"Unhandled cluster message {message.GetType().Name}"),
    };

    private static ImmutableArray<ClusterEffect> Effects(ClusterState before, ClusterState after, ClusterMessage message)
    {
        var effects = ImmutableArray.CreateBuilder<ClusterEffect>();
        var brokersChanged = AddBrokerChanges(effects, before, after);
        if (before.Model.Health.Status != after.Model.Health.Status)
        {
            effects.Add(new ClusterEffect.HealthChanged(before.Model.Health.Status, after.Model.Health));
        }

        AddLeadership(effects, before.Model, after.Model);
        var doubtful = Doubtful(after, message);
        if (!doubtful.IsEmpty)
        {
            effects.Add(new ClusterEffect.CheckBrokers(doubtful));
        }

        if (brokersChanged || IsOtherState(before.Model, after.Model))
        {
            effects.Add(new ClusterEffect.StateChanged());
        }
        else if (message is SampleMessage { Kind: not SampleKind.Liveness } or GroupsJudged)
        {
            effects.Add(new ClusterEffect.LoadChanged());
        }

        return effects.ToImmutable();
    }

    private static bool AddBrokerChanges(ImmutableArray<ClusterEffect>.Builder effects, ClusterState before, ClusterState after)
    {
        var changed = before.Brokers.Length != after.Brokers.Length;
        foreach (var broker in after.Brokers)
        {
            var index = before.Model.FindBroker(broker.Id);
            var old = index < 0 ? BrokerState.Unknown : before.Brokers[index].Liveness.State;
            if (old != broker.Liveness.State)
            {
                effects.Add(new ClusterEffect.BrokerChanged(broker.Id, old, broker.Liveness.State, broker.Liveness.Evidence));
                changed = true;
            }
        }

        return changed;
    }

    /// <summary>First sight is no change: only what was known before can have changed.</summary>
    private static void AddLeadership(ImmutableArray<ClusterEffect>.Builder effects, ClusterModel before, ClusterModel after)
    {
        if (before.Controller.Mode is not null && before.Controller.ActiveId != after.Controller.ActiveId)
        {
            effects.Add(new ClusterEffect.ControllerChanged(before.Controller.ActiveId, after.Controller.ActiveId));
        }

        var (changed, lost) = LeaderChanges.Count(before, after);
        if (changed > 0)
        {
            effects.Add(new ClusterEffect.LeadersChanged(changed, lost));
        }
    }

    private static bool IsOtherState(ClusterModel before, ClusterModel after) =>
        !ReferenceEquals(before.Partitions, after.Partitions)
        || before.Health != after.Health
        || before.Identity != after.Identity
        || before.Controller != after.Controller
        || before.Reassigning != after.Reassigning;

    /// <summary>Brokers that just missed an answer and are still counted as alive: a second look decides.</summary>
    private static ImmutableArray<int> Doubtful(ClusterState state, ClusterMessage message)
    {
        ImmutableArray<BrokerProbe> probes = message switch
        {
            ConnectionBroke broke => [broke.Probe],
            BrokersChecked { Sample.Value: { } sample } => sample.Probes,
            SampleTaken<LivenessSample> { Sample.Value: { } sample } => sample.Probes,
            _ => [],
        };
        return
        [
            .. probes
                .Where(probe => probe.Outcome is not (ProbeOutcome.Answered or ProbeOutcome.Failed))
                .Select(probe => probe.BrokerId)
                .Where(id => state.Model.FindBroker(id) is >= 0 and var index
                    && state.Brokers[index].Liveness.State is BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown),
        ];
    }
}
