namespace ControlPlane.Simulation;

/// <summary>
/// How produce rates change with the time of day, with shorter waves on top that look like noise. A few profiles, shared by topics.
/// Each is a sum of sines around 1, so that its integral, and with it every offset at every moment, has a closed form.
/// </summary>
internal sealed class LoadWaves
{
    public const int Profiles = 8;

    /// <summary>Seconds and amplitude. Amplitudes add up to less than 1, so that a rate is never negative and offsets never go back.</summary>
    private static readonly (double Period, double Amplitude)[] Parts = [(86_400, 0.42), (5_400, 0.08), (613, 0.07), (149, 0.06), (37, 0.05)];

    private static readonly DateTimeOffset Origin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly double[] _phases = new double[Profiles * Parts.Length];

    public LoadWaves(SeededRandom random)
    {
        for (var i = 0; i < _phases.Length; i++)
        {
            // The day's peak lies around 14:00 UTC; a sine that is 0 at 8:00 peaks there.
            _phases[i] = i % Parts.Length == 0
                ? -2 * Math.PI * random.NextBetween(6.5, 9.5) / 24
                : random.NextBetween(0, 2 * Math.PI);
        }
    }

    /// <summary>Relative rate at that moment, around 1.</summary>
    public double RateAt(int profile, DateTimeOffset at)
    {
        var t = (at - Origin).TotalSeconds;
        var rate = 1.0;
        for (var i = 0; i < Parts.Length; i++)
        {
            rate += Parts[i].Amplitude * Math.Sin((2 * Math.PI * t / Parts[i].Period) + _phases[(profile * Parts.Length) + i]);
        }

        return rate;
    }

    /// <summary>Integral of the relative rate from the origin, in seconds: strictly growing.</summary>
    public double IntegralAt(int profile, DateTimeOffset at)
    {
        var t = (at - Origin).TotalSeconds;
        var sum = t;
        for (var i = 0; i < Parts.Length; i++)
        {
            var omega = 2 * Math.PI / Parts[i].Period;
            var phase = _phases[(profile * Parts.Length) + i];
            sum += Parts[i].Amplitude / omega * (Math.Cos(phase) - Math.Cos((omega * t) + phase));
        }

        return sum;
    }

    public void IntegralsAt(DateTimeOffset at, Span<double> byProfile)
    {
        for (var profile = 0; profile < Profiles; profile++)
        {
            byProfile[profile] = IntegralAt(profile, at);
        }
    }
}
