using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Spread;
using ControlPlane.Kafka.OffsetsTopic;
using ControlPlane.Kafka.Records;
using ControlPlane.Kafka.Tail;

namespace ControlPlane.Connectivity.Spread;

/// <summary>One partition of the offsets topic that is read for another process: its records are decoded and packed, and nothing is kept of them.</summary>
internal sealed class ShippedPartition : IPartitionSink, IOffsetsRecordVisitor
{
    private readonly int _partition;
    private readonly Action<FrameKind, byte[]> _ship;
    private readonly RecordsWriter _writer = new();
    private readonly OffsetsRecordCounters _records = new();
    private readonly BatchCounters _batches = new();
    private OffsetsRecordDecoder<ShippedPartition> _decoder;

    public ShippedPartition(int partition, Action<FrameKind, byte[]> ship)
    {
        (_partition, _ship) = (partition, ship);
        _decoder = new OffsetsRecordDecoder<ShippedPartition>(this, _records);
    }

    public ChunkOutcome Take(ReadOnlySpan<byte> batches, long fromOffset, bool skipBroken)
    {
        var before = _records.Decoded + _records.Skipped;
        _writer.Begin(_partition, fromOffset);
        var outcome = RecordChunk.Read(batches, fromOffset, skipBroken, _batches, ref _decoder);
        if (outcome.NextOffset > fromOffset)
        {
            _ship(FrameKind.Records, _writer.End(outcome.NextOffset, (int)(_records.Decoded + _records.Skipped - before), outcome.LeaderEpoch).ToArray());
        }

        return outcome;
    }

    public void Restart() => _ship(FrameKind.Restarted, PartitionMark.Write(_partition));

    public void CaughtUp() => _ship(FrameKind.CaughtUp, PartitionMark.Write(_partition));

    void IOffsetsRecordVisitor.Commit(scoped in OffsetCommit commit, in RecordPlace place)
    {
        if (commit.IsTombstone)
        {
            _writer.Delete(commit.Group, commit.Topic, commit.Partition, place.Offset);
        }
        else
        {
            var record = new CommitRecord(commit.Offset, commit.LeaderEpoch, commit.CommitTimestamp, commit.TopicId, place.Offset);
            _writer.Commit(commit.Group, commit.Topic, commit.Partition, record, place.IsTransactional ? place.ProducerId : null);
        }
    }

    void IOffsetsRecordVisitor.Group(in GroupRecord record, in RecordPlace place) =>
        _writer.Tell(record.Group, new GroupRecordKey((short)record.Type, record.Member), GroupFacts.Of(record), place.Offset);

    void IOffsetsRecordVisitor.EndTransaction(long producerId, bool isCommit, long offset) => _writer.EndTransaction(producerId, isCommit, offset);
}
