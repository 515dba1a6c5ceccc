namespace ControlPlane.Engine.Lag.Store;

/// <summary>A row written out: commits oldest first, in plain numbers. One slot more than a window, for the one that is put in.</summary>
internal readonly ref struct RowCopy
{
    public RowCopy(Span<long> space)
    {
        var size = space.Length / 5;
        Offsets = space[..size];
        Times = space.Slice(size, size);
        Orders = space.Slice(2 * size, size);
        Lags = space.Slice(3 * size, size);
        Delays = space.Slice(4 * size, size);
    }

    private RowCopy(RowCopy all, int first)
    {
        Offsets = all.Offsets[first..];
        Times = all.Times[first..];
        Orders = all.Orders[first..];
        Lags = all.Lags[first..];
        Delays = all.Delays[first..];
    }

    public Span<long> Offsets { get; }

    public Span<long> Times { get; }

    public Span<long> Orders { get; }

    public Span<long> Lags { get; }

    public Span<long> Delays { get; }

    /// <summary>Without the oldest commits.</summary>
    public RowCopy From(int commit) => new(this, commit);

    public static int SpaceFor(int slots) => (slots + 1) * 5;

    public void Set(int at, in CommitPoint commit, long time, long lag)
    {
        (Offsets[at], Times[at], Orders[at], Lags[at]) = (commit.Offset, time, commit.Order, lag);
        Delays[at] = Math.Max(0, (commit.ObservedAt - time) / 1000);
    }

    /// <summary>Makes room before a commit.</summary>
    public void Open(int at, int count)
    {
        Shift(Offsets, at, count);
        Shift(Times, at, count);
        Shift(Orders, at, count);
        Shift(Lags, at, count);
        Shift(Delays, at, count);
    }

    private static void Shift(Span<long> values, int at, int count) => values[at..count].CopyTo(values[(at + 1)..]);
}
