namespace ControlPlane.Engine.Lag.Store;

/// <summary>A copy of one group, in arrays that are used for group after group: no allocation once they are large enough.</summary>
public sealed class LagSnapshot
{
    private EndOffsetStore? _ends;
    private int _slots;
    private int _points;
    private long _skew;
    private (long From, long Until) _blind;
    private long[] _numbers = [];
    private long[] _curves = [];
    private Row[] _rows = [];

    public string Group { get; private set; } = "";

    /// <summary>Partitions of the group that have commits.</summary>
    public int Count { get; private set; }

    public string Topic(int at) => _ends!.NameOf(_rows[at].Topic);

    public int Partition(int at) => _rows[at].Partition;

    /// <summary>Where the group stands.</summary>
    public long LastOffset(int at) => _rows[at].Commits > 0 ? Copy(at).Offsets[_rows[at].Commits - 1] : CommitWindow.Unknown;

    /// <summary>What membership says of a partition; unknown until it is told.</summary>
    public void SetUse(int at, PartitionUse use) => _rows[at].Use = use;

    /// <summary>Where readers of committed records have to stop; null where nobody asked.</summary>
    public void SetLastStable(int at, long? offset) => _rows[at].LastStable = offset ?? CommitWindow.Unknown;

    /// <summary>
    /// How far our clock is ahead of the one that stamps this group's commits, in ms. Windows are then by that clock: polls of end offsets, which
    /// have times of ours, and the moment of judgement are moved to it.
    /// </summary>
    public void SetSkew(long milliseconds)
    {
        for (var at = 0; at < Count; at++)
        {
            foreach (ref var time in _curves.AsSpan(at * _points * 2, _rows[at].Points))
            {
                time += _skew - milliseconds;
            }
        }

        _skew = milliseconds;
    }

    /// <summary>A moment of our clock by the clock that stamps the commits.</summary>
    public long ClockOf(long now) => now - _skew;

    /// <summary>When a commit was read, in ms; by the second at first, by the minute after two, and at most two hours after the commit.</summary>
    public long ObservedAt(int at, int commit)
    {
        var copy = Copy(at);
        return copy.Times[commit] + (copy.Delays[commit] * 1000);
    }

    /// <summary>What our own rules look at: the whole curve of end offsets.</summary>
    public CommitWindow Window(int at, long now) => Make(at, now, 0);

    /// <summary>What Burrow would look at: the last polls only.</summary>
    public CommitWindow BurrowWindow(int at, long now) => Make(at, now, Math.Max(0, _rows[at].Points - _ends!.Recent));

    internal void Begin(string group, int rows, int slots, EndOffsetStore ends)
    {
        (Group, Count, _slots, _points, _ends, _skew, _blind) = (group, 0, slots, ends.Points, ends, 0, ends.Blind);
        if (_rows.Length < rows || _numbers.Length < rows * RowCopy.SpaceFor(slots) || _curves.Length < rows * ends.Points * 2)
        {
            _rows = new Row[rows];
            _numbers = new long[rows * RowCopy.SpaceFor(slots)];
            _curves = new long[rows * ends.Points * 2];
        }
    }

    internal void Add(Rows rows, int row)
    {
        var (chunk, i, at) = (rows.ChunkOf(row), row & RowChunk.Mask, Count++);
        var curve = _curves.AsSpan(at * _points * 2, _points * 2);
        var points = _ends!.Read(chunk.Topic[i], chunk.Partition[i], curve[.._points], curve[_points..], out var logStart);
        _rows[at] = new Row
        {
            Topic = chunk.Topic[i],
            Partition = chunk.Partition[i],
            Commits = rows.Read(row, Copy(at)),
            Points = points,
            LogStart = logStart,
            LastStable = CommitWindow.Unknown,
            Learned = chunk.Learned[i],
        };
    }

    private RowCopy Copy(int at)
    {
        var space = RowCopy.SpaceFor(_slots);
        return new RowCopy(_numbers.AsSpan(at * space, space));
    }

    private CommitWindow Make(int at, long now, int firstPoint)
    {
        ref readonly var row = ref _rows[at];
        var copy = Copy(at);
        var curve = _curves.AsSpan(at * _points * 2, _points * 2);
        var ends = curve.Slice(_points + firstPoint, row.Points - firstPoint);
        return new CommitWindow
        {
            Offsets = copy.Offsets[..row.Commits],
            Times = copy.Times[..row.Commits],
            Lags = copy.Lags[..row.Commits],
            EndOffsets = ends,
            EndTimes = curve[firstPoint..row.Points],
            Slots = _slots,
            Now = ClockOf(now),
            CurrentLag = CommitWindow.LagOf(copy.Offsets[..row.Commits], ends),
            LogStartOffset = row.LogStart,
            LastStableOffset = row.LastStable,
            LongestWait = row.Learned.LongestWait,
            WorkedOff = (long)row.Learned.WorkedOff,
            Blind = _blind.Until > 0 ? (_blind.From - _skew, _blind.Until - _skew) : _blind,
            Use = row.Use,
        };
    }

    private struct Row
    {
        public int Topic;
        public int Partition;
        public int Commits;
        public int Points;
        public long LogStart;
        public long LastStable;
        public Learned Learned;
        public PartitionUse Use;
    }
}
