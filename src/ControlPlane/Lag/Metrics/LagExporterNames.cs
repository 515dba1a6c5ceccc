namespace ControlPlane.Lag.Metrics;

/// <summary>The metrics of kafka-lag-exporter. What it would show as NaN has no line here.</summary>
internal static class LagExporterNames
{
    public static LagNames All { get; } = new(
        [
            new("kafka_consumergroup_group_max_lag", "Lag of the partition of a group that is furthest behind", Group, one => one.Lag is null ? null : one.MaxLag),
            new("kafka_consumergroup_group_max_lag_seconds", "Time lag of the partition of a group that is furthest behind", Group, one => LagNames.Seconds(one.TimeLag)),
            new("kafka_consumergroup_group_sum_lag", "Lag of a group", Group, one => one.Lag),
        ],
        [new("kafka_consumergroup_group_topic_sum_lag", "Lag of a group on a topic", (line, one) => { Group(line, one.Of); line.Label("topic", one.Topic); }, one => one.Lag)],
        [
            new("kafka_consumergroup_group_offset", "Committed offset of a group", Partition, one => one.Committed),
            new("kafka_consumergroup_group_lag", "Lag of a group on a partition", Partition, one => one.Lag),
            new("kafka_consumergroup_group_lag_seconds", "Time lag of a group on a partition", Partition, one => LagNames.Seconds(one.TimeLag)),
        ],
        [
            new("kafka_partition_latest_offset", "Log end offset of a partition that groups read", End, one => one.End < 0 ? null : one.End),
            new("kafka_partition_earliest_offset", "Log start offset of a partition that groups read", End, one => one.LogStart < 0 ? null : one.LogStart),
        ]);

    private static void Group(SeriesWriter line, GroupFigures one) => line.Label("cluster_name", one.Cluster).Label("group", one.Id);

    private static void Partition(SeriesWriter line, PartitionFigures one)
    {
        Group(line, one.Of);
        var owner = one.Owner;
        line.Label("topic", one.Topic).Label("partition", one.Partition).Label("member_host", owner?.Host ?? "").Label("consumer_id", owner?.MemberId ?? "").Label("client_id", owner?.ClientId ?? "");
    }

    private static void End(SeriesWriter line, PartitionFigures one) => line.Label("cluster_name", one.Of.Cluster).Label("topic", one.Topic).Label("partition", one.Partition);
}
