using System.Threading.Channels;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Testing;

namespace ControlPlane.Host.Tests.Lag;

/// <summary>A broker with an offsets topic of two partitions in which nothing is new.</summary>
internal sealed class TwoPartitions : IAsyncDisposable
{
    private const string Topic = "__consumer_offsets";
    private const long End = 9;

    private readonly FakeBroker _broker = new();
    private readonly Channel<long>[] _fetches = [Newest(), Newest()];

    public TwoPartitions()
    {
        _broker.On(ApiKey.Metadata, (request, stop) => request.RespondAsync(_broker.Metadata(new MetadataResponse.Topic(
            ErrorCode.None, Topic, TopicId, IsInternal: true, new MetadataResponse.Partition[] { Partition(0), Partition(1) }, AuthorizedOperations.Unknown)), stop));
        _broker.On(ApiKey.ListOffsets, (request, stop) => request.RespondAsync(Offsets(request.Read<ListOffsetsRequest>()), stop));
        _broker.On(ApiKey.Fetch, FetchAsync);
    }

    public string Endpoint => _broker.Endpoint;

    public Guid TopicId { get; set; } = new("00112233-4455-6677-8899-aabbccddeeff");

    /// <summary>Where the partition is asked for next.</summary>
    public async Task<long> NextFetchAsync(int partition, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (_fetches[partition].Reader.TryRead(out _))
        {
            // what was asked for before
        }

        return await _fetches[partition].Reader.ReadAsync(limit.Token);
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    private static Channel<long> Newest() => Channel.CreateUnbounded<long>();

    private static MetadataResponse.Partition Partition(int index) => new(ErrorCode.None, index, 1, 1, new[] { 1 }, new[] { 1 }, default);

    private async Task FetchAsync(FakeRequest request, CancellationToken stop)
    {
        var asked = request.Read<FetchRequest>();
        foreach (var partition in asked.Topics[0].Partitions)
        {
            _fetches[partition.Partition].Writer.TryWrite(partition.FetchOffset);
        }

        await Task.Delay(asked.MaxWaitMs, stop); // as a broker without news does
        FetchResponse.PartitionData[] none = [.. Enumerable.Range(0, asked.Topics[0].Partitions.Length).Select(at => new FetchResponse.PartitionData(asked.Topics[0].Partitions[at].Partition, ErrorCode.None, End, End, 0, Array.Empty<byte>()))];
        await request.RespondAsync(new FetchResponse(0, ErrorCode.None, 0, [new(Topic, asked.Topics[0].TopicId, none)]), stop);
    }

    private static ListOffsetsResponse Offsets(ListOffsetsRequest request) => new(0, [new(Topic, [.. Enumerable.Range(0, request.Topics[0].Partitions.Length).Select(at =>
        new ListOffsetsResponse.Partition(request.Topics[0].Partitions[at].PartitionIndex, ErrorCode.None, -1, request.Topics[0].Partitions[at].Timestamp == OffsetTimestamp.Earliest ? 0 : End, 1))])]);
}
