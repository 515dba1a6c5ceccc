using ControlPlane.Contracts;
using ControlPlane.Engine.Model;

namespace ControlPlane.Api.Views;

/// <summary>What the fleet and the overview say of a cluster. Ages depend on the clock, so these are made per request.</summary>
internal static class Summaries
{
    public static ClusterSummaryDto Of(ClusterHead head, ClusterView view, string? owner, DateTimeOffset now)
    {
        var model = view.Model;
        var worst = view.Groups is null ? null : WorstGroup(view.Groups);
        var brokers = view.HasTopology ? model.Brokers.Length : (int?)null;
        return new ClusterSummaryDto(
            head.Id.Value,
            head.DisplayName,
            head.Kind,
            head.Labels,
            Known.Word(model.Health.Status),
            model.Health.Sentence,
            model.KafkaClusterId ?? head.KafkaClusterId,
            model.Release,
            owner,
            DataAge(model, now),
            brokers is null ? null : model.Brokers.Count(broker => broker.State is BrokerState.Active or BrokerState.ShuttingDown),
            brokers,
            view.HasTopology ? model.Partitions.TopicCount : null,
            view.HasTopology ? model.Partitions.PartitionCount : null,
            model.Counts.OfflinePartitions,
            model.Counts.UnderMinInSync,
            model.Counts.UnderReplicated,
            model.Counts.BytesIn,
            model.Counts.BytesOut,
            model.Counts.MessagesIn,
            FullestDisk(model),
            model.Groups?.Length,
            worst?.Id,
            worst?.Lag,
            Math.Min(Math.Min(model.Completeness.Brokers, model.Completeness.Partitions), Math.Min(model.Completeness.LogDirs, Math.Min(model.Completeness.Offsets, model.Completeness.Rates))));
    }

    /// <summary>A cluster of which only the settings are known here, and why.</summary>
    public static ClusterSummaryDto Unknown(ClusterHead head, string? owner, string why) => new(
        head.Id.Value, head.DisplayName, head.Kind, head.Labels, StatusWord.Unknown, why, head.KafkaClusterId, null, owner,
        null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    public static ClusterOverviewDto Overview(ClusterHead head, ClusterView view, string? owner, DateTimeOffset now)
    {
        var model = view.Model;
        return new ClusterOverviewDto(
            Of(head, view, owner, now),
            new ControllerDto(model.Controller.Mode, model.Controller.ActiveId, model.Controller.Epoch, Quorum(model.Controller.Voters), Quorum(model.Controller.Observers)),
            [.. model.Health.Findings.Select(Known.Finding)],
            view.Brokers.All,
            new CompletenessDto(model.Completeness.Brokers, model.Completeness.Partitions, model.Completeness.LogDirs, model.Completeness.Offsets, model.Completeness.Rates),
            [.. model.Samples.Select(sample => Freshness(sample, now))],
            model.Counts.Reassigning,
            model.Counts.NotPreferredLeader,
            model.Counts.OfflineLogDirs,
            model.At,
            model.Generation);
    }

    public static FreshnessDto Freshness(SampleStatus sample, DateTimeOffset now)
    {
        var age = sample.LastSuccess is { } success ? Math.Max(0, (now - success).TotalSeconds) : (double?)null;
        return new FreshnessDto(
            Known.Camel(sample.Kind.ToString()),
            sample.Interval.TotalSeconds,
            sample.LastSuccess,
            age,
            age is null || age > 3 * sample.Interval.TotalSeconds,
            sample.Took?.TotalSeconds,
            sample.Cost.Requests,
            sample.Cost.BytesSent,
            sample.Cost.BytesReceived,
            [.. sample.Failures.Select(Known.Failure)]);
    }

    private static double? DataAge(ClusterModel model, DateTimeOffset now)
    {
        double? oldest = null;
        foreach (var sample in model.Samples)
        {
            if (sample.Kind is SampleKind.Liveness or SampleKind.Topology)
            {
                if (sample.LastSuccess is not { } success)
                {
                    return null;
                }

                oldest = Math.Max(oldest ?? 0, (now - success).TotalSeconds);
            }
        }

        return oldest;
    }

    private static double? FullestDisk(ClusterModel model)
    {
        double? fullest = null;
        foreach (var broker in model.Brokers)
        {
            foreach (var dir in broker.LogDirs ?? [])
            {
                if (HealthRules.UsedRatio(dir) is { } ratio && !(ratio <= fullest))
                {
                    fullest = ratio;
                }
            }
        }

        return fullest;
    }

    private static GroupDto? WorstGroup(GroupRows groups)
    {
        GroupDto? worst = null;
        foreach (var group in groups.All)
        {
            if (group.Lag is not null && (worst is null || group.Lag > worst.Lag))
            {
                worst = group;
            }
        }

        return worst;
    }

    private static QuorumReplicaDto[] Quorum(IEnumerable<QuorumReplica> replicas) =>
        [.. replicas.Select(replica => new QuorumReplicaDto(replica.Id, replica.LogEndOffset, replica.Lag, replica.LastCaughtUp))];
}
