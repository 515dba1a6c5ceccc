namespace ControlPlane.Engine.Lag.Store;

/// <summary>The packed rings of one shard: reads, writes and moves commits of a row, and gives rows out.</summary>
internal sealed class Rows(int slots)
{
    private const uint UnknownLag = uint.MaxValue;

    /// <summary>A lag of four thousand million messages and more stands in a table of its own.</summary>
    private const uint WideLag = uint.MaxValue - 1;

    private readonly Dictionary<long, long> _wide = [];
    private int _free = -1;
    private int _used;

    public List<RowChunk> Chunks { get; } = [];

    public int Slots => slots;

    public RowChunk ChunkOf(int row) => Chunks[row >> RowChunk.Bits];

    public int Take(int group, int topic, int partition, int next)
    {
        var row = _free;
        if (row < 0)
        {
            row = _used++;
            if (row >> RowChunk.Bits == Chunks.Count)
            {
                Chunks.Add(new RowChunk(slots));
            }
        }

        var (chunk, i) = (ChunkOf(row), row & RowChunk.Mask);
        _free = row == _free ? chunk.Next[i] : _free;
        (chunk.Group[i], chunk.Topic[i], chunk.Partition[i], chunk.Next[i]) = (group, topic, partition, next);
        (chunk.Head[i], chunk.Count[i], chunk.Learned[i]) = (0, 0, default);
        return row;
    }

    public void Release(int row)
    {
        var (chunk, i) = (ChunkOf(row), row & RowChunk.Mask);
        ForgetWide(chunk, row);
        (chunk.Group[i], chunk.Count[i], chunk.Next[i], _free) = (-1, 0, _free, row);
    }

    public long NewestTime(int row)
    {
        var (chunk, i) = (ChunkOf(row), row & RowChunk.Mask);
        return chunk.BaseTime[i] + chunk.Times[SlotOf(chunk, i, chunk.Count[i] - 1)];
    }

    public (long Offset, long Order) Newest(int row)
    {
        var (chunk, i) = (ChunkOf(row), row & RowChunk.Mask);
        var slot = SlotOf(chunk, i, chunk.Count[i] - 1);
        return (chunk.Offsets[slot], chunk.BaseOrder[i] + chunk.Orders[slot]);
    }

    /// <summary>Oldest first; returns how many.</summary>
    public int Read(int row, in RowCopy to)
    {
        var (chunk, i) = (ChunkOf(row), row & RowChunk.Mask);
        int count = chunk.Count[i];
        var (first, slot) = (i * slots, i * slots + chunk.Head[i]);
        for (var at = 0; at < count; at++)
        {
            to.Offsets[at] = chunk.Offsets[slot];
            to.Times[at] = chunk.BaseTime[i] + chunk.Times[slot];
            to.Orders[at] = chunk.BaseOrder[i] + chunk.Orders[slot];
            to.Lags[at] = chunk.Lags[slot] < WideLag ? chunk.Lags[slot] : chunk.Lags[slot] == UnknownLag ? CommitWindow.Unknown : _wide[Wide(row, slot - first)];
            to.Delays[at] = Delay.Seconds(chunk.Delays[slot]);
            slot = slot + 1 == first + slots ? first : slot + 1;
        }

        return count;
    }

    /// <summary>Writes a row anew from the newest commits of a copy.</summary>
    public void Write(int row, in RowCopy from, int count)
    {
        var (chunk, i) = (ChunkOf(row), row & RowChunk.Mask);
        ForgetWide(chunk, row);
        var skip = Math.Max(0, count - slots);
        while (!IsNear(from.Orders, skip, count) || !IsNear(from.Times, skip, count))
        {
            skip++; // 49 days, or four thousand million records away from the newest: out of date long since
        }

        (chunk.BaseOrder[i], chunk.BaseTime[i]) = (Least(from.Orders[skip..count]), Least(from.Times[skip..count]));
        (chunk.Head[i], chunk.Count[i]) = (0, (byte)(count - skip));
        for (var at = skip; at < count; at++)
        {
            Put(chunk, row, at - skip, new CommitPoint(from.Offsets[at], from.Times[at], from.Orders[at], 0), from.Lags[at], from.Delays[at]);
        }
    }

    /// <summary>The usual case without a copy: newer than all, and near enough to the row's base. False where it is not the usual case.</summary>
    public bool TryAppend(int row, in CommitPoint commit, long lag, long minDistance, out bool isMerged)
    {
        var (chunk, i) = (ChunkOf(row), row & RowChunk.Mask);
        isMerged = false;
        int count = chunk.Count[i];
        if (count == 0 || commit.Order - chunk.BaseOrder[i] is < 0 or > uint.MaxValue || commit.Timestamp - chunk.BaseTime[i] is < 0 or > uint.MaxValue)
        {
            return false;
        }

        var newest = SlotOf(chunk, i, count - 1);
        if (commit.Order - chunk.BaseOrder[i] <= chunk.Orders[newest])
        {
            return false;
        }

        var distance = commit.Timestamp - chunk.BaseTime[i] - chunk.Times[newest];
        isMerged = distance < minDistance;
        var slot = isMerged ? newest - i * slots : (chunk.Head[i] + count) % slots;
        if (!isMerged)
        {
            chunk.Head[i] = count == slots ? (byte)((chunk.Head[i] + 1) % slots) : chunk.Head[i];
            chunk.Count[i] = (byte)Math.Min(count + 1, slots);
        }

        var time = isMerged ? commit.Timestamp - distance : commit.Timestamp;
        Put(chunk, row, slot, commit with { Timestamp = time }, lag, (commit.ObservedAt - time) / 1000);
        return true;
    }

    private static bool IsNear(ReadOnlySpan<long> values, int from, int to)
    {
        var (least, most) = (long.MaxValue, long.MinValue);
        foreach (var value in values[from..to])
        {
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        }

        return most <= least || (ulong)(most - least) <= uint.MaxValue;
    }

    private static long Least(ReadOnlySpan<long> values)
    {
        var least = long.MaxValue;
        foreach (var value in values)
        {
            least = Math.Min(least, value);
        }

        return least;
    }

    private static long Wide(int row, int slot) => ((long)row << 8) | (uint)slot;

    private int SlotOf(RowChunk chunk, int i, int at) => i * slots + ((chunk.Head[i] + at) % slots);

    private void Put(RowChunk chunk, int row, int slot, in CommitPoint commit, long lag, long delay)
    {
        var i = row & RowChunk.Mask;
        var at = i * slots + slot;
        if (chunk.Lags[at] == WideLag)
        {
            _wide.Remove(Wide(row, slot));
        }

        chunk.Offsets[at] = commit.Offset;
        chunk.Times[at] = (uint)(commit.Timestamp - chunk.BaseTime[i]);
        chunk.Orders[at] = (uint)(commit.Order - chunk.BaseOrder[i]);
        chunk.Lags[at] = lag < 0 ? UnknownLag : lag < WideLag ? (uint)lag : WideLag;
        chunk.Delays[at] = Delay.Pack(delay);
        if (lag >= WideLag)
        {
            _wide[Wide(row, slot)] = lag;
        }
    }

    private void ForgetWide(RowChunk chunk, int row)
    {
        var lags = chunk.Lags.AsSpan((row & RowChunk.Mask) * slots, slots);
        for (var slot = 0; slot < slots; slot++)
        {
            if (lags[slot] == WideLag)
            {
                _wide.Remove(Wide(row, slot));
                lags[slot] = UnknownLag;
            }
        }
    }
}
