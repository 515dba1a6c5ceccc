namespace ControlPlane.Engine.Lag.Feed;

/// <summary>
/// How far our clock is ahead of a broker's, learned from the stamps of records that are read just after they were written: the least
/// difference seen lately, since each record is some moments old. Any thread may call.
/// </summary>
public sealed class ClockSkew
{
    /// <summary>Differences below this are the way here and the wait of a fetch.</summary>
    private const long NoiseMs = 1_000;

    /// <summary>A clock that was set right is believed after two of these.</summary>
    private const long SpanMs = 60_000;

    private const int LeastSamples = 3;

    private readonly Lock _gate = new();
    private Span _now;
    private Span _before;
    private long _milliseconds;

    /// <summary>0 until enough was seen, and where the clocks agree.</summary>
    public long Milliseconds
    {
        get
        {
            lock (_gate)
            {
                return _milliseconds;
            }
        }
    }

    /// <summary>Takes one record.</summary>
    /// <param name="stamp">By the broker, in ms.</param>
    /// <param name="readAt">By us, in ms.</param>
    /// <param name="isLive">It was read because it had just been written. What is read later says nothing, unless it comes from the future.</param>
    public void Take(long stamp, long readAt, bool isLive)
    {
        var difference = readAt - stamp;
        if (!isLive && difference >= -NoiseMs)
        {
            return;
        }

        lock (_gate)
        {
            if (_now.Count == 0 || readAt - _now.Began >= SpanMs || readAt < _now.Began)
            {
                (_before, _now) = (_now.Count >= LeastSamples ? _now : _before, new Span(readAt, difference, 0));
            }

            _now = new Span(_now.Began, Math.Min(_now.Least, difference), _now.Count + 1);
            if (_now.Count >= LeastSamples || !isLive)
            {
                var least = _before.Count > 0 && readAt - _before.Began < 2 * SpanMs ? Math.Min(_now.Least, _before.Least) : _now.Least;
                _milliseconds = Math.Abs(least) < NoiseMs ? 0 : least;
            }
        }
    }

    private readonly record struct Span(long Began, long Least, int Count);
}
