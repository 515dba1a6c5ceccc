namespace ControlPlane.Lag.Metrics;

/// <summary>The metrics of groups under the names of kafka_exporter, with the cluster as one label more.</summary>
internal static class KafkaExporterNames
{
    public static LagNames All { get; } = new(
        [new("kafka_consumergroup_members", "Members of a group", Group, one => one.Group.Members?.Length)],
        [
            new("kafka_consumergroup_current_offset_sum", "Committed offsets of a group, summed over the partitions of a topic", Topic, one => one.Committed - one.Uncommitted), // its -1 are summed too
            new("kafka_consumergroup_lag_sum", "Lag of a group on a topic", Topic, one => one.Lag),
        ],
        [
            new("kafka_consumergroup_current_offset", "Committed offset of a group; -1 where it has none on a topic that it reads", Partition, one => one.Committed) { TellsUncommitted = true },
            new("kafka_consumergroup_lag", "Lag of a group on a partition; -1 where it has committed nothing on it", Partition, one => one.Lag) { TellsUncommitted = true },
        ],
        [
            new("kafka_topic_partition_current_offset", "Log end offset of a partition that groups read", End, one => one.End < 0 ? null : one.End),
            new("kafka_topic_partition_oldest_offset", "Log start offset of a partition that groups read", End, one => one.LogStart < 0 ? null : one.LogStart),
        ]);

    private static void Group(SeriesWriter line, GroupFigures one) => line.Label("cluster", one.Cluster).Label("consumergroup", one.Id);

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

    private static void End(SeriesWriter line, PartitionFigures one) => line.Label("cluster", one.Of.Cluster).Label("partition", one.Partition).Label("topic", one.Topic);
}
