using ControlPlane.Connectivity;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>How far a share group has come, by a coordinator that counts while producers go on.</summary>
public sealed class ShareProgressTests : IAsyncDisposable
{
    private const string Name = "sharers";
    private const string Topic = "t";

    private readonly FakeBroker _broker = new();
    private readonly KafkaNetwork _network;
    private readonly ShareProgress _progress;
    private readonly Queue<int> _written = new();
    private long _end = 100;
    private long _start = 10;
    private long _done = 40;
    private bool _countsLag = true;

    public ShareProgressTests()
    {
        _broker.Answer(ApiKey.Metadata, _broker.Metadata(new MetadataResponse.Topic(
            ErrorCode.None, Topic, Guid.NewGuid(), false, [new MetadataResponse.Partition(ErrorCode.None, 0, 1, 0, new[] { 1 }, new[] { 1 }, Array.Empty<int>())], AuthorizedOperations.Unknown)));
        _broker.On(ApiKey.FindCoordinator, (request, stop) => request.RespondAsync(
            new FindCoordinatorResponse(0, [.. request.Read<FindCoordinatorRequest>().CoordinatorKeys.Select(key => new FindCoordinatorResponse.Coordinator(key, 1, _broker.Host, _broker.Port, ErrorCode.None, null))]), stop));
        _broker.On(ApiKey.ListOffsets, (request, stop) => request.RespondAsync(
            new ListOffsetsResponse(0, [new ListOffsetsResponse.Topic(Topic, [new ListOffsetsResponse.Partition(0, ErrorCode.None, -1, Written(), 0)])]), stop));
        _broker.On(ApiKey.DescribeShareGroupOffsets, (request, stop) =>
        {
            var lag = Written() - _start - _done;
            return request.RespondAsync(
                new DescribeShareGroupOffsetsResponse(0, [new DescribeShareGroupOffsetsResponse.Group(
                    Name, [new DescribeShareGroupOffsetsResponse.Topic(Topic, Guid.Empty, [new DescribeShareGroupOffsetsResponse.Partition(0, _start, 0, _countsLag ? lag : -1, ErrorCode.None, null)])], ErrorCode.None, null)]),
                stop);
        });
        _network = new KafkaNetwork(new KafkaConnectionSettings { BootstrapServers = [_broker.Endpoint] });
        _progress = new ShareProgress(new KafkaAdmin(_network));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _network.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task What_is_done_beyond_the_start_counts_as_progress()
    {
        Assert.Equal(50, await AtAsync());
        Assert.Equal((50, 0), await OneAsync());
    }

    [Fact]
    public async Task Where_Kafka_counts_nothing_the_start_is_all_that_is_known()
    {
        _countsLag = false;

        Assert.Equal(10, await AtAsync());
    }

    [Fact]
    public async Task A_group_that_stands_still_neither_goes_back_nor_on_while_producers_write()
    {
        Assert.Equal(50, await AtAsync());
        foreach (var round in Enumerable.Range(0, 50))
        {
            for (var question = 0; question < 6; question++)
            {
                _written.Enqueue((round * 7) + (question * 13) % 29);
            }

            Assert.Equal(50, await AtAsync());
            _written.Clear();
        }
    }

    [Fact]
    public async Task A_group_that_works_is_never_said_to_be_further_than_it_is()
    {
        for (var round = 0; round < 20; round++)
        {
            Array.ForEach([3, 0, 9, 1], _written.Enqueue);
            _done += 5;
            Assert.InRange(await AtAsync(), _start, _start + _done);
            _written.Clear();
        }

        Assert.Equal(_start + _done, await AtAsync());
    }

    [Fact]
    public async Task A_group_that_was_set_back_to_its_start_has_done_nothing()
    {
        Assert.Equal(50, await AtAsync());
        _done = 0;

        Assert.Equal(10, await AtAsync());
        (_start, _done) = (4, 2);
        Assert.Equal(6, await AtAsync());
    }

    [Fact]
    public async Task One_group_is_asked_about_until_nothing_is_written_meanwhile()
    {
        Array.ForEach([0, 5, 5, 0, 0], _written.Enqueue);
        Assert.Equal((50, 0), await OneAsync());
        Enumerable.Repeat(2, 40).ToList().ForEach(_written.Enqueue);

        var (at, within) = await OneAsync();

        Assert.InRange(at, 50 - within, 50);
        Assert.True(within > 0);
    }

    /// <summary>The log end, after what was written since the last question.</summary>
    private long Written() => _end += _written.TryDequeue(out var count) ? count : 0;

    private async Task<long> AtAsync() => Assert.Single((await _progress.FetchAsync([Name], Token)).Values[Name].Offsets).Offset!.Value;

    private async Task<(long At, long Within)> OneAsync()
    {
        var (offsets, within) = await _progress.FetchOneAsync(Name, Token);
        return (Assert.Single(offsets.Values[Name].Offsets).Offset!.Value, within);
    }
}
