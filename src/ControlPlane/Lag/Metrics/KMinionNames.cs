namespace ControlPlane.Lag.Metrics;

/// <summary>The metrics of groups under KMinion's names, with the cluster as one label more: it watches one, we watch many.</summary>
internal static class KMinionNames
{
    public static LagNames All { get; } = new(
        [
            new("kminion_kafka_consumer_group_info", "1 while the group is stable, otherwise 0", Info, one => one.Group.State == "Stable" ? 1 : 0),
            new("kminion_kafka_consumer_group_members", "Members of a group", Group, one => one.Group.Members?.Length),
            new("kminion_kafka_consumer_group_empty_members", "Members of a group without a partition", Group, one => one.Group.Members?.Count(member => member.Assigned.IsEmpty)),
            new("kminion_kafka_consumer_group_offset_commits_total", "Offsets that a group has committed, as they were read from __consumer_offsets", Group, one => one.Commits) { IsCounter = true },
        ],
        [
            new("kminion_kafka_consumer_group_topic_members", "Members of a group that read a topic", Topic, one => one.Of.Group.Members?.Count(member => member.Assigned.Any(assigned => assigned.Topic == one.Topic))),
            new("kminion_kafka_consumer_group_topic_assigned_partitions", "Partitions of a topic that members of a group have", Topic, one => one.Of.Group.Members?.Sum(member => member.Assigned.Count(assigned => assigned.Topic == one.Topic))),
            new("kminion_kafka_consumer_group_topic_offset_sum", "Committed offsets of a group, summed over the partitions of a topic", Topic, one => one.Committed),
            new("kminion_kafka_consumer_group_topic_lag", "Lag of a group on a topic", Topic, one => one.Lag),
        ],
        [new("kminion_kafka_consumer_group_topic_partition_lag", "Lag of a group on a partition", (line, one) => { Labels(line, one.Of, one.Topic); line.Label("partition_id", one.Partition); }, one => one.Lag)],
        [
            new("kminion_kafka_topic_partition_high_water_mark", "Log end offset of a partition that groups read", End, one => one.End < 0 ? null : one.End),
            new("kminion_kafka_topic_partition_low_water_mark", "Log start offset of a partition that groups read", End, one => one.LogStart < 0 ? null : one.LogStart),
        ]);

    private static void Group(SeriesWriter line, GroupFigures one) => line.Label("cluster", one.Cluster).Label("group_id", one.Id);

    /// <summary>Which assignor was agreed on is not read, so protocol is empty.</summary>
    private static void Info(SeriesWriter line, GroupFigures one)
    {
        Group(line, one);
        line.Label("protocol", "").Label("protocol_type", one.Group.ProtocolType ?? "").Label("state", one.Group.State ?? "").Label("coordinator_id", one.Group.CoordinatorId ?? -1);
    }

    private static void Topic(SeriesWriter line, TopicFigures one) => Labels(line, one.Of, one.Topic);

    private static void Labels(SeriesWriter line, GroupFigures group, string topic)
    {
        Group(line, group);
        line.Label("topic_name", topic);
    }

    private static void End(SeriesWriter line, PartitionFigures one) => line.Label("cluster", one.Of.Cluster).Label("topic_name", one.Topic).Label("partition_id", one.Partition);
}
