namespace ControlPlane.Engine.Lag.Store;

/// <summary>Some thousand partitions of groups in flat arrays: one slot costs 21 bytes, times and orders are kept as distances from the row's base.</summary>
internal sealed class RowChunk(int slots)
{
    public const int Bits = 13;
    public const int Rows = 1 << Bits;
    public const int Mask = Rows - 1;

    public readonly long[] Offsets = new long[Rows * slots];
    public readonly uint[] Times = new uint[Rows * slots];
    public readonly uint[] Orders = new uint[Rows * slots];
    public readonly uint[] Lags = new uint[Rows * slots];

    /// <summary>From commit to when it was read, as <see cref="Delay"/> packs it.</summary>
    public readonly byte[] Delays = new byte[Rows * slots];

    public readonly long[] BaseTime = new long[Rows];
    public readonly long[] BaseOrder = new long[Rows];
    public readonly int[] Group = new int[Rows];
    public readonly int[] Topic = new int[Rows];
    public readonly int[] Partition = new int[Rows];

    /// <summary>Next row of the same group, or of the free list; -1 at the end.</summary>
    public readonly int[] Next = new int[Rows];

    public readonly Learned[] Learned = new Learned[Rows];

    /// <summary>Slot of the oldest commit.</summary>
    public readonly byte[] Head = new byte[Rows];
    public readonly byte[] Count = new byte[Rows];
}
