using ControlPlane.Kafka.Protocol;
using Xunit;

namespace ControlPlane.Kafka.Tests.Protocol;

/// <summary>What a request asks for decides which versions can carry it: a broker too old is not asked, rather than ignoring a field.</summary>
public sealed class RequestRangeTests
{
    private static readonly Guid Id = new("00112233-4455-6677-8899-aabbccddeeff");

    [Fact]
    public void A_forbidden_change_of_the_replication_factor_needs_the_guard() =>
        Assert.Equal((1, 1), Range(new AlterPartitionReassignmentsRequest([]) { AllowReplicationFactorChange = false }));

    [Fact]
    public void A_reassignment_without_the_guard_goes_to_any_broker() =>
        Assert.Equal((0, 1), Range(new AlterPartitionReassignmentsRequest([])));

    [Fact]
    public void Committed_offsets_by_name_stay_below_the_version_that_has_only_ids()
    {
        Assert.Equal((8, 9), Range(new OffsetFetchRequest([])));
        Assert.Equal((10, 10), Range(new OffsetFetchRequest([]) { UseTopicIds = true }));
    }

    [Fact]
    public void Topics_by_id_need_a_broker_that_looks_them_up()
    {
        Assert.Equal((12, 13), Range(new MetadataRequest([new(null, Id)])));
        Assert.Equal((9, 13), Range(new MetadataRequest([new("orders")])));
        Assert.Equal((9, 13), Range(new MetadataRequest(Topics: null)));
    }

    [Fact]
    public void Controllers_share_groups_and_group_types_need_versions_that_know_them()
    {
        Assert.Equal((1, 2), Range(new DescribeClusterRequest { EndpointType = EndpointType.Controllers }));
        Assert.Equal((0, 2), Range(new DescribeClusterRequest { IncludeFencedBrokers = true }));
        Assert.Equal((6, 6), Range(new FindCoordinatorRequest(CoordinatorKeyType.Share, [])));
        Assert.Equal((4, 6), Range(new FindCoordinatorRequest(CoordinatorKeyType.Group, [])));
        Assert.Equal((5, 5), Range(new ListGroupsRequest([], ["consumer"])));
        Assert.Equal((4, 5), Range(new ListGroupsRequest(["Stable"], [])));
    }

    private static (int Min, int Max) Range<T>(IKafkaRequest<T> request) => (request.Api.MinVersion, request.Api.MaxVersion);
}
