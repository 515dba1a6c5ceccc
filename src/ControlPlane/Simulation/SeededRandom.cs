namespace ControlPlane.Simulation;

/// <summary>SplitMix64: the same seed gives the same numbers on every runtime and version, which System.Random doesn't promise.</summary>
internal sealed class SeededRandom(long seed)
{
    private ulong _state = unchecked((ulong)seed);

    public ulong NextBits()
    {
        _state = unchecked(_state + 0x9E3779B97F4A7C15UL);
        return Mix(_state);
    }

    /// <summary>0 inclusive to 1 exclusive.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public double NextBetween(double low, double high) => low + ((high - low) * NextDouble());

    public int Next(int exclusiveMax) => (int)(NextDouble() * exclusiveMax);

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Next(choices.Count)];

    /// <summary>Standard normal, by Box and Muller.</summary>
    public double NextGaussian() =>
        Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    public Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, NextBits());
        BitConverter.TryWriteBytes(bytes[8..], NextBits());
        return new Guid(bytes);
    }

    /// <summary>A number in 0..1 that depends on its inputs alone: noise that needs no state.</summary>
    public static double Noise(long a, long b, long c) =>
        (Mix(unchecked((ulong)a + (Mix((ulong)b + (Mix((ulong)c) * 3)) * 5))) >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
            return value ^ (value >> 31);
        }
    }
}
