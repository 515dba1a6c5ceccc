using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Connections;

/// <summary>Which Kafka release brought what: brokers tell versions of their APIs, never their own.</summary>
public static class KafkaReleases
{
    private const string MetadataVersion = "metadata.version";

    // The highest metadata.version of each release, newest first (org.apache.kafka.server.common.MetadataVersion).
    private static readonly (short Level, string Release)[] ByMetadataVersion =
    [
        (30, "4.3"), (28, "4.2"), (26, "4.1"), (22, "4.0"), (21, "3.9"), (20, "3.8"), (15, "3.7"), (12, "3.6"), (9, "3.5"), (8, "3.4"), (5, "3.3"),
    ];

    // For brokers with ZooKeeper, and for others that name no metadata.version. Newest first.
    private static readonly (ApiKey Api, short Max, string Release)[] ByApi =
    [
        (ApiKey.OffsetFetch, 10, "4.2"),
        (ApiKey.AlterPartitionReassignments, 1, "4.1"),
        (ApiKey.DescribeCluster, 2, "4.0"),
        (ApiKey.ApiVersions, 4, "3.9"),
        (ApiKey.ListGroups, 5, "3.8"),
        (ApiKey.DescribeCluster, 1, "3.7"),
        (ApiKey.ListOffsets, 8, "3.5"),
        (ApiKey.DescribeLogDirs, 4, "3.3"),
        (ApiKey.DescribeLogDirs, 3, "3.2"),
        (ApiKey.Metadata, 12, "3.1"),
        (ApiKey.OffsetFetch, 8, "3.0"),
        (ApiKey.DescribeCluster, 0, "2.8"),
        (ApiKey.Metadata, 9, "2.4"),
    ];

    private static readonly Dictionary<(ApiKey Api, short Version), string> First = new()
    {
        [(ApiKey.ApiVersions, 0)] = "0.10",
        [(ApiKey.ApiVersions, 3)] = "2.4",
        [(ApiKey.Metadata, 9)] = "2.4",
        [(ApiKey.Metadata, 10)] = "2.8",
        [(ApiKey.Metadata, 12)] = "3.1",
        [(ApiKey.DescribeCluster, 0)] = "2.8",
        [(ApiKey.DescribeCluster, 1)] = "3.7",
        [(ApiKey.DescribeCluster, 2)] = "4.0",
        [(ApiKey.DescribeLogDirs, 1)] = "2.0",
        [(ApiKey.AlterPartitionReassignments, 0)] = "2.4",
        [(ApiKey.AlterPartitionReassignments, 1)] = "4.1",
        [(ApiKey.ListPartitionReassignments, 0)] = "2.4",
        [(ApiKey.AlterReplicaLogDirs, 1)] = "2.0",
        [(ApiKey.ElectLeaders, 2)] = "2.4",
        [(ApiKey.DescribeQuorum, 0)] = "3.3",
        [(ApiKey.DescribeClientQuotas, 0)] = "2.6",
        [(ApiKey.AlterClientQuotas, 0)] = "2.6",
        [(ApiKey.UnregisterBroker, 0)] = "3.3",
        [(ApiKey.DescribeTopicPartitions, 0)] = "3.8",
        [(ApiKey.Fetch, 12)] = "2.7",
        [(ApiKey.Fetch, 13)] = "3.1",
        [(ApiKey.OffsetFetch, 8)] = "3.0",
        [(ApiKey.OffsetFetch, 10)] = "4.2",
        [(ApiKey.ListOffsets, 7)] = "3.0",
        [(ApiKey.ListOffsets, 8)] = "3.5",
        [(ApiKey.ListOffsets, 9)] = "3.9",
        [(ApiKey.ListOffsets, 11)] = "4.2",
        [(ApiKey.FindCoordinator, 4)] = "3.0",
        [(ApiKey.ListGroups, 4)] = "2.6",
        [(ApiKey.ListGroups, 5)] = "3.8",
        [(ApiKey.DescribeGroups, 5)] = "2.4",
        [(ApiKey.ConsumerGroupDescribe, 0)] = "4.0",
        [(ApiKey.ShareGroupDescribe, 1)] = "4.1",
        [(ApiKey.StreamsGroupDescribe, 0)] = "4.1",
        [(ApiKey.DescribeShareGroupOffsets, 0)] = "4.1",
        [(ApiKey.DescribeShareGroupOffsets, 1)] = "4.2",
        [(ApiKey.AlterShareGroupOffsets, 0)] = "4.1",
        [(ApiKey.DeleteShareGroupOffsets, 0)] = "4.1",
        [(ApiKey.IncrementalAlterConfigs, 1)] = "2.4",
        [(ApiKey.DescribeConfigs, 4)] = "2.8",
        [(ApiKey.SaslHandshake, 1)] = "1.0",
        [(ApiKey.SaslAuthenticate, 1)] = "2.2",
    };

    /// <summary>The first release whose brokers serve this version of the API; null where we don't know.</summary>
    public static string? FirstWith(ApiKey api, short version) => First.GetValueOrDefault((api, version));

    internal static string? Guess(ApiVersionTable table)
    {
        if (table.SupportedFeatures.TryGetValue(MetadataVersion, out var range))
        {
            var known = ByMetadataVersion.FirstOrDefault(entry => range.Max >= entry.Level).Release;
            return known == ByMetadataVersion[0].Release && range.Max > ByMetadataVersion[0].Level ? $"{known}+" : known;
        }

        return ByApi.FirstOrDefault(entry => table.RangeOf(entry.Api) is { } offered && offered.Max >= entry.Max).Release;
    }
}
