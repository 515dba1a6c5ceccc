namespace ControlPlane.Engine.Lag.Store;

/// <summary>From (group, topic, partition) to a row: open addressing over row numbers alone, the keys are in the rows.</summary>
internal sealed class RowIndex(List<RowChunk> chunks)
{
    private const int Free = 0;
    private const int Gone = -1;

    private int[] _rows = new int[1024]; // row + 1
    private int _used;

    public int Find(int group, int topic, int partition)
    {
        for (var at = Hash(group, topic, partition) & (_rows.Length - 1); _rows[at] != Free; at = (at + 1) & (_rows.Length - 1))
        {
            if (_rows[at] != Gone && Is(_rows[at] - 1, group, topic, partition))
            {
                return _rows[at] - 1;
            }
        }

        return -1;
    }

    /// <summary>The row carries its key already, and is not in here.</summary>
    public void Add(int row)
    {
        if (_used * 4 >= _rows.Length * 3)
        {
            Rebuild();
        }

        Put(row);
    }

    public void Remove(int row)
    {
        var (chunk, i) = (chunks[row >> RowChunk.Bits], row & RowChunk.Mask);
        for (var at = Hash(chunk.Group[i], chunk.Topic[i], chunk.Partition[i]) & (_rows.Length - 1); _rows[at] != Free; at = (at + 1) & (_rows.Length - 1))
        {
            if (_rows[at] == row + 1)
            {
                _rows[at] = Gone;
                return;
            }
        }
    }

    private static int Hash(int group, int topic, int partition)
    {
        var mixed = ((ulong)(uint)group * 0x9E3779B97F4A7C15) ^ ((ulong)(uint)topic * 0xC2B2AE3D27D4EB4F) ^ ((ulong)(uint)partition * 0x165667B19E3779F9);
        mixed ^= mixed >> 32;
        mixed *= 0xD6E8FEB86659FD93;
        return (int)((mixed ^ (mixed >> 32)) & int.MaxValue);
    }

    private bool Is(int row, int group, int topic, int partition)
    {
        var (chunk, i) = (chunks[row >> RowChunk.Bits], row & RowChunk.Mask);
        return chunk.Group[i] == group && chunk.Topic[i] == topic && chunk.Partition[i] == partition;
    }

    private void Put(int row)
    {
        var (chunk, i) = (chunks[row >> RowChunk.Bits], row & RowChunk.Mask);
        var at = Hash(chunk.Group[i], chunk.Topic[i], chunk.Partition[i]) & (_rows.Length - 1);
        while (_rows[at] != Free)
        {
            at = (at + 1) & (_rows.Length - 1);
        }

        _rows[at] = row + 1;
        _used++;
    }

    /// <summary>Larger where rows need it; the places of removed ones become free again either way.</summary>
    private void Rebuild()
    {
        var old = _rows;
        var live = old.AsSpan().Length - Count(old, Free) - Count(old, Gone);
        (_rows, _used) = (new int[live * 2 >= old.Length ? old.Length * 2 : old.Length], 0);
        foreach (var row in old)
        {
            if (row > 0)
            {
                Put(row - 1);
            }
        }
    }

    private static int Count(int[] rows, int value) => rows.AsSpan().Count(value);
}
