using ControlPlane.Engine.Lag.Memory;

namespace ControlPlane.Engine.Lag.Store;

/// <summary>End offsets of one topic's partitions in flat arrays, twelve bytes a point.</summary>
internal sealed class TopicCurves(int recent, int history)
{
    /// <summary>No topic has so many: a number beyond it is nothing that we wrote.</summary>
    private const int MostPartitions = 250_000;

    private readonly int _points = recent + history;
    private long[] _offsets = [];
    private uint[] _times = [];
    private long[] _baseTime = [];
    private long[] _logStart = [];
    private byte[] _count = [];

    public void Add(int partition, long offset, long time, long logStart, long longest)
    {
        Grow(partition);
        _logStart[partition] = logStart >= 0 ? logStart : _logStart[partition];
        var (first, count) = (partition * _points, (int)_count[partition]);
        if (count == 0)
        {
            _baseTime[partition] = time;
        }
        else if (time <= _baseTime[partition] + _times[first + count - 1])
        {
            return;
        }

        if (count == _points)
        {
            Drop(first, partition, Redundant(first, partition, time, longest));
            count--;
        }

        if (time - _baseTime[partition] > uint.MaxValue)
        {
            (count, _baseTime[partition]) = (0, time); // nothing for 49 days
        }

        (_offsets[first + count], _times[first + count]) = (offset, (uint)(time - _baseTime[partition]));
        _count[partition] = (byte)(count + 1);
    }

    public long Newest(int partition) =>
        partition < _count.Length && _count[partition] > 0 ? _offsets[(partition * _points) + _count[partition] - 1] : CommitWindow.Unknown;

    public int Read(int partition, Span<long> times, Span<long> offsets, out long logStart)
    {
        logStart = CommitWindow.Unknown;
        if (partition >= _count.Length)
        {
            return 0;
        }

        logStart = _logStart[partition];
        var (first, count) = (partition * _points, (int)_count[partition]);
        _offsets.AsSpan(first, count).CopyTo(offsets);
        for (var i = 0; i < count; i++)
        {
            times[i] = _baseTime[partition] + _times[first + i];
        }

        return count;
    }

    public void Remember(MemoryWriter to, long now)
    {
        to.Count(_count.AsSpan().Length - _count.AsSpan().Count((byte)0));
        for (var partition = 0; partition < _count.Length; partition++)
        {
            var (first, count) = (partition * _points, (int)_count[partition]);
            if (count > 0)
            {
                to.Count(partition);
                to.OrUnknown(_logStart[partition]);
                to.Count(count);
                to.Signed(now - _baseTime[partition]);
                var (time, offset) = (0u, 0L);
                for (var i = first; i < first + count; i++)
                {
                    to.Number(_times[i] - time);
                    to.Signed(_offsets[i] - offset);
                    (time, offset) = (_times[i], _offsets[i]);
                }
            }
        }
    }

    /// <summary>Into curves without points.</summary>
    public void Recall(ref MemoryReader from, long now)
    {
        for (var left = from.Count(); left > 0; left--)
        {
            var (partition, logStart, count) = (from.Index(MostPartitions), from.OrUnknown(), from.Index(byte.MaxValue + 1));
            var time = now - from.Signed();
            var offset = 0L;
            for (var i = 0; i < count; i++)
            {
                (time, offset) = (time + (long)Math.Min(uint.MaxValue, from.Number()), offset + from.Signed());
                if (offset >= 0)
                {
                    Add(partition, offset, time, logStart, long.MaxValue); // one with room for fewer points thins them out
                }
            }
        }
    }

    private void Grow(int partition)
    {
        if (partition < _count.Length)
        {
            return;
        }

        var (old, size) = (_count.Length, Math.Max(partition + 1, _count.Length + (_count.Length / 8))); // memory counts here, and topics seldom grow
        Array.Resize(ref _offsets, size * _points);
        Array.Resize(ref _times, size * _points);
        Array.Resize(ref _baseTime, size);
        Array.Resize(ref _logStart, size);
        Array.Resize(ref _count, size);
        _logStart.AsSpan(old).Fill(CommitWindow.Unknown);
    }

    /// <summary>The point behind the recent polls that is missed least: its neighbours lie closest together for their age.</summary>
    private int Redundant(int first, int partition, long now, long longest)
    {
        var times = _times.AsSpan(first, _points);
        var newest = (double)(now - _baseTime[partition]);
        if (newest - times[1] > longest || history == 0)
        {
            return 0;
        }

        var (best, least) = (1, double.MaxValue);
        for (var i = 1; i <= history; i++)
        {
            var share = (times[i + 1] - times[i - 1]) / (newest - times[i]);
            (best, least) = share < least ? (i, share) : (best, least);
        }

        return best;
    }

    private void Drop(int first, int partition, int at)
    {
        var offsets = _offsets.AsSpan(first, _points);
        var times = _times.AsSpan(first, _points);
        offsets[(at + 1)..].CopyTo(offsets[at..]);
        times[(at + 1)..].CopyTo(times[at..]);
        var shift = times[0];
        if (shift == 0)
        {
            return;
        }

        _baseTime[partition] += shift; // the base is always the oldest point
        for (var i = 0; i < _points - 1; i++)
        {
            times[i] -= shift;
        }
    }
}
