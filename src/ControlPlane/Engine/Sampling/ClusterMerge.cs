using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>Takes the samples of the cluster's shape and settings into its state. What a sample does not change is shared.</summary>
internal static class ClusterMerge
{
    public static ClusterState Topology(ClusterState state, TopologySample sample, DateTimeOffset now)
    {
        var model = state.Model;
        var merged = TopologyMerge.Merge(model.Partitions, state.BrokerIds(), sample, LivenessMerge.Kept(state, sample, now));
        var (table, reassigning) = ReassignmentMarks.Apply(merged.Table, state.Reassignments, merged.BrokerIds);
        table = table with { ReplicaFlags = TopologyMerge.Keep(model.Partitions.ReplicaFlags, table.ReplicaFlags) };
        var isSame = merged.OldPartitionOf is null && merged.OldSlotOf is null && SharesAll(model.Partitions, table);
        table = isSame ? model.Partitions : table;
        var duties = isSame ? state.Duties : BrokerDuties.Of(table, merged.BrokerIds.Length);
        return state with
        {
            Brokers = LivenessMerge.See(state, sample, merged.BrokerIds, duties, now),
            Duties = duties,
            Windows = merged.OldPartitionOf is { } oldOf ? state.Windows.Remap(oldOf) : state.Windows,
            Model = model with
            {
                KafkaClusterId = sample.KafkaClusterId ?? model.KafkaClusterId,
                Partitions = table,
                Reassigning = state.Reassignments is null ? null : KeepList(model.Reassigning, reassigning),
                Load = LoadMerge.Remap(model.Load, table, merged.OldPartitionOf, merged.OldSlotOf),
            },
        };
    }

    public static ClusterState Identity(ClusterState state, IdentitySample sample)
    {
        var next = new ClusterIdentity(sample.Release, sample.Mode, sample.Capabilities, sample.Missing);
        var model = state.Model;
        return next == model.Identity ? state : state with { Model = model with { Identity = next, KafkaClusterId = model.KafkaClusterId ?? sample.KafkaClusterId } };
    }

    public static ClusterState Quorum(ClusterState state, QuorumSample sample)
    {
        var before = state.Model.Controller;
        var next = new ControllerPicture(sample.Mode, sample.LeaderId, sample.Epoch, sample.Voters, sample.Observers);
        var isSame = before.Mode == next.Mode && before.ActiveId == next.ActiveId && before.Epoch == next.Epoch
            && before.Voters.SequenceEqual(next.Voters) && before.Observers.SequenceEqual(next.Observers);
        return isSame ? state : state with { Model = state.Model with { Controller = next } };
    }

    public static ClusterState Reassignments(ClusterState state, ReassignmentsSample sample)
    {
        var model = state.Model;
        var (table, reassigning) = ReassignmentMarks.Apply(model.Partitions, sample, state.BrokerIds());
        return state with
        {
            Reassignments = sample,
            Model = model with { Partitions = table, Reassigning = KeepList(model.Reassigning, reassigning) },
        };
    }

    public static ClusterState BrokerConfigs(ClusterState state, BrokerConfigsSample sample, DateTimeOffset at)
    {
        var configs = state.Model.Configs;
        return WithConfigs(state, configs with { Brokers = configs.Brokers.SetItems(sample.ByBroker), BrokersAt = at });
    }

    public static ClusterState TopicConfigs(ClusterState state, TopicConfigsSample sample, DateTimeOffset at)
    {
        var (configs, table) = (state.Model.Configs, state.Model.Partitions);
        var minInSync = (short[])table.TopicMinInSync.Clone();
        foreach (var (topic, value) in sample.MinInSync)
        {
            if (table.FindTopic(topic) is >= 0 and var index)
            {
                minInSync[index] = value;
            }
        }

        var overrides = configs.TopicOverrides
            .RemoveRange(sample.MinInSync.Keys)
            .RemoveRange(configs.TopicOverrides.Keys.Where(topic => table.FindTopic(topic) < 0))
            .SetItems(sample.Overrides);
        minInSync = TopologyMerge.Keep(table.TopicMinInSync, minInSync);
        var next = WithConfigs(state, configs with { TopicOverrides = overrides, TopicsAt = at });
        return ReferenceEquals(minInSync, table.TopicMinInSync)
            ? next
            : next with { Model = next.Model with { Partitions = table with { TopicMinInSync = minInSync } } };
    }

    private static ClusterState WithConfigs(ClusterState state, ConfigPicture configs) =>
        state with { Model = state.Model with { Configs = configs } };

    private static ImmutableArray<int> KeepList(ImmutableArray<int>? before, ImmutableArray<int> now) =>
        before is { } old && old.AsSpan().SequenceEqual(now.AsSpan()) ? old : now;

    private static bool SharesAll(PartitionTable before, PartitionTable now) =>
        ReferenceEquals(before.TopicName, now.TopicName)
        && ReferenceEquals(before.TopicId, now.TopicId)
        && ReferenceEquals(before.TopicInternal, now.TopicInternal)
        && ReferenceEquals(before.TopicMinInSync, now.TopicMinInSync)
        && ReferenceEquals(before.Leader, now.Leader)
        && ReferenceEquals(before.LeaderEpoch, now.LeaderEpoch)
        && ReferenceEquals(before.ReplicaStart, now.ReplicaStart)
        && ReferenceEquals(before.ReplicaBroker, now.ReplicaBroker)
        && ReferenceEquals(before.ReplicaFlags, now.ReplicaFlags);
}
