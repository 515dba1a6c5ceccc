namespace ControlPlane.Engine.Lag;

/// <summary>Log end offsets over time, oldest first: when was a record written?</summary>
/// <remarks>Where offsets fall (topic made anew, log truncated) what lies before is of another log and is left out.</remarks>
public readonly ref struct EndOffsetCurve
{
    private readonly ReadOnlySpan<long> _times;
    private readonly ReadOnlySpan<long> _offsets;

    public EndOffsetCurve(ReadOnlySpan<long> times, ReadOnlySpan<long> offsets)
    {
        var first = offsets.Length - 1;
        while (first > 0 && offsets[first - 1] <= offsets[first] && times[first - 1] <= times[first])
        {
            first--;
        }

        first = Math.Max(0, first);
        _times = times[first..];
        _offsets = offsets[first..];
    }

    public bool IsEmpty => _offsets.IsEmpty;

    /// <summary>How long the record at an offset has been waiting; none when it is not written yet.</summary>
    public TimeLag LagOf(long offset, long now)
    {
        if (IsEmpty)
        {
            return TimeLag.Unknown;
        }

        if (offset >= _offsets[^1])
        {
            return TimeLag.None;
        }

        var later = FirstBeyond(offset);
        return later == 0
            ? new TimeLag(TimeLagKind.AtLeast, Math.Max(0, now - _times[0]))
            : new TimeLag(TimeLagKind.Known, Math.Max(0, now - Between(later - 1, offset)));
    }

    /// <summary>The same, but in doubt rather too short: after a stretch in which nothing was written, from the first poll that saw something.</summary>
    public TimeLag LeastLagOf(long offset, long now)
    {
        var lag = LagOf(offset, now);
        if (lag.Kind != TimeLagKind.Known || lag == TimeLag.None)
        {
            return lag;
        }

        var later = FirstBeyond(offset);
        return _offsets[later - 1] == offset ? new TimeLag(TimeLagKind.Known, Math.Max(0, now - _times[later])) : lag;
    }

    /// <summary>Where the log ended at a moment; NaN outside the history.</summary>
    public double EndAt(long time)
    {
        if (IsEmpty || time < _times[0] || time > _times[^1])
        {
            return double.NaN;
        }

        var later = 0;
        while (_times[later] < time)
        {
            later++;
        }

        return later == 0 || _times[later] == time ? _offsets[later]
            : _offsets[later - 1] + ((double)(_offsets[later] - _offsets[later - 1]) * (time - _times[later - 1]) / (_times[later] - _times[later - 1]));
    }

    /// <summary>The end as of the newest poll up to a moment; unknown where there was none.</summary>
    public long EndBefore(long time)
    {
        var end = CommitWindow.Unknown;
        for (var i = 0; i < _times.Length && _times[i] <= time; i++)
        {
            end = _offsets[i];
        }

        return end;
    }

    /// <summary>Records a second between the oldest and the newest point; NaN with less than two moments.</summary>
    public double RecordsPerSecond => _times.Length < 2 || _times[^1] <= _times[0] ? double.NaN : (_offsets[^1] - _offsets[0]) * 1000.0 / (_times[^1] - _times[0]);

    /// <summary>The first point that lies beyond an offset: by then the record was written.</summary>
    private int FirstBeyond(long offset)
    {
        var (low, high) = (0, _offsets.Length - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _offsets[middle] > offset ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    /// <summary>Rounded down, so that a wait is rather too long than too short.</summary>
    private long Between(int left, long offset)
    {
        var (records, time) = (_offsets[left + 1] - _offsets[left], _times[left + 1] - _times[left]);
        return _times[left] + (long)((Int128)(offset - _offsets[left]) * time / records);
    }
}
