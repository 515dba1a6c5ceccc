using System.Text;
using ControlPlane.Engine.Lag.Feed;
using ControlPlane.Engine.Lag.Memory;

namespace ControlPlane.Engine.Lag.Spread;

/// <summary>Packs what a <see cref="GroupFeed"/> is to be told of the records of one fetch: names once, numbers as differences.</summary>
public sealed class RecordsWriter
{
    /// <summary>In the place of a leader epoch: no batch was looked at.</summary>
    internal const int NoBatch = -2;

    private readonly MemoryWriter _to = new();
    private NameTable _names = new();
    private long _offset;
    private long _timestamp;
    private int _records;

    public void Begin(int partition, long from)
    {
        _to.Clear();
        (_names, _offset, _timestamp, _records) = (new NameTable(), from, 0, 0);
        _to.Count(partition);
        _to.Number((ulong)from);
    }

    /// <summary><paramref name="producerId"/> is null where the commit counts at once.</summary>
    public void Commit(ReadOnlySpan<byte> group, ReadOnlySpan<byte> topic, int partition, in CommitRecord commit, long? producerId)
    {
        var hasId = commit.TopicId != Guid.Empty;
        Record(producerId is null ? RecordOp.Commit : RecordOp.TransactionalCommit, commit.RecordOffset);
        Name(group);
        Name(topic);
        _to.Count(partition);
        _to.Signed(commit.Offset);
        _to.Signed(commit.LeaderEpoch);
        _to.Signed(commit.TimestampMs - _timestamp);
        _timestamp = commit.TimestampMs;
        _to.Number(hasId ? 1UL : 0);
        if (hasId)
        {
            _to.Id(commit.TopicId);
        }

        if (producerId is { } producer)
        {
            _to.Signed(producer);
        }
    }

    public void Delete(ReadOnlySpan<byte> group, ReadOnlySpan<byte> topic, int partition, long recordOffset)
    {
        Record(RecordOp.Delete, recordOffset);
        Name(group);
        Name(topic);
        _to.Count(partition);
    }

    /// <summary>A record about a group; null is its tombstone.</summary>
    public void Tell(string group, GroupRecordKey key, GroupFact? fact, long recordOffset)
    {
        Record(fact is null ? RecordOp.Untell : RecordOp.Tell, recordOffset);
        Name(Encoding.UTF8.GetBytes(group));
        _to.Signed(key.Type);
        _to.Text(key.Member);
        if (fact is not null)
        {
            FactCodec.Write(_to, fact);
        }
    }

    public void EndTransaction(long producerId, bool isCommit, long recordOffset)
    {
        Record(isCommit ? RecordOp.Committed : RecordOp.Aborted, recordOffset);
        _to.Signed(producerId);
    }

    /// <summary>The whole payload, until the next <see cref="Begin"/>; <paramref name="next"/> is where the next fetch goes on, <paramref name="read"/> how many records were looked at, and <paramref name="leaderEpoch"/> that of the last batch.</summary>
    public ReadOnlySpan<byte> End(long next, int read, int? leaderEpoch)
    {
        _to.Number((ulong)RecordOp.End);
        _to.Number((ulong)next);
        _to.Count(Math.Max(read, _records));
        _to.Signed(leaderEpoch ?? NoBatch);
        return _to.Written;
    }

    private void Record(RecordOp op, long offset)
    {
        _records++;
        _to.Number((ulong)op);
        _to.Signed(offset - _offset);
        _offset = offset;
    }

    /// <summary>A new name has the next number, and follows it.</summary>
    private void Name(ReadOnlySpan<byte> utf8)
    {
        var isKnown = _names.TryFind(utf8, out var place);
        place = isKnown ? place : _names.Place(utf8);
        _to.Count(place);
        if (!isKnown)
        {
            _to.Count(utf8.Length);
            _to.Bytes(utf8);
        }
    }
}

/// <summary>What one entry of a payload tells.</summary>
internal enum RecordOp
{
    End = 0,
    Commit = 1,
    TransactionalCommit = 2,
    Delete = 3,
    Tell = 4,
    Untell = 5,
    Committed = 6,
    Aborted = 7,
}
