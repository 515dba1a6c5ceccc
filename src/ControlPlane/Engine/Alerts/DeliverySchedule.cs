namespace ControlPlane.Engine.Alerts;

/// <summary>When to try again, when to give up, and when to leave a failing target in peace. Random numbers come from the caller.</summary>
/// <param name="Base">Upper bound of the first pause; doubles with each attempt.</param>
/// <param name="Cap">Upper bound of every pause that the receiver did not ask for.</param>
/// <param name="GiveUpAfter">Since the delivery was made.</param>
/// <param name="BreakAfter">Failures in a row after which a target is only probed.</param>
/// <param name="ProbePause">Pause before the first probe; doubles with each that fails, up to <paramref name="Cap"/>.</param>
public sealed record DeliverySchedule(TimeSpan Base, TimeSpan Cap, TimeSpan GiveUpAfter, int BreakAfter, TimeSpan ProbePause)
{
    /// <summary>A receiver may ask for patience, not for silence.</summary>
    public static TimeSpan MaxRetryAfter { get; } = TimeSpan.FromHours(1);

    public static DeliverySchedule Default { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), TimeSpan.FromHours(24), 5, TimeSpan.FromSeconds(5));

    /// <summary>The pause before the next attempt: anything from nothing to the bound, so that many failed ones don't return together.</summary>
    /// <param name="attempts">Made so far, from 1.</param>
    /// <param name="retryAfter">What the receiver asked for; never less than that is waited.</param>
    /// <param name="sample">From 0 up to 1.</param>
    public TimeSpan Pause(int attempts, TimeSpan? retryAfter, double sample)
    {
        var jittered = Doubled(Base, attempts - 1) * sample;
        return retryAfter is { } asked && asked > jittered ? (asked > MaxRetryAfter ? MaxRetryAfter : asked) : jittered;
    }

    /// <summary>Whether another attempt after the pause would come too late to be of use.</summary>
    public bool GivesUp(TimeSpan age, TimeSpan pause) => age + pause >= GiveUpAfter;

    /// <summary>How long to hold everything for a target back; null while it may be tried freely.</summary>
    public TimeSpan? Hold(int failuresInRow) => failuresInRow < BreakAfter ? null : Doubled(ProbePause, failuresInRow - BreakAfter);

    private TimeSpan Doubled(TimeSpan first, int times)
    {
        // 2^40 seconds is past every cap; a larger exponent would only overflow.
        var scaled = first.TotalSeconds * Math.Pow(2, Math.Clamp(times, 0, 40));
        return scaled >= Cap.TotalSeconds ? Cap : TimeSpan.FromSeconds(scaled);
    }
}
