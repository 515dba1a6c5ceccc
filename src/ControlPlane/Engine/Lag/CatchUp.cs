namespace ControlPlane.Engine.Lag;

/// <summary>Whether a lag ends.</summary>
public enum CatchUpKind
{
    /// <summary>The rates are not known.</summary>
    Unknown,

    /// <summary>Nothing is left to read.</summary>
    Done,

    /// <summary>At these rates it ends.</summary>
    Expected,

    /// <summary>More is written than read, or as much.</summary>
    Never,
}

/// <summary>When everything will have been read, at the measured rates.</summary>
/// <param name="Likely">Null unless it is expected.</param>
/// <param name="Latest">Null where it may as well never end.</param>
public readonly record struct CatchUp(CatchUpKind Kind, TimeSpan? Likely = null, TimeSpan? Earliest = null, TimeSpan? Latest = null)
{
    /// <summary>Two standard errors: 19 times of 20.</summary>
    private const double Errors = 2;

    /// <summary>What takes longer than a year does not end.</summary>
    private const double MostSeconds = 365 * 86_400.0;

    public static CatchUp Of(long lag, LagRates rates)
    {
        if (lag == 0)
        {
            return new CatchUp(CatchUpKind.Done);
        }

        if (lag < 0 || double.IsNaN(rates.Net))
        {
            return new CatchUp(CatchUpKind.Unknown);
        }

        var error = double.IsNaN(rates.NetError) ? Math.Abs(rates.Net) / 2 : Errors * rates.NetError;
        return Time(lag, rates.Net) is { } likely
            ? new CatchUp(CatchUpKind.Expected, likely, Time(lag, rates.Net + error), Time(lag, rates.Net - error))
            : new CatchUp(CatchUpKind.Never);
    }

    /// <summary>A group has caught up when its last partition has.</summary>
    public static CatchUp Worse(CatchUp x, CatchUp y) => (x.Kind, y.Kind) switch
    {
        (CatchUpKind.Never, _) or (_, CatchUpKind.Done) => x,
        (_, CatchUpKind.Never) or (CatchUpKind.Done, _) => y,
        (CatchUpKind.Unknown, _) => x,
        (_, CatchUpKind.Unknown) => y,
        _ => new CatchUp(CatchUpKind.Expected, Later(x.Likely, y.Likely), Later(x.Earliest, y.Earliest), Later(x.Latest, y.Latest)),
    };

    public string Sentence => Kind switch
    {
        CatchUpKind.Unknown => "When it will have caught up can't be told.",
        CatchUpKind.Done => "It has caught up.",
        CatchUpKind.Never => "It never catches up at these rates.",
        _ => $"It catches up in about {Text(Likely)} ({Text(Earliest)} to {(Latest is null ? "never" : Text(Latest))}).",
    };

    private static TimeSpan? Later(TimeSpan? x, TimeSpan? y) => x is null || y is null ? null : x > y ? x : y;

    private static TimeSpan? Time(long lag, double net) => net > 0 && lag / net is <= MostSeconds and var seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static string Text(TimeSpan? time) => LagSentences.Time((long)(time?.TotalMilliseconds ?? 0));
}
