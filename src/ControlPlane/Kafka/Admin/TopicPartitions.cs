namespace ControlPlane.Kafka.Admin;

/// <summary>Some partitions of one topic.</summary>
public sealed record TopicPartitions(string Topic, int[] Partitions);
