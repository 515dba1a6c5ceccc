using ControlPlane.Clusters;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Spread;
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
    private bool _isPlaced;
    private bool _replays;
    private long _readElsewhere;
    private volatile bool _isCaughtUp;

    public OffsetsPartition(int partition, IGroupEvents events, OffsetsPosition? from = null)
    {
        Partition = partition;
        _feed = new GroupFeed(events);
        _decoder = new OffsetsRecordDecoder<OffsetsPartition>(this, Records);
        if (from is not null)
        {
            _feed.Import(from.Groups);
            (_position, _leaderEpoch, _isPlaced) = (from.Offset, from.LeaderEpoch, true);
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

    /// <summary>Where to go on; null where the log is to be read from its beginning.</summary>
    public TailPlace? Place
    {
        get
        {
            lock (_gate)
            {
                return _isPlaced ? new TailPlace(_position, _leaderEpoch) : null;
            }
        }
    }

    /// <summary>All that the log held when we began, or began anew, is known; stays so when another goes on with reading.</summary>
    public bool IsCaughtUp => _isCaughtUp;

    /// <summary>Records that were looked at, by whomever.</summary>
    public long Read => Records.Decoded + Records.Skipped + Volatile.Read(ref _readElsewhere);

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
            (_position, _leaderEpoch, _isPlaced) = (outcome.NextOffset, outcome.LeaderEpoch ?? _leaderEpoch, true);
            return outcome;
        }
    }

    /// <summary>Takes what another process read of this partition; what is known already is passed over.</summary>
    /// <exception cref="SpreadException">It is no such payload, or something is missing before it. Nothing of it was taken.</exception>
    public void Take(ReadOnlySpan<byte> payload, RecordsHead head)
    {
        lock (_gate)
        {
            if (_isPlaced && head.From > _position)
            {
                throw new SpreadException($"it goes on at {head.From} in partition {Partition}, and {_position} is wanted next");
            }

            RecordsReader.Apply(payload, _feed, _isPlaced ? _position : 0);
            _feed.Flush();
            _leaderEpoch = (!_isPlaced || head.Next > _position) && head.LeaderEpoch is { } epoch ? epoch : _leaderEpoch;
            (_position, _isPlaced) = (_isPlaced ? Math.Max(_position, head.Next) : head.Next, true);
            Volatile.Write(ref _readElsewhere, _readElsewhere + head.Records);
        }
    }

    public void Restart()
    {
        lock (_gate)
        {
            _feed.BeginReplay();
            (_replays, _position, _leaderEpoch, _isPlaced, _isCaughtUp) = (true, 0, -1, false, false);
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

            _isCaughtUp = true;
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
