namespace ControlPlane.Testing;

/// <summary>A clock that runs on by itself, so many times as fast as the wall's, and its timers with it.</summary>
public sealed class QuickTime(int times) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _begun = System.GetTimestamp();

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => System.TimestampFrequency / times;

    public override DateTimeOffset GetUtcNow() => _start + (System.GetElapsedTime(_begun) * times);

    public override long GetTimestamp() => System.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new QuickTimer(System.CreateTimer(callback, state, Shorter(dueTime), Shorter(period)), this);

    private TimeSpan Shorter(TimeSpan time) => time <= TimeSpan.Zero ? time : time / times; // what is not above zero is at once, or never

    private sealed class QuickTimer(ITimer timer, QuickTime time) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(time.Shorter(dueTime), time.Shorter(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
