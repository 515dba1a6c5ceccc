namespace ControlPlane.Lag.Metrics;

/// <summary>This product's own metrics of groups.</summary>
internal static class OwnNames
{
    private static readonly LagName<GroupFigures>[] Groups =
    [
        new("kcp_consumer_group_lag", "Log end offset less committed offset, over the partitions of a group where both are known", Group, one => one.Lag),
        new("kcp_consumer_group_status", "Judgement of a group in Burrow's numbers: 1 OK, 2 WARN, 3 ERR", Group, one => one.Judgement?.Word switch { null => null, "OK" => 1, "WARN" => 2, _ => 3 }),
        new("kcp_consumer_group_time_lag_seconds", "How long the oldest unread record of a group waits; at least so long where the history is shorter", Group, one => one.Judgement?.TimeLagMs / 1000.0),
        new("kcp_consumer_group_advised_members", "Members that would hold the time-lag objective at the measured rates, never more than partitions", Group, one => one.Judgement?.AdvisedMembers),
    ];

    private static readonly LagName<TopicFigures>[] Topics =
    [
        new("kcp_consumer_group_topic_lag", "Lag of a group on one topic", Topic, one => one.Lag),
        new("kcp_consumer_group_topic_time_lag_seconds", "How long the oldest unread record of a topic waits for a group", Topic, one => LagNames.Seconds(one.TimeLag)),
    ];

    private static readonly LagName<PartitionFigures>[] Partitions =
    [
        new("kcp_consumer_group_partition_lag", "Lag of a group on one partition", Partition, one => one.Lag),
        new("kcp_consumer_group_partition_time_lag_seconds", "How long the oldest unread record of a partition waits for a group", Partition, one => LagNames.Seconds(one.TimeLag)),
    ];

    /// <summary>Names that are written here and need not be measured at each scrape.</summary>
    public static IReadOnlySet<string> OfGroups { get; } = Groups.Select(name => name.Name).ToHashSet(StringComparer.Ordinal);

    public static LagNames Of(LagMetricsLevel level) =>
        new(Groups, level >= LagMetricsLevel.Topic ? Topics : [], level >= LagMetricsLevel.Partition ? Partitions : [], []);

    private static void Group(SeriesWriter line, GroupFigures one) => line.Label("cluster", one.Cluster).Label("group", one.Id);

    private static void Topic(SeriesWriter line, TopicFigures one)
    {
        Group(line, one.Of);
        line.Label("topic", one.Topic);
    }

    private static void Partition(SeriesWriter line, PartitionFigures one)
    {
        Group(line, one.Of);
        line.Label("partition", one.Partition).Label("topic", one.Topic);
    }
}
