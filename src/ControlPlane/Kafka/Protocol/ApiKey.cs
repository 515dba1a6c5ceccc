namespace ControlPlane.Kafka.Protocol;

/// <summary>Kafka API keys that this client speaks.</summary>
public enum ApiKey : short
{
    Fetch = 1,
    ListOffsets = 2,
    Metadata = 3,
    OffsetCommit = 8,
    OffsetFetch = 9,
    FindCoordinator = 10,
    DescribeGroups = 15,
    ListGroups = 16,
    SaslHandshake = 17,
    ApiVersions = 18,
    DescribeConfigs = 32,
    AlterReplicaLogDirs = 34,
    DescribeLogDirs = 35,
    SaslAuthenticate = 36,
    DeleteGroups = 42,
    ElectLeaders = 43,
    IncrementalAlterConfigs = 44,
    AlterPartitionReassignments = 45,
    ListPartitionReassignments = 46,
    OffsetDelete = 47,
    DescribeClientQuotas = 48,
    AlterClientQuotas = 49,
    DescribeQuorum = 55,
    DescribeCluster = 60,
    UnregisterBroker = 64,
    ConsumerGroupDescribe = 69,
    DescribeTopicPartitions = 75,
}
