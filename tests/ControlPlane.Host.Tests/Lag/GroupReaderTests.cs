using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Clusters;
using ControlPlane.Connectivity;
using ControlPlane.Engine.Model;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>What is asked about groups, of a coordinator that speaks Kafka's protocol and does what real ones do too seldom.</summary>
public sealed class GroupReaderTests : IAsyncDisposable
{
    private const int Thousands = 3_000;

    private readonly FakeBroker _broker = new();
    private readonly KafkaNetwork _network;
    private readonly GroupReader _reader;
    private readonly Dictionary<string, long> _offsets = [];
    private readonly Dictionary<string, ErrorCode> _errors = [];
    private readonly List<string> _asked = [];
    private readonly List<int> _batches = [];
    private string[] _listed = [];

    public GroupReaderTests()
    {
        _broker.On(ApiKey.ListGroups, (request, stop) => request.RespondAsync(
            new ListGroupsResponse(0, ErrorCode.None, [.. _listed.Select(id => new ListGroupsResponse.Group(id, "consumer", "Empty", "Classic"))]), stop));
        _broker.On(ApiKey.FindCoordinator, (request, stop) => request.RespondAsync(
            new FindCoordinatorResponse(0, [.. request.Read<FindCoordinatorRequest>().CoordinatorKeys.Select(key => new FindCoordinatorResponse.Coordinator(key, 1, _broker.Host, _broker.Port, ErrorCode.None, null))]), stop));
        _broker.On(ApiKey.DescribeGroups, (request, stop) => request.RespondAsync(
            new DescribeGroupsResponse(0, [.. request.Read<DescribeGroupsRequest>().Groups.Select(id => new DescribeGroupsResponse.Group(ErrorCode.None, null, id, "Empty", "consumer", "", [], AuthorizedOperations.Unknown))]), stop));
        _broker.On(ApiKey.OffsetFetch, (request, stop) =>
        {
            var groups = request.Read<OffsetFetchRequest>().Groups;
            _batches.Add(groups.Length);
            _asked.AddRange(groups.Select(group => group.GroupId));
            return request.RespondAsync(new OffsetFetchResponse(0, [.. groups.Select(group => Offsets(group.GroupId))]), stop);
        });
        _network = new KafkaNetwork(new KafkaConnectionSettings { BootstrapServers = [_broker.Endpoint] });
        _reader = new GroupReader(new KafkaAdmin(_network));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Thousands_of_groups_come_in_growing_and_bounded_requests()
    {
        Have(Thousands);

        var groups = await ReadAsync();

        Assert.Equal(Thousands, groups.Length);
        Assert.All(groups, group => Assert.Equal(7, group.Offsets!.Value[0].Offset));
        Assert.Equal(50, _batches[0]);
        Assert.All(_batches, count => Assert.InRange(count, 1, 500));
        Assert.Equal(Thousands, _asked.Distinct().Count());
    }

    [Fact]
    public async Task An_error_of_one_group_is_that_groups_alone_and_one_that_passes_is_asked_again()
    {
        Have(3);
        (_errors["g-1"], _errors["g-2"]) = (ErrorCode.GroupAuthorizationFailed, ErrorCode.CoordinatorLoadInProgress);

        var groups = await ReadAsync();

        Assert.Equal(7, groups[0].Offsets!.Value[0].Offset);
        Assert.Null(groups[1].Offsets);
        Assert.Contains("GROUP_AUTHORIZATION_FAILED", groups[1].Problem, StringComparison.Ordinal);
        Assert.Equal(7, groups[2].Offsets!.Value[0].Offset);
        Assert.Equal((1, 1, 2), (_asked.Count(id => id == "g-0"), _asked.Count(id => id == "g-1"), _asked.Count(id => id == "g-2")));
    }

    [Fact]
    public async Task Followed_groups_are_asked_about_once_and_told_as_they_were_followed()
    {
        Have(Thousands);
        var followed = new Followed();
        _reader.Commits = followed;
        await ReadAsync();
        _asked.Clear();
        followed.Offset = 9;

        var groups = await ReadAsync();

        Assert.Empty(_asked);
        Assert.All(groups, group => Assert.Equal(9, group.Offsets!.Value[0].Offset));
        Assert.Equal(Thousands, followed.Compared);
    }

    [Fact]
    public async Task A_difference_is_asked_about_again_in_the_next_round()
    {
        Have(Thousands);
        var followed = new Followed { Doubted = "g-5" };
        _reader.Commits = followed;
        await ReadAsync();
        _asked.Clear();

        await ReadAsync();

        Assert.Equal(["g-5"], _asked);
    }

    [Fact]
    public async Task A_group_is_gone_when_two_listings_lack_it()
    {
        Have(2);
        var followed = new Followed();
        _reader.Commits = followed;
        await ReadAsync();
        _listed = ["g-0"];

        await ReadAsync();
        Assert.Empty(followed.GoneGroups);
        await ReadAsync();
        await ReadAsync();

        Assert.Equal(["g-1"], followed.GoneGroups);
    }

    private void Have(int count)
    {
        _listed = [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"g-{i}"))];
        Array.ForEach(_listed, id => _offsets[id] = 7);
    }

    private async Task<ImmutableArray<Group>> ReadAsync() => (await _reader.ReadAsync(Token)).Value!.Groups;

    private OffsetFetchResponse.Group Offsets(string group) => _errors.Remove(group, out var error)
        ? new OffsetFetchResponse.Group(group, [], error)
        : new OffsetFetchResponse.Group(group, [new OffsetFetchResponse.Topic("t", Guid.Empty, [new OffsetFetchResponse.Partition(0, _offsets[group], 0, "", ErrorCode.None)])], ErrorCode.None);

    private sealed class Followed : IKnownCommits
    {
        public long Offset { get; set; } = 7;

        public string? Doubted { get; set; }

        public int Compared { get; private set; }

        public List<string> GoneGroups { get; } = [];

        public bool AreFollowed => true;

        public ImmutableArray<Engine.Model.CommittedOffset> Of(string group, ImmutableArray<Engine.Model.CommittedOffset> asked) => [asked[0] with { Offset = Offset }];

        public bool Differs(string group, ImmutableArray<Engine.Model.CommittedOffset>? before, ImmutableArray<Engine.Model.CommittedOffset> asked, Func<string, bool> isVisible)
        {
            Compared++;
            return group == Doubted;
        }

        public void Gone(string group) => GoneGroups.Add(group);
    }
}
