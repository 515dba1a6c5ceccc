using System.Collections.Concurrent;
using System.Threading.Channels;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Kafka.Tail;

/// <summary>
/// Follows all partitions of a topic to their high watermarks, transactions not waited for: one that hangs would hide all
/// that comes after it, so whoever takes the records keeps open ones apart until their marker comes. Brokers are asked in
/// parallel, each by a loop of its own; a partition goes with its leader.
/// </summary>
public sealed class TopicTail(KafkaAdmin admin, TopicTailOptions options, Func<int, IPartitionSink> sinks)
{
    private readonly ConcurrentDictionary<int, PartitionTail> _partitions = [];
    private readonly ConcurrentDictionary<int, Task> _loops = [];
    private readonly ConcurrentDictionary<int, bool> _begun = [];
    private readonly Channel<bool> _lookUpWanted = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile Judgement _state = new(TopicTailState.Starting, null);
    private Guid _topicId;

    public TopicTailCounters Counters { get; } = new();

    public TopicTailStatus Status
    {
        get
        {
            var (state, problem) = _state;
            var partitions = _partitions.OrderBy(pair => pair.Key).Select(pair => pair.Value.Status).ToList();
            return new TopicTailStatus(state, problem ?? partitions.Find(one => one.Problem is not null)?.Problem, partitions);
        }
    }

    internal KafkaNetwork Network => admin.Network;

    internal TopicTailOptions Options => options;

    /// <summary>The id to fetch by; zero where the cluster gives none, and the name is used.</summary>
    public Guid TopicId => _topicId;

    /// <summary>Until cancelled. What goes wrong on the way is in <see cref="Status"/> and tried again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            for (var failures = 0; ;)
            {
                failures = await TryLookUpAsync(stop.Token) ? 0 : failures + 1;
                StartLoops(stop.Token);
                var pause = failures > 0 || _partitions.Values.Any(one => one.LeaderId is null || one.Position is null)
                    ? BackOff.Default.DelayAfter(Math.Max(1, failures), 0.5)
                    : options.RefreshEvery;
                await WaitAsync(pause, stop.Token);
                await Task.WhenAll(_loops.Values.Where(loop => loop.IsFaulted)); // a defect of ours, or of a sink
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(_loops.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Has leaders looked up at once.</summary>
    internal void WantLookUp() => _lookUpWanted.Writer.TryWrite(true);

    internal List<PartitionTail> LedBy(int brokerId) => [.. _partitions.Values.Where(one => one.LeaderId == brokerId && one.Position is not null)];

    /// <summary>Fetches are refused for want of rights: the state of the whole topic.</summary>
    internal void Refused(string problem) => _state = new Judgement(TopicTailState.Unauthorized, problem);

    internal void Answered()
    {
        if (_state.State != TopicTailState.Following)
        {
            _state = new Judgement(TopicTailState.Following, null);
        }
    }

    /// <summary>Waits for the time or for somebody who wants a look-up; never less than a moment, so that an error that returns at once does not spin.</summary>
    private async Task WaitAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(20), Network.Time, cancellationToken);
        using var limit = new CancellationTokenSource(pause, Network.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await _lookUpWanted.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the time is up
        }
    }

