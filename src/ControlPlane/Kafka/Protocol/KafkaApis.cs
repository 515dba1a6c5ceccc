namespace ControlPlane.Kafka.Protocol;

/// <summary>Every API that this client speaks, in the order of their keys.</summary>
public static class KafkaApis
{
    public static IReadOnlyList<ApiDescriptor> All { get; } =
    [
        FetchRequest.Descriptor,
        ListOffsetsRequest.Descriptor,
        MetadataRequest.Descriptor,
        OffsetCommitRequest.Descriptor,
        OffsetFetchRequest.Descriptor,
        FindCoordinatorRequest.Descriptor,
        DescribeGroupsRequest.Descriptor,
        ListGroupsRequest.Descriptor,
        SaslHandshakeRequest.Descriptor,
        ApiVersionsRequest.Descriptor,
        DescribeConfigsRequest.Descriptor,
        AlterReplicaLogDirsRequest.Descriptor,
        DescribeLogDirsRequest.Descriptor,
        SaslAuthenticateRequest.Descriptor,
        DeleteGroupsRequest.Descriptor,
        ElectLeadersRequest.Descriptor,
        IncrementalAlterConfigsRequest.Descriptor,
        AlterPartitionReassignmentsRequest.Descriptor,
        ListPartitionReassignmentsRequest.Descriptor,
        OffsetDeleteRequest.Descriptor,
        DescribeClientQuotasRequest.Descriptor,
        AlterClientQuotasRequest.Descriptor,
        DescribeQuorumRequest.Descriptor,
        DescribeClusterRequest.Descriptor,
        UnregisterBrokerRequest.Descriptor,
        ConsumerGroupDescribeRequest.Descriptor,
        DescribeTopicPartitionsRequest.Descriptor,
        ShareGroupDescribeRequest.Descriptor,
        StreamsGroupDescribeRequest.Descriptor,
        DescribeShareGroupOffsetsRequest.Descriptor,
        AlterShareGroupOffsetsRequest.Descriptor,
        DeleteShareGroupOffsetsRequest.Descriptor,
    ];

    private static readonly Dictionary<ApiKey, ApiDescriptor> ByKey = All.ToDictionary(api => api.Key);

    public static bool TryGet(ApiKey key, out ApiDescriptor api) => ByKey.TryGetValue(key, out api);
}
