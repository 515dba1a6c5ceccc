namespace ControlPlane.Kafka.Connections;

/// <summary>How long to wait after the nth failure in a row: doubling from <paramref name="First"/> up to <paramref name="Cap"/>, spread by a fifth either way.</summary>
public readonly record struct BackOff(TimeSpan First, TimeSpan Cap)
{
    private const double Spread = 0.2; // so that many waiters don't come back at the same moment

    public static BackOff Default { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));

    /// <summary><paramref name="failures"/> counts from 1; <paramref name="random"/> from 0 to 1.</summary>
    public TimeSpan DelayAfter(int failures, double random)
    {
        var doublings = Math.Clamp(failures - 1, 0, 30);
        var delay = Math.Min(First.TotalMilliseconds * Math.Pow(2, doublings), Cap.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(delay * (1 - Spread + (2 * Spread * random)));
    }
}
