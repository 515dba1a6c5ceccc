using System.Text;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Memory;

namespace ControlPlane.Engine.Lag.Spread;

/// <summary>Of which partition a payload is, from which record to which it goes, how many records were looked at for it, and the leader epoch of the last batch (-1: not known; null: there was none).</summary>
public readonly record struct RecordsHead(int Partition, long From, long Next, int Records, int? LeaderEpoch);

/// <summary>Tells a <see cref="GroupFeed"/> what a <see cref="RecordsWriter"/> packed.</summary>
public static class RecordsReader
{
    /// <summary>Reads all of it without telling anybody: what is no such payload is refused before any of it counts.</summary>
    /// <exception cref="SpreadException">It is not what <see cref="RecordsWriter"/> wrote.</exception>
    public static RecordsHead Check(ReadOnlySpan<byte> payload) => Walk(payload, null, 0);

    /// <summary>Tells what the records from <paramref name="position"/> on say; those before it are known.</summary>
    /// <exception cref="SpreadException">It is not what <see cref="RecordsWriter"/> wrote.</exception>
    public static void Apply(ReadOnlySpan<byte> payload, GroupFeed feed, long position) => Walk(payload, feed, position);

    private static RecordsHead Walk(ReadOnlySpan<byte> payload, GroupFeed? feed, long position)
    {
        try
        {
            var walk = new Reading(payload);
            return walk.Read(feed, position);
        }
        catch (Exception ex) when (ex is LagMemoryException or OverflowException)
        {
            throw new SpreadException($"what it read can't be understood: {(ex as LagMemoryException)?.What ?? "a number is out of its range"}", ex);
        }
    }

    /// <summary>One pass over a payload; names are places in it.</summary>
    private ref struct Reading(ReadOnlySpan<byte> payload)
    {
        private readonly ReadOnlySpan<byte> _payload = payload;
        private readonly List<Range> _names = [];
        private MemoryReader _from = new(payload);
        private long _offset;
        private long _timestamp;

        public RecordsHead Read(GroupFeed? feed, long position)
        {
            var (partition, from) = (_from.Index(int.MaxValue), checked((long)_from.Number()));
            _offset = from;
            while (true)
            {
                var op = (RecordOp)_from.Index((int)RecordOp.Aborted + 1);
                if (op == RecordOp.End)
                {
                    var head = new RecordsHead(partition, from, checked((long)_from.Number()), _from.Index(int.MaxValue), _from.Int() is > RecordsWriter.NoBatch and var epoch ? epoch : null);
                    return _from.IsAtEnd && head.Next >= from ? head : throw MemoryReader.Wrong("it does not end where it should");
                }

                _offset = checked(_offset + _from.Signed());
                if (_offset < from)
                {
                    throw MemoryReader.Wrong("a record stands before its beginning");
                }

                Record(op, _offset >= position ? feed : null);
            }
        }

        private void Record(RecordOp op, GroupFeed? feed)
        {
            switch (op)
            {
                case RecordOp.Commit or RecordOp.TransactionalCommit:
                    Commit(op == RecordOp.TransactionalCommit, feed);
                    break;
                case RecordOp.Delete:
                    var (group, topic, partition) = (Name(), Name(), _from.Index(int.MaxValue));
                    feed?.Delete(_payload[group], _payload[topic], partition, _offset);
                    break;
                case RecordOp.Tell or RecordOp.Untell:
                    var (name, key) = (Name(), new GroupRecordKey(checked((short)_from.Int()), _from.TextOrNull()));
                    var fact = op == RecordOp.Tell ? FactCodec.Read(ref _from) : null;
                    feed?.Tell(Encoding.UTF8.GetString(_payload[name]), key, fact);
                    break;
                default:
                    var producer = _from.Signed();
                    feed?.EndTransaction(producer, op == RecordOp.Committed);
                    break;
            }
        }

        private void Commit(bool isTransactional, GroupFeed? feed)
        {
            var (group, topic, partition) = (Name(), Name(), _from.Index(int.MaxValue));
            var (offset, epoch) = (_from.Signed(), _from.Int());
            _timestamp = unchecked(_timestamp + _from.Signed());
            var commit = new CommitRecord(offset, epoch, _timestamp, _from.Index(2) == 1 ? _from.Id() : Guid.Empty, _offset);
            long? producer = isTransactional ? _from.Signed() : null;
            feed?.Commit(_payload[group], _payload[topic], partition, commit, producer);
        }

        private Range Name()
        {
            var place = _from.Index(_names.Count + 1);
            if (place == _names.Count)
            {
                var size = _from.Sized().Length;
                var end = _payload.Length - _from.Left;
                _names.Add((end - size)..end);
            }

            return _names[place];
        }
    }
}
