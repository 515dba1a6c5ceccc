using System.Collections.Concurrent;
using System.Threading.Channels;
using ControlPlane.Kafka.Protocol;
using ControlPlane.Kafka.Records;
using ControlPlane.Kafka.Tail;
using ControlPlane.Testing;

namespace ControlPlane.Kafka.Tests.Tail;

/// <summary>A topic of one partition that two fake brokers serve, and that a test bends.</summary>
internal sealed class FakeLog : IAsyncDisposable
{
    public const string Topic = "followed";

    private readonly FakeBroker[] _brokers = [new() { NodeId = 1 }, new() { NodeId = 2 }];

    public FakeLog()
    {
        foreach (var broker in _brokers)
        {
            broker.On(ApiKey.Metadata, (request, stop) => request.RespondAsync(Metadata(broker), stop));
            broker.On(ApiKey.ListOffsets, (request, stop) => request.RespondAsync(Offsets(request.Read<ListOffsetsRequest>()), stop));
            broker.On(ApiKey.Fetch, (request, stop) => FetchAsync(broker, request, stop));
        }
    }

    public string Endpoint => _brokers[0].Endpoint;

    public int Leader { get; set; } = 1;

    public long Start { get; set; }

    public long End { get; set; }

    public Guid TopicId { get; set; } = new("00112233-4455-6677-8899-aabbccddeeff");

    public ErrorCode TopicError { get; set; }

    /// <summary>What a fetch from an offset is answered with; null: nothing new.</summary>
    public Func<long, FetchResponse.PartitionData?> Answer { get; set; } = _ => null;

    /// <summary>The leader's terms by their first offset; empty: it does not compare.</summary>
    public SortedList<int, long> Epochs { get; } = [];

    public ConcurrentQueue<(int Broker, long Offset)> Fetches { get; } = [];

    public FetchResponse.PartitionData Records(byte[] records, ErrorCode error = ErrorCode.None) => new(0, error, End, End, Start, records);

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in _brokers)
        {
            await broker.DisposeAsync();
        }
    }

    private async Task FetchAsync(FakeBroker broker, FakeRequest request, CancellationToken stop)
    {
        var asked = request.Read<FetchRequest>();
        var offset = asked.Topics[0].Partitions[0].FetchOffset;
        Fetches.Enqueue((broker.NodeId, offset));
        var data = broker.NodeId == Leader ? Diverging(asked.Topics[0].Partitions[0]) ?? Answer(offset) : Records([], ErrorCode.NotLeaderOrFollower);
        if (data is null)
        {
            await Task.Delay(asked.MaxWaitMs, stop); // as a broker without news does
        }

        await request.RespondAsync(new FetchResponse(0, ErrorCode.None, 0, [new(Topic, asked.Topics[0].TopicId, [data ?? Records([])])]), stop);
    }

    /// <summary>As a broker does where the last epoch fetched ends before the offset wanted, or is none of its own.</summary>
    private FetchResponse.PartitionData? Diverging(FetchRequest.FetchPartition asked)
    {
        if (asked.LastFetchedEpoch < 0 || Epochs.Count == 0)
        {
            return null;
        }

        var (epoch, end) = (Epochs.Keys.Last(one => one <= asked.LastFetchedEpoch), Epochs.Where(one => one.Key > asked.LastFetchedEpoch).Select(one => one.Value).DefaultIfEmpty(End).First());
        return end < asked.FetchOffset || epoch < asked.LastFetchedEpoch ? Records([]) with { DivergingEpoch = new(epoch, end) } : null;
    }

    private MetadataResponse Metadata(FakeBroker broker) =>
        broker.Metadata(new MetadataResponse.Topic(
            TopicError, Topic, TopicId, IsInternal: true, TopicError == ErrorCode.None ? [new(ErrorCode.None, 0, Leader, 1, new[] { 1, 2 }, new[] { 1, 2 }, default)] : [], AuthorizedOperations.Unknown))
            with
        { Brokers = [.. _brokers.Select(one => new MetadataResponse.Broker(one.NodeId, one.Host, one.Port, null))] };

    private ListOffsetsResponse Offsets(ListOffsetsRequest request) => new(
        0, [new(Topic, [new(0, ErrorCode.None, -1, request.Topics[0].Partitions[0].Timestamp == OffsetTimestamp.Earliest ? Start : End, 1)])]);
}

/// <summary>Writes down what a tail tells of its partition.</summary>
internal sealed class NotedSink : IPartitionSink, IRecordVisitor
{
    private readonly Channel<string> _notes = Channel.CreateUnbounded<string>();

    public BatchCounters Batches { get; } = new();

    /// <summary>The next note, waited for.</summary>
    public async Task<string> NextAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        return await _notes.Reader.ReadAsync(limit.Token);
    }

    public ChunkOutcome Take(ReadOnlySpan<byte> batches, long fromOffset, bool skipBroken)
    {
        var self = this;
        return RecordChunk.Read(batches, fromOffset, skipBroken, Batches, ref self);
    }

    public void Restart() => _notes.Writer.TryWrite("restart");

    public void CaughtUp() => _notes.Writer.TryWrite("caught up");

    public void Take(in RecordBatch batch, scoped in KafkaRecord record) => _notes.Writer.TryWrite($"record {record.Offset}");

    public void EndTransaction(long producerId, bool isCommit, long offset) => _notes.Writer.TryWrite($"end {offset}");
}
