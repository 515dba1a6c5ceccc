namespace ControlPlane.Engine.Tests.Execution;

/// <summary>Random numbers whose state is a value (SplitMix64): a copy goes on with the same numbers as the original.</summary>
internal struct Luck(int seed)
{
    private ulong _state = (ulong)seed * 0xD1342543DE82EF95UL;

    public int Next(int below) => Next(0, below);

    public int Next(int from, int below)
    {
        var mixed = _state += 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        mixed ^= mixed >> 31;
        return from + (int)(((mixed >> 32) * (ulong)(below - from)) >> 32);
    }

    /// <summary>The same things in a random order.</summary>
    public List<T> Shuffle<T>(IEnumerable<T> things)
    {
        var list = things.ToList();
        for (var i = list.Count - 1; i > 0; i--)
        {
            var other = Next(i + 1);
            (list[i], list[other]) = (list[other], list[i]);
        }

        return list;
    }
}
