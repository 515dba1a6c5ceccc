using System.Diagnostics.Metrics;
using ControlPlane.Engine.Model;

namespace ControlPlane.Clusters;

/// <summary>What this process exports of the clusters it owns; a cluster that is handed over is gone from the next reading.</summary>
internal sealed class ClusterMetrics
{
    public const string MeterName = "ControlPlane";

    private readonly ClusterRegistry _registry;
    private readonly TimeProvider _time;

    public ClusterMetrics(IMeterFactory meters, ClusterRegistry registry, ProcessIdentity process, TimeProvider time)
    {
        (_registry, _time) = (registry, time);
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("kcp_build_info", () => new Measurement<int>(1, Tag("version", process.Version)), description: "1, with the version of this process");
        meter.CreateObservableGauge("kcp_leader", () => Each(_ => 1), description: "1 for each cluster that this process owns");
        meter.CreateObservableGauge("kcp_ownership_epoch", () => Owned().Select(owned => new Measurement<long>(owned.Lease.Epoch, Tag("cluster", owned.Id.Value))), description: "Fencing epoch of the ownership of a cluster");
        meter.CreateObservableGauge("kcp_ownership_lease_remaining_seconds", () => Owned().Select(owned => new Measurement<double>(owned.Lease.TimeLeft(_time).TotalSeconds, Tag("cluster", owned.Id.Value))), "s", "Time left on the lease of a cluster");
        meter.CreateObservableGauge("kcp_cluster_up", () => Each(model => model.Brokers.Any(broker => broker.State is BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown) ? 1 : 0), description: "1 while at least one broker of the cluster answers");
        meter.CreateObservableGauge("kcp_cluster_health_state", HealthStates, description: "1 for the status word that holds for the cluster, 0 for the others");
        meter.CreateObservableGauge("kcp_broker_up", () => Models().SelectMany(pair => pair.Model.Brokers, (pair, broker) => new Measurement<int>(broker.State is BrokerState.Active or BrokerState.Starting or BrokerState.ShuttingDown ? 1 : 0, Tag("cluster", pair.Id), Tag("broker_id", broker.Id))), description: "1 while the broker answers");
        CreatePartitionGauges(meter);
        CreateModelGauges(meter);
    }

    private void CreatePartitionGauges(Meter meter)
    {
        Count("kcp_cluster_offline_partitions", counts => counts.OfflinePartitions, "Partitions without a leader");
        Count("kcp_cluster_under_min_isr_partitions", counts => counts.UnderMinInSync, "Partitions with fewer in-sync replicas than min.insync.replicas");
        Count("kcp_cluster_under_replicated_partitions", counts => counts.UnderReplicated, "Partitions with replicas out of sync");
        Count("kcp_cluster_reassigning_partitions", counts => counts.Reassigning, "Partitions that are being reassigned");
        meter.CreateObservableGauge("kcp_cluster_in_bytes_per_second", () => Known(model => model.Counts.BytesIn), description: "Bytes produced to the cluster per second, as far as measured");
        meter.CreateObservableGauge("kcp_cluster_out_bytes_per_second", () => Known(model => model.Counts.BytesOut), description: "Bytes consumed from the cluster per second, as far as committed offsets show");
        meter.CreateObservableGauge("kcp_cluster_in_messages_per_second", () => Known(model => model.Counts.MessagesIn), description: "Records produced to the cluster per second");
        meter.CreateObservableGauge("kcp_consumer_group_lag", GroupLags, description: "Log end offset less committed offset, over the partitions of a group where both are known");

        void Count(string name, Func<ClusterCounts, int?> count, string description) =>
            meter.CreateObservableGauge(name, () => Known(model => count(model.Counts)), description: description);
    }

    private void CreateModelGauges(Meter meter)
    {
        meter.CreateObservableGauge("kcp_model_generation", () => Models().Select(pair => new Measurement<long>(pair.Model.Generation, Tag("cluster", pair.Id))), description: "Generation of the published picture of a cluster");
        meter.CreateObservableGauge("kcp_model_completeness_ratio", Completeness, description: "Share of the cluster that the picture covers, by part");
        meter.CreateObservableGauge(
            "kcp_sample_age_seconds",
            () => Models().SelectMany(
                pair => pair.Model.Samples.Where(sample => sample.LastSuccess is not null),
                (pair, sample) => new Measurement<double>((_time.GetUtcNow() - sample.LastSuccess!.Value).TotalSeconds, Tag("cluster", pair.Id), Tag("kind", Kinds.Name(sample.Kind)))),
            "s",
            "Time since the last successful sample of a kind");
    }

    private IEnumerable<OwnedCluster> Owned() => _registry.OwnedClusters.Where(cluster => cluster.MayAct);

    private IEnumerable<(string Id, ClusterModel Model)> Models() =>
        Owned().Where(cluster => cluster.Actor.Model is not null).Select(cluster => (cluster.Id.Value, cluster.Actor.Model!));

    private IEnumerable<Measurement<int>> Each(Func<ClusterModel, int> value) =>
        Models().Select(pair => new Measurement<int>(value(pair.Model), Tag("cluster", pair.Id)));

    /// <summary>What is unknown has no series, rather than a zero.</summary>
    private IEnumerable<Measurement<double>> Known(Func<ClusterModel, double?> value) =>
        Models().Select(pair => (pair.Id, Value: value(pair.Model))).Where(pair => pair.Value is not null)
            .Select(pair => new Measurement<double>(pair.Value!.Value, Tag("cluster", pair.Id)));

    private IEnumerable<Measurement<int>> HealthStates() => Models().SelectMany(
        pair => Enum.GetValues<Status>(),
        (pair, status) => new Measurement<int>(pair.Model.Health.Status == status ? 1 : 0, Tag("cluster", pair.Id), Tag("state", status.ToString().ToUpperInvariant())));

    private IEnumerable<Measurement<double>> Completeness() => Models().SelectMany(pair =>
    {
        var share = pair.Model.Completeness;
        return new (string Part, double Share)[]
        {
            ("brokers", share.Brokers), ("partitions", share.Partitions), ("log_dirs", share.LogDirs), ("offsets", share.Offsets), ("rates", share.Rates),
        }.Select(part => new Measurement<double>(part.Share, Tag("cluster", pair.Id), Tag("part", part.Part)));
    });

    private IEnumerable<Measurement<long>> GroupLags() => Models().SelectMany(pair => (pair.Model.Groups ?? [])
        .Select(group => (group.Id, GroupLag.Of(pair.Model, group).Lag))
        .Where(group => group.Lag is not null)
        .Select(group => new Measurement<long>(group.Lag!.Value, Tag("cluster", pair.Id), Tag("group", group.Id))));

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);
}

/// <summary>Words for kinds of samples, as metrics and logs spell them.</summary>
internal static class Kinds
{
    public static string Name(SampleKind kind) => kind switch
    {
        SampleKind.Liveness => "liveness",
        SampleKind.Topology => "topology",
        SampleKind.Quorum => "quorum",
        SampleKind.Reassignments => "reassignments",
        SampleKind.Offsets => "offsets",
        SampleKind.LogDirs => "log_dirs",
        SampleKind.Groups => "groups",
        SampleKind.TopicConfigs => "topic_configs",
        SampleKind.BrokerConfigs => "broker_configs",
        SampleKind.Identity => "identity",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of sample"),
    };
}
