namespace ControlPlane.Engine.Alerts;

/// <summary>
/// How many requests one integration key may still make. PagerDuty takes about 120 in any 60 s: a burst of 20 and 100 a minute
/// never make more.
/// </summary>
public readonly record struct TokenBucket(double Tokens, DateTimeOffset At)
{
    public const double Burst = 20;
    public const double PerMinute = 100;

    public static TokenBucket Full(DateTimeOffset now) => new(Burst, now);

    /// <summary>The bucket after one was taken, or how long to wait for the next.</summary>
    public (TokenBucket Bucket, TimeSpan? Wait) Take(DateTimeOffset now)
    {
        // A clock that went back must not take tokens away.
        var grown = Math.Max(0, (now - At).TotalMinutes) * PerMinute;
        var tokens = Math.Min(Burst, Tokens + grown);
        return tokens >= 1
            ? (new TokenBucket(tokens - 1, now), null)
            : (new TokenBucket(tokens, now), TimeSpan.FromTicks((long)Math.Ceiling((1 - tokens) / PerMinute * TimeSpan.TicksPerMinute)));
    }
}
