namespace ControlPlane.Engine.Lag;

/// <summary>Where our own rules draw their lines; times in ms.</summary>
public readonly record struct LagPolicy
{
    public LagPolicy()
    {
    }

    public static LagPolicy Usual { get; } = new();

    /// <summary>Noise floor in messages: behind by no more than this is no lag.</summary>
    public long AllowedLag { get; init; }

    /// <summary>Noise floor in time: behind for less than this is not worth telling. Needs the times of end offsets; 0 for no floor.</summary>
    public long AllowedTimeMs { get; init; }

    public float MinimumComplete { get; init; }

    /// <summary>A transaction ends with a marker that consumers never commit past on their own.</summary>
    public long MarkerLag { get; init; } = 1;

    /// <summary>Kafka's usual session timeout: a member that died is replaced within it, and that is not yet trouble.</summary>
    public long LeastSilenceMs { get; init; } = 45_000;

    /// <summary>Allowed after a single commit, from which no cadence can be told.</summary>
    public long UnknownCadenceMs { get; init; } = 2 * 3_600_000;

    /// <summary>Allowed at least after two commits.</summary>
    public long FirstGapMs { get; init; } = 600_000;

    /// <summary>The longest rest that a drained backlog explains.</summary>
    public long LongestPauseMs { get; init; } = 2 * 3_600_000;

    /// <summary>The same offset committed again for so long is no coincidence.</summary>
    public long StallMs { get; init; } = 30_000;

    public static LagPolicy Of(long? allowedLag, float minimumComplete) => new() { AllowedLag = allowedLag ?? 0, MinimumComplete = minimumComplete };

    /// <summary>Messages that do not count as lag, markers included.</summary>
    public long Floor => Math.Max(AllowedLag, MarkerLag);
}
