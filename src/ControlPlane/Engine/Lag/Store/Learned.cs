using System.Runtime.InteropServices;

namespace ControlPlane.Engine.Lag.Store;

/// <summary>What a window is too short to show of a partition's group, learned commit by commit; ten bytes, for a million of them.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal readonly record struct Learned
{
    /// <summary>What is learned fades by this power of two with each commit.</summary>
    private const int Fading = 12;

    /// <summary>Down to so much of the largest lag, in quarters: not just a poll that came earlier than another.</summary>
    private const int DownTo = 3;

    /// <summary>The upper half of a float, which tells the size and two digits.</summary>
    private const int Upper = 16;

    private readonly ushort _largest;

    public Learned(uint longestWait, float workedOff, float largest) =>
        (LongestWait, WorkedOff, _largest) = (longestWait, workedOff, (ushort)(BitConverter.SingleToUInt32Bits(largest) >> Upper));

    /// <summary>The longest that records waited between two commits, in ms.</summary>
    public uint LongestWait { get; }

    /// <summary>The largest lag that the group came down from, in messages.</summary>
    public float WorkedOff { get; }

    /// <summary>The largest lag since it came down last, in messages.</summary>
    public float Largest => BitConverter.UInt32BitsToSingle((uint)_largest << Upper);

    /// <summary>With one commit more, before which records waited so long.</summary>
    public Learned With(long wait, long lag)
    {
        var (longest, workedOff) = (Math.Max(wait, LongestWait - (LongestWait >> Fading)), WorkedOff * (1 - (1f / (1 << Fading))));
        var isDown = lag >= 0 && 4f * lag <= DownTo * Largest;
        return new Learned((uint)Math.Min(uint.MaxValue, longest), isDown ? Math.Max(Largest, workedOff) : workedOff, isDown ? lag : Math.Max(Largest, lag));
    }
}
