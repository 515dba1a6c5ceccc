using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Tests.Connections;
using ControlPlane.Testing;
using Xunit;

namespace ControlPlane.Kafka.Tests.Admin;

/// <summary>What real brokers do too seldom to test with them: errors in the middle, and half of the cluster failing.</summary>
public sealed class KafkaAdminTests : IAsyncDisposable
{
    private readonly FakeBroker _one = new() { NodeId = 1 };
    private readonly FakeBroker _two = new() { NodeId = 2 };
    private readonly KafkaNetwork _network;
    private readonly KafkaAdmin _admin;
    private int _controller = 1;

    public KafkaAdminTests()
    {
        foreach (var broker in (FakeBroker[])[_one, _two])
        {
            broker.On(ApiKey.Metadata, (request, stop) => request.RespondAsync(
                broker.Metadata() with { Brokers = [new(1, "127.0.0.1", _one.Port, null), new(2, "127.0.0.1", _two.Port, null)], ControllerId = _controller }, stop));
        }

        _network = Peers.Network(_one.Endpoint);
        _admin = new KafkaAdmin(_network);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
    }

    [Fact]
    public async Task Not_controller_goes_to_the_new_controller()
    {
        _one.On(ApiKey.ElectLeaders, (request, stop) =>
        {
            _controller = 2;
            return request.RespondAsync(new ElectLeadersResponse(0, ErrorCode.NotController, []), stop);
        });
        _two.Answer(ApiKey.ElectLeaders, new ElectLeadersResponse(0, ErrorCode.None, [new("t", [new(0, ErrorCode.None, null)])]));

        var outcomes = await _admin.ElectLeadersAsync(ElectionType.Preferred, null, Cancel);

        Assert.Equal(("t", 0, ErrorCode.None), (outcomes[0].Topic, outcomes[0].Partition, outcomes[0].Error));
    }

    [Fact]
    public async Task A_change_whose_answer_is_lost_is_not_repeated()
    {
        _one.On(ApiKey.AlterPartitionReassignments, (request, _) =>
        {
            request.Close();
            return Task.CompletedTask;
        });

        var error = await Assert.ThrowsAsync<KafkaConnectionException>(() => _admin.AlterReassignmentsAsync([new("t", 0, [1])], false, Cancel));

        Assert.True(error.OutcomeUnknown);
        Assert.Single(_one.Requests, header => header.ApiKey == ApiKey.AlterPartitionReassignments);
    }

    [Fact]
    public async Task A_read_whose_answer_is_lost_is_repeated()
    {
        _one.InTurn(
            ApiKey.ListPartitionReassignments,
            (request, _) =>
            {
                request.Close();
                return Task.CompletedTask;
            },
            (request, stop) => request.RespondAsync(new ListPartitionReassignmentsResponse(0, ErrorCode.None, null, []), stop));

        Assert.Empty(await _admin.FetchReassignmentsAsync(null, Cancel));
    }

    [Fact]
    public async Task One_broker_that_fails_does_not_hide_the_others()
    {
        _one.Answer(ApiKey.ListGroups, new ListGroupsResponse(0, ErrorCode.None, [new("g", "consumer", "Stable", "Classic")]));
        _two.Answer(ApiKey.ListGroups, new ListGroupsResponse(0, ErrorCode.CoordinatorLoadInProgress, []));

        var groups = await _admin.FetchGroupsAsync(Cancel);

        Assert.False(groups.IsComplete);
        Assert.Equal(("g", "classic", 1), (groups.Values[1][0].GroupId, groups.Values[1][0].Type, groups.Values[1][0].CoordinatorId));
        Assert.Equal(ErrorCode.CoordinatorLoadInProgress, Assert.IsType<KafkaException>(groups.Failures[2]).ErrorCode);
    }

    [Fact]
    public async Task A_group_that_moved_is_found_again_and_groups_are_batched_by_coordinator()
    {
        var home = 1;
        foreach (var broker in (FakeBroker[])[_one, _two])
        {
            broker.On(ApiKey.FindCoordinator, (request, stop) => request.RespondAsync(
                new FindCoordinatorResponse(0, [.. request.Read<FindCoordinatorRequest>().CoordinatorKeys.Select(key => new FindCoordinatorResponse.Coordinator(key, home, "127.0.0.1", home == 1 ? _one.Port : _two.Port, ErrorCode.None, null))]), stop));
        }

        _one.On(ApiKey.OffsetFetch, (request, stop) =>
        {
            home = 2;
            return request.RespondAsync(Offsets(request, ErrorCode.NotCoordinator), stop);
        });
        _two.On(ApiKey.OffsetFetch, (request, stop) => request.RespondAsync(Offsets(request, ErrorCode.None), stop));

        var offsets = await _admin.FetchGroupOffsetsAsync(["a", "b", "c"], Cancel);

        Assert.True(offsets.IsComplete);
        Assert.Equal(["a", "b", "c"], offsets.Values.Keys.Order());
        Assert.Single(_two.Requests, header => header.ApiKey == ApiKey.OffsetFetch);
    }

    [Fact]
    public async Task Offsets_follow_a_leader_that_moved_and_keep_what_one_broker_could_tell()
    {
        var topic = new MetadataResponse.Topic(
            ErrorCode.None, "t", Guid.Empty, false,
            [new(ErrorCode.None, 0, 2, 1, new[] { 1, 2 }, new[] { 1, 2 }, Array.Empty<int>()), new(ErrorCode.LeaderNotAvailable, 1, -1, 1, new[] { 1 }, Array.Empty<int>(), new[] { 1 })],
            0);
        foreach (var broker in (FakeBroker[])[_one, _two])
        {
            broker.Answer(ApiKey.Metadata, _one.Metadata(topic) with { Brokers = [new(1, "127.0.0.1", _one.Port, null), new(2, "127.0.0.1", _two.Port, null)] });
        }

        _one.Answer(ApiKey.ListOffsets, new ListOffsetsResponse(0, [new("t", [new(0, ErrorCode.NotLeaderOrFollower, -1, -1, -1)])]));
        _two.Answer(ApiKey.ListOffsets, new ListOffsetsResponse(0, [new("t", [new(0, ErrorCode.None, -1, 42, 3)])]));

        var offsets = await _admin.FetchOffsetsAsync([new("t", 0, 1), new("t", 1, null)], OffsetTimestamp.Latest, IsolationLevel.ReadUncommitted, Cancel);

        Assert.Equal((42, ErrorCode.None), (offsets.Offsets.Single(one => one.Partition == 0).Offset ?? -99, offsets.Offsets.Single(one => one.Partition == 0).Error));
        Assert.Equal(ErrorCode.LeaderNotAvailable, offsets.Offsets.Single(one => one.Partition == 1).Error);
        Assert.Null(offsets.Offsets.Single(one => one.Partition == 1).Offset);
    }

    [Fact]
    public async Task Rebootstrap_is_obeyed()
    {
        _one.InTurn(
            ApiKey.Metadata,
            (request, stop) => request.RespondAsync(_one.Metadata() with { ErrorCode = ErrorCode.RebootstrapRequired }, stop),
            (request, stop) => request.RespondAsync(_one.Metadata(), stop));

        Assert.Equal("fake-cluster", (await _admin.FetchMetadataAsync([], Cancel)).ClusterId);
    }

    private static OffsetFetchResponse Offsets(FakeRequest request, ErrorCode error) =>
        new(0, [.. request.Read<OffsetFetchRequest>().Groups.Select(group => new OffsetFetchResponse.Group(group.GroupId, [], error))]);
}