    private async Task<bool> TryLookUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            var metadata = await admin.FetchMetadataAsync([options.Topic], cancellationToken);
            var topic = metadata.Topics.FirstOrDefault(one => one.Name == options.Topic);
            switch (topic.ErrorCode)
            {
                case ErrorCode.None when topic.Partitions is { Length: > 0 }:
                    Learn(topic);
                    await BeginAsync(cancellationToken);
                    return true;
                case ErrorCode.TopicAuthorizationFailed:
                    _state = new Judgement(TopicTailState.Unauthorized, $"{options.Topic} can't be followed: the principal of this connection needs Describe and Read on the topic.");
                    return false;
                case ErrorCode.None or ErrorCode.UnknownTopicOrPartition:
                    _state = new Judgement(TopicTailState.NoTopic, $"The cluster has no topic {options.Topic}.");
                    return false;
                default:
                    _state = new Judgement(_state.State, $"{options.Topic} can't be looked up: {topic.ErrorCode.KafkaName()}. {topic.ErrorCode.Hint()}");
                    return false;
            }
        }
        catch (KafkaClientException ex)
        {
            Counters.CountFailure();
            _state = new Judgement(TopicTailState.Unreachable, ex.Message);
            return false;
        }
    }

    private void Learn(in MetadataResponse.Topic topic)
    {
        if (topic.TopicId != _topicId)
        {
            if (_topicId != Guid.Empty)
            {
                foreach (var known in _partitions.Values)
                {
                    Counters.CountRestart();
                    known.Restart(); // the topic was deleted and made anew
                }
            }

            _topicId = topic.TopicId;
        }

        foreach (var partition in topic.Partitions.Where(one => options.Only?.Invoke(one.PartitionIndex) ?? true))
        {
            var tail = _partitions.GetOrAdd(partition.PartitionIndex, index => new PartitionTail(index, sinks(index), Network.Time));
            tail.LedBy(partition.LeaderId < 0 ? null : partition.LeaderId, partition.LeaderEpoch);
        }
    }

    /// <summary>Asks where the logs of new and restarted partitions begin and end.</summary>
    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        var waiting = _partitions.Values.Where(one => one is { Position: null, LeaderId: not null }).ToDictionary(one => one.Partition);
        if (waiting.Count > 0)
        {
            var queries = waiting.Values.Select(one => new OffsetQuery(options.Topic, one.Partition, one.LeaderId)).ToList();
            var ends = await admin.FetchOffsetsAsync(queries, OffsetTimestamp.Latest, IsolationLevel.ReadUncommitted, cancellationToken);
            var starts = await admin.FetchOffsetsAsync(queries, OffsetTimestamp.Earliest, IsolationLevel.ReadUncommitted, cancellationToken);
            var startOf = starts.Offsets.Where(one => one.Offset is not null).ToDictionary(one => one.Partition, one => one.Offset!.Value);
            foreach (var end in ends.Offsets)
            {
                if (waiting.TryGetValue(end.Partition, out var tail) && end.Offset is { } last && startOf.TryGetValue(end.Partition, out var first))
                {
                    Begin(tail, first, last);
                }
                else if (end.Error == ErrorCode.TopicAuthorizationFailed)
                {
                    Refused($"{options.Topic} can't be followed: the principal of this connection needs Describe and Read on the topic.");
                }
            }
        }

        if (_state.State is not (TopicTailState.Following or TopicTailState.Unauthorized))
        {
            Answered();
        }
    }

    private void Begin(PartitionTail tail, long first, long last)
    {
        if (_begun.TryAdd(tail.Partition, true) && options.Positions.TryGetValue(tail.Partition, out var resumed))
        {
            var isOther = options.PositionsOf != Guid.Empty && _topicId != Guid.Empty && options.PositionsOf != _topicId;
            if (!isOther && resumed.Offset >= first && resumed.Offset <= last)
            {
                tail.Begin(resumed, last);
                return;
            }

            Counters.CountRestart(); // what the snapshot says is to be proven anew
            tail.Restart();
        }

        tail.Begin(new TailPlace(first), last);
    }

    private void StartLoops(CancellationToken cancellationToken)
    {
        foreach (var leader in _partitions.Values.Where(one => one.Position is not null).Select(one => one.LeaderId).OfType<int>().Distinct())
        {
            if (!_loops.TryGetValue(leader, out var running) || running.IsCompletedSuccessfully)
            {
                _loops[leader] = new LeaderLoop(this, leader).RunAsync(cancellationToken);
            }
        }
    }

    private sealed record Judgement(TopicTailState State, string? Problem);
}
