using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Admin;

/// <summary>Turns error codes of answers into exceptions that say what to do.</summary>
internal static class AdminErrors
{
    public static KafkaException Of(ErrorCode code, string? message, KafkaNode broker, ApiKey api, string? subject = null)
    {
        var about = subject is null ? "" : $" for {subject}";
        var detail = string.IsNullOrWhiteSpace(message) ? "" : $": {ConnectionErrors.Printable(message).TrimEnd('.')}";
        var next = code is ErrorCode.ClusterAuthorizationFailed or ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed
            ? $"The principal of this connection needs {Permission(api)}."
            : code.Hint();
        return new KafkaException(code, broker, api, $"{broker} answered {api}{about} with {code.KafkaName()}{detail}. {next}");
    }

    /// <summary>The ACL that an API asks for.</summary>
    public static string Permission(ApiKey api) => api switch
    {
        ApiKey.AlterPartitionReassignments or ApiKey.ElectLeaders or ApiKey.AlterReplicaLogDirs or ApiKey.UnregisterBroker => "Alter on Cluster",
        ApiKey.ListPartitionReassignments or ApiKey.DescribeLogDirs or ApiKey.DescribeQuorum or ApiKey.DescribeCluster or ApiKey.ListGroups => "Describe on Cluster",
        ApiKey.DescribeClientQuotas => "DescribeConfigs on Cluster",
        ApiKey.AlterClientQuotas => "AlterConfigs on Cluster",
        ApiKey.DescribeConfigs => "DescribeConfigs on Cluster for brokers, on Topic for topics",
        ApiKey.IncrementalAlterConfigs => "AlterConfigs on Cluster for brokers, on Topic for topics",
        ApiKey.Metadata or ApiKey.DescribeTopicPartitions or ApiKey.ListOffsets => "Describe on Topic",
        ApiKey.Fetch => "Read on Topic",
        ApiKey.FindCoordinator or ApiKey.OffsetFetch or ApiKey.DescribeGroups or ApiKey.ConsumerGroupDescribe
            or ApiKey.ShareGroupDescribe or ApiKey.StreamsGroupDescribe or ApiKey.DescribeShareGroupOffsets => "Describe on Group (and on the topics read)",
        ApiKey.OffsetCommit or ApiKey.AlterShareGroupOffsets => "Read on Group and on the topics",
        ApiKey.OffsetDelete or ApiKey.DeleteShareGroupOffsets => "Delete on Group and Read on the topics",
        ApiKey.DeleteGroups => "Delete on Group",
        _ => "more rights",
    };
}
