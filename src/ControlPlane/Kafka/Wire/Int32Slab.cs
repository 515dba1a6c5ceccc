namespace ControlPlane.Kafka.Wire;

/// <summary>
/// Backing for the many short integer lists of one answer (replicas, ISR). Half a million partitions would otherwise be
/// millions of small arrays, each costing the garbage collector more than its content.
/// </summary>
internal sealed class Int32Slab
{
    private const int MaxChunk = 16 * 1024; // 64 KiB: below the large object heap

    private int[] _chunk;
    private int _used;

    /// <summary>A slab for what is left of a frame: its first chunk is never larger than the integers that can still be in it.</summary>
    public Int32Slab(int remainingBytes) => _chunk = new int[Math.Min(MaxChunk, remainingBytes / sizeof(int))];

    public Memory<int> Take(int count)
    {
        if (count > _chunk.Length - _used)
        {
            if (count > MaxChunk / 4)
            {
                return new int[count]; // a list this long would waste the rest of a chunk
            }

            (_chunk, _used) = (new int[MaxChunk], 0);
        }

        var slice = _chunk.AsMemory(_used, count);
        _used += count;
        return slice;
    }
}
