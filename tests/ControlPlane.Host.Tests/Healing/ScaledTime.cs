using System.Diagnostics;

namespace ControlPlane.Host.Tests.Healing;

/// <summary>The wall's clock, at another pace: for a world without timers, which looks at the time only when it is asked.</summary>
internal sealed class ScaledTime(double factor) : TimeProvider
{
    private readonly Lock _gate = new();
    private DateTimeOffset _start = System.GetUtcNow();
    private long _began = Stopwatch.GetTimestamp();
    private double _factor = factor;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return Now();
        }
    }

    /// <summary>From now on at another pace.</summary>
    public void Pace(double pace)
    {
        lock (_gate)
        {
            (_start, _began, _factor) = (Now(), Stopwatch.GetTimestamp(), pace);
        }
    }

    private DateTimeOffset Now() => _start + (Stopwatch.GetElapsedTime(_began) * _factor);
}
