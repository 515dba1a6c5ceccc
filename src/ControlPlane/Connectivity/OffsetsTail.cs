using System.Collections.Concurrent;
using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Kafka.Admin;
using ControlPlane.Kafka.OffsetsTopic;
using ControlPlane.Kafka.Records;
using ControlPlane.Kafka.Tail;

namespace ControlPlane.Connectivity;

/// <summary>
/// Feed A of consumer lag: follows __consumer_offsets of one cluster. Each partition's events come from one thread at a
/// time and in order; those of different partitions, and so of different groups, at the same time.
/// </summary>
internal sealed class OffsetsTail : IOffsetsFeed
{
    private readonly ConcurrentDictionary<int, OffsetsPartition> _partitions = [];
    private readonly TopicTail _tail;

    /// <summary><paramref name="events"/> gives each partition its own listener; <paramref name="from"/> is an earlier <see cref="Snapshot"/>.</summary>
    public OffsetsTail(KafkaAdmin admin, Func<int, IGroupEvents> events, IReadOnlyCollection<OffsetsPosition>? from = null, TopicTailOptions? options = null)
    {
        var known = (from ?? []).ToDictionary(position => position.Partition);
        options = (options ?? new TopicTailOptions()) with
        {
            Positions = known.ToDictionary(pair => pair.Key, pair => new TailPlace(pair.Value.Offset, pair.Value.LeaderEpoch)),
            PositionsOf = known.Values.FirstOrDefault()?.TopicId ?? Guid.Empty,
        };
        _tail = new TopicTail(admin, options, partition =>
            _partitions.GetOrAdd(partition, index => new OffsetsPartition(index, events(index), known.GetValueOrDefault(index))));
    }

    /// <summary>Whether the topic can be followed and how far that has come: "catching up" until it is caught up.</summary>
    public TopicTailStatus Status => _tail.Status;

    OffsetsFeedStatus IOffsetsFeed.Status
    {
        get
        {
            var status = Status;
            var isKnown = status.Partitions.All(one => one is { Position: not null, EndAtStart: not null });
            // Without the topic nobody has committed yet: that is no trouble.
            var problem = status.State == TopicTailState.NoTopic ? null : status.Problem;
            return new OffsetsFeedStatus(status.IsCaughtUp, problem, isKnown ? status.Partitions.Sum(one => Math.Max(0, one.EndAtStart!.Value - one.Position!.Value)) : null);
        }
    }

    public TopicTailCounters Counters => _tail.Counters;

    /// <summary>Records by type, batches by outcome and commits by fate, one entry a partition.</summary>
    public IEnumerable<(int Partition, OffsetsRecordCounters Records, BatchCounters Batches, GroupFeedCounters Groups)> PartitionCounters =>
        _partitions.Values.Select(one => (one.Partition, one.Records, one.Batches, one.Groups));

    public Guid TopicId => _tail.TopicId;

    public long Records => _partitions.Values.Sum(one => one.Records.Decoded + one.Records.Skipped);

    public IReadOnlyList<(int Partition, long Position)> Positions => [.. _partitions.Values.Select(one => (one.Partition, one.Position))];

    public bool TryCapture(int partition, Action<OffsetsPosition> take) =>
        _partitions.TryGetValue(partition, out var one) && one.TryCapture(position => take(position with { TopicId = TopicId }));

    /// <summary>Until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _tail.RunAsync(cancellationToken);

    /// <summary>What a later tail needs to go on from here instead of from the beginning. Each partition is consistent in itself.</summary>
    public IReadOnlyList<OffsetsPosition> Snapshot() =>
        [.. _partitions.Values.Select(partition => partition.Snapshot()).OfType<OffsetsPosition>()];
}
