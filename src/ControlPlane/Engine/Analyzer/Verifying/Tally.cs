namespace ControlPlane.Engine.Analyzer.Verifying;

/// <summary>Violations of a goal: a range where rounding alone decides whether one is counted.</summary>
internal sealed record Tally(int Least, int Most, double Distance)
{
    private const double Tolerance = 1e-9;

    /// <summary>Rounding of sums in another order.</summary>
    private const double Doubt = 1e-8;

    public static Tally None { get; } = new(0, 0, 0);

    public Tally With(double load, double low, double high, double target)
    {
        var (outside, allowed) = (Math.Max(load - high, low - load), Tolerance * Math.Max(1, Math.Abs(high)));
        var doubt = Doubt * Math.Max(1, Math.Max(Math.Abs(load), Math.Abs(high)));
        return outside > allowed + doubt ? new(Least + 1, Most + 1, Distance + (outside / target))
            : outside > allowed - doubt && outside > 0 ? this with { Most = Most + 1 }
            : this;
    }
}
