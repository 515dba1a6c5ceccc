using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Kafka.OffsetsTopic;
using ControlPlane.Kafka.Records;
using ControlPlane.Kafka.Tail;

namespace ControlPlane.Connectivity;

/// <summary>
/// One partition of the offsets topic: decodes its records and feeds them to the engine. A group is in one partition, so
/// nothing is shared between two of these.
/// </summary>
internal sealed class OffsetsPartition : IPartitionSink, IOffsetsRecordVisitor
{
    private readonly Lock _gate = new(); // between the tail's thread and whoever wants a snapshot
    private readonly GroupFeed _feed;
    private OffsetsRecordDecoder<OffsetsPartition> _decoder;
    private long _position;
    private int _leaderEpoch = -1; // of the batch before it
    private bool _replays;

    public OffsetsPartition(int partition, IGroupEvents events, OffsetsPosition? from = null)
    {
        Partition = partition;
        _feed = new GroupFeed(events);
        _decoder = new OffsetsRecordDecoder<OffsetsPartition>(this, Records);
        if (from is not null)
        {
            _feed.Import(from.Groups);
            (_position, _leaderEpoch) = (from.Offset, from.LeaderEpoch);
        }
    }

    public int Partition { get; }

    /// <summary>The next record wanted.</summary>
    public long Position
    {
        get
        {
            lock (_gate)
            {
                return _position;
            }
        }
    }

    public OffsetsRecordCounters Records { get; } = new();

    public BatchCounters Batches { get; } = new();

    public GroupFeedCounters Groups => _feed.Counters;

    /// <summary>Consistent with what the events have told. Null while the log is read anew: what is known then is not proven yet.</summary>
    public OffsetsPosition? Snapshot()
    {
        OffsetsPosition? position = null;
        TryCapture(taken => position = taken);
        return position;
    }

    /// <summary>Hands out where we are while nothing is taken; false while the log is read anew.</summary>
    public bool TryCapture(Action<OffsetsPosition> take)
    {
        lock (_gate)
        {
            if (_replays)
            {
                return false;
            }

            take(new OffsetsPosition(Partition, _position, _feed.Export()) { LeaderEpoch = _leaderEpoch });
            return true;
        }
    }

    public ChunkOutcome Take(ReadOnlySpan<byte> batches, long fromOffset, bool skipBroken)
    {
        lock (_gate)
        {
            var outcome = RecordChunk.Read(batches, fromOffset, skipBroken, Batches, ref _decoder);
            _feed.Flush();
            (_position, _leaderEpoch) = (outcome.NextOffset, outcome.LeaderEpoch ?? _leaderEpoch);
            return outcome;
        }
    }

    public void Restart()
    {
        lock (_gate)
        {
            _feed.BeginReplay();
            (_replays, _position, _leaderEpoch) = (true, 0, -1);
        }
    }

    public void CaughtUp()
    {
        lock (_gate)
        {
            if (_replays)
            {
                _feed.EndReplay();
                _replays = false;
            }
        }
    }

    void IOffsetsRecordVisitor.Commit(scoped in OffsetCommit commit, in RecordPlace place)
    {
        if (commit.IsTombstone)
        {
            _feed.Delete(commit.Group, commit.Topic, commit.Partition, place.Offset);
        }
        else
        {
            var record = new CommitRecord(commit.Offset, commit.LeaderEpoch, commit.CommitTimestamp, commit.TopicId, place.Offset);
            _feed.Commit(commit.Group, commit.Topic, commit.Partition, record, place.IsTransactional ? place.ProducerId : null);
        }
    }

    void IOffsetsRecordVisitor.Group(in GroupRecord record, in RecordPlace place) =>
        _feed.Tell(record.Group, new GroupRecordKey((short)record.Type, record.Member), GroupFacts.Of(record));

    void IOffsetsRecordVisitor.EndTransaction(long producerId, bool isCommit, long offset) => _feed.EndTransaction(producerId, isCommit);
}
