namespace ControlPlane.Lag.Metrics;

/// <summary>The metrics of Burrow 1.9, by its own rules. Partitions that a group never committed on have no line here, nor has what is over the budget.</summary>
internal static class BurrowNames
{
    public static LagNames All { get; } = new(
        [
            new("burrow_kafka_consumer_lag_total", "The sum of all partition current lag values for the group", Group, one => one.Burrow.TotalLag),
            new("burrow_kafka_consumer_status", "The status of the group: 1 OK, 2 WARN, 3 ERR", Group, one => (int)one.Burrow.Status),
        ],
        [],
        [
            new("burrow_kafka_consumer_partition_lag", "Lag of a group on one partition", Partition, one => Math.Max(0, one.Burrow.CurrentLag)),
            new("burrow_kafka_consumer_current_offset", "Offset that a group has committed, once its window is full", Partition, one => one.Burrow.Complete == 1 ? one.Committed : null),
            new("burrow_kafka_topic_partition_status", "Status of one partition of a group, once its window is full: 1 OK, 2 WARN, 4 STOP, 5 STALL, 6 REWIND", Partition, one => one.Burrow.Complete == 1 ? (int)one.Burrow.Status : null),
        ],
        [
            new("burrow_kafka_topic_partition_offset", "Log end offset of a partition that groups read", (line, one) => line.Label("cluster", one.Of.Cluster).Label("partition", one.Partition).Label("topic", one.Topic), one => one.End < 0 ? null : one.End),
        ]);

    private static void Group(SeriesWriter line, GroupFigures one) => line.Label("cluster", one.Cluster).Label("consumer_group", one.Id);

    private static void Partition(SeriesWriter line, PartitionFigures one)
    {
        Group(line, one.Of);
        line.Label("partition", one.Partition).Label("topic", one.Topic);
    }
}
