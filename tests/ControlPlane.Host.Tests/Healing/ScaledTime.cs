using System.Diagnostics;

namespace ControlPlane.Host.Tests.Healing;

/// <summary>A clock that runs faster than the wall's, timers included: grace times of minutes pass in seconds, in their right order.</summary>
internal sealed class ScaledTime(double factor) : TimeProvider
{
    private readonly Lock _gate = new();
    private DateTimeOffset _start = System.GetUtcNow();
    private long _began = Stopwatch.GetTimestamp();
    private double _factor = factor;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _start + (Stopwatch.GetElapsedTime(_began) * _factor);
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Scale(dueTime), Scale(period));

    /// <summary>From now on at another pace. Timers that run already keep theirs.</summary>
    public void Pace(double pace)
    {
        var now = GetUtcNow();
        lock (_gate)
        {
            (_start, _began, _factor) = (now, Stopwatch.GetTimestamp(), pace);
        }
    }

    private TimeSpan Scale(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / _factor;
}
