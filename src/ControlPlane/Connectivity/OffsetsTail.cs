using System.Collections.Concurrent;
using System.Threading.Channels;
using ControlPlane.Clusters;
using ControlPlane.Connectivity.Spread;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.OffsetsTopic;
using ControlPlane.Kafka.Records;
using ControlPlane.Kafka.Tail;

namespace ControlPlane.Connectivity;

/// <summary>
/// Feed A of consumer lag: follows __consumer_offsets of one cluster. Each partition's events come from one thread at a
/// time and in order; those of different partitions, and so of different groups, at the same time. Partitions that other
/// processes read for us are told to the same listeners.
/// </summary>
internal sealed class OffsetsTail : IOffsetsFeed
{
    private readonly ConcurrentDictionary<int, OffsetsPartition> _partitions = [];
    private readonly Channel<Action> _switches = Channel.CreateUnbounded<Action>();
    private readonly KafkaAdmin _admin;
    private readonly Func<int, OffsetsPartition> _create;
    private readonly TopicTailOptions _options;
    private readonly HiredShare[] _shares;
    private volatile TopicTail _tail;
    private volatile TopicTailStatus? _before;
    private Guid _topicBefore;

    /// <summary><paramref name="events"/> gives each partition its own listener; <paramref name="from"/> is an earlier <see cref="Snapshot"/>.</summary>
    public OffsetsTail(KafkaAdmin admin, Func<int, IGroupEvents> events, IReadOnlyCollection<OffsetsPosition>? from = null, TopicTailOptions? options = null, IOffsetsHiring? hiring = null)
    {
        var known = (from ?? []).ToDictionary(position => position.Partition);
        (_admin, _create) = (admin, index => new OffsetsPartition(index, events(index), known.GetValueOrDefault(index)));
        _shares = hiring is null ? [] : [.. Enumerable.Range(1, hiring.Readers - 1).Select(index => new HiredShare(this, hiring, index))];
        _options = (options ?? new TopicTailOptions()) with { Only = partition => ShareOf(partition)?.Status is null };
        _tail = new TopicTail(admin, _options with { Positions = known.ToDictionary(pair => pair.Key, pair => new TailPlace(pair.Value.Offset, pair.Value.LeaderEpoch)), PositionsOf = known.Values.FirstOrDefault()?.TopicId ?? Guid.Empty }, Partition);
    }

    /// <summary>Of what is read here: whether the topic can be followed and how far that has come.</summary>
    public TopicTailStatus Status => _tail.Status is var status && status.State == TopicTailState.Starting && _before is { } before ? before : status;

    OffsetsFeedStatus IOffsetsFeed.Status
    {
        get
        {
            var status = Status;
            var others = _shares.Where(share => share.Status is not null).Select(share => share.Status!).ToList();
            var isKnown = status.Partitions.All(one => one is { Position: not null, EndAtStart: not null }) && others.TrueForAll(one => one.ToGo is not null);
            // Without the topic nobody has committed yet: that is no trouble.
            var problem = status.State == TopicTailState.NoTopic ? null : status.Problem ?? others.Find(one => one.Problem is not null)?.Problem;
            var isCaughtUp = status.State == TopicTailState.Following && _partitions.Values.All(one => one.IsCaughtUp);
            return new OffsetsFeedStatus(isCaughtUp, problem, isKnown ? status.Partitions.Sum(one => Math.Max(0, one.EndAtStart!.Value - one.Position!.Value)) + others.Sum(one => one.ToGo!.Value) : null)
            {
                IsLive = isCaughtUp && status.Partitions.All(one => one.IsCaughtUp) && others.TrueForAll(one => one.IsCaughtUp),
                Others = [.. _shares.Select(share => share.Reader is { } reader ? new OffsetsReader(reader, _partitions.Keys.Count(share.Has)) : null).OfType<OffsetsReader>()],
                Partitions = _partitions.Count,
            };
        }
    }

    public TopicTailCounters Counters => _tail.Counters;

    /// <summary>Records by type, batches by outcome and commits by fate, one entry a partition; of what is read here.</summary>
    public IEnumerable<(int Partition, OffsetsRecordCounters Records, BatchCounters Batches, GroupFeedCounters Groups)> PartitionCounters =>
        _partitions.Values.Select(one => (one.Partition, one.Records, one.Batches, one.Groups));

    public Guid TopicId => _tail.TopicId is var id && id != Guid.Empty ? id : _topicBefore;

    public long Records => _partitions.Values.Sum(one => one.Read);

    public IReadOnlyList<(int Partition, long Position)> Positions => [.. _partitions.Values.Select(one => (one.Partition, one.Position))];

    public bool TryCapture(int partition, Action<OffsetsPosition> take) =>
        _partitions.TryGetValue(partition, out var one) && (ShareOf(partition)?.ReadsOf(TopicId) ?? true) && one.TryCapture(position => take(position with { TopicId = TopicId }));

    /// <summary>Until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_shares.Length == 0)
        {
            await _tail.RunAsync(cancellationToken);
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] hired = [.. _shares.Select(share => share.RunAsync(ending.Token))];
        try
        {
            while (true)
            {
                await ReadAsync(hired, cancellationToken);
                while (_switches.Reader.TryRead(out var change))
                {
                    change();
                }

                (_before, _topicBefore) = (Status, TopicId);
                _tail = new TopicTail(_admin, _options with { Positions = Places(_ => true), PositionsOf = TopicId }, Partition);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(hired).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What a later tail needs to go on from here instead of from the beginning. Each partition is consistent in itself.</summary>
    public IReadOnlyList<OffsetsPosition> Snapshot() =>
        [.. _partitions.Values.Select(partition => partition.Snapshot()).OfType<OffsetsPosition>()];

    /// <summary>Where to go on with these partitions.</summary>
    internal IReadOnlyDictionary<int, TailPlace> Places(Func<int, bool> which) =>
        _partitions.Values.Where(one => which(one.Partition)).Select(one => (one.Partition, one.Place)).Where(one => one.Place is not null).ToDictionary(one => one.Partition, one => one.Place!.Value);

    internal OffsetsPartition Partition(int partition) => _partitions.GetOrAdd(partition, _create);

    /// <summary>Partitions that are to be read anew. Only while nobody reads them.</summary>
    internal void Restart(Func<int, bool> which)
    {
        foreach (var partition in _partitions.Values.Where(one => which(one.Partition)))
        {
            partition.Restart();
        }
    }

    /// <summary>Changes who reads what, while nothing is read here.</summary>
    internal async Task SwitchAsync(Action change, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _switches.Writer.TryWrite(() =>
        {
            change();
            done.SetResult();
        });
        await done.Task.WaitAsync(cancellationToken);
    }

    private HiredShare? ShareOf(int partition) => Array.Find(_shares, share => share.Has(partition));

    /// <summary>Until somebody wants a switch; a defect of ours ends it.</summary>
    private async Task ReadAsync(Task[] hired, CancellationToken cancellationToken)
    {
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = _tail.RunAsync(turn.Token);
        var ended = await Task.WhenAny([reading, _switches.Reader.WaitToReadAsync(turn.Token).AsTask(), .. hired]);
        await turn.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (ended.IsFaulted || reading.IsFaulted)
        {
            await Task.WhenAll(ended, reading);
        }
    }
}
