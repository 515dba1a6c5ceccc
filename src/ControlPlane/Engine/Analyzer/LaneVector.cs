using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ControlPlane.Engine.Analyzer;

/// <summary>One number for each lane, in two registers: sums and extremes of all lanes are found in one look at each partition.</summary>
internal readonly struct LaneVector(Vector256<double> low, Vector256<double> high)
{
    /// <summary>Lanes 0 to 3.</summary>
    private readonly Vector256<double> _low = low;

    /// <summary>Lanes 4 to 7.</summary>
    private readonly Vector256<double> _high = high;

    public static LaneVector Zero => default;

    /// <summary>What one replica weighs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LaneVector Of(ReplicaLoads loads, int partition, bool leads)
    {
        var weight = ReplicaLoads.WeightOf(partition, leads);
        return new(loads.Low(weight), loads.High(weight));
    }

    public static LaneVector operator +(LaneVector one, LaneVector other) => new(one._low + other._low, one._high + other._high);

    public static LaneVector operator -(LaneVector one, LaneVector other) => new(one._low - other._low, one._high - other._high);

    public static LaneVector operator *(LaneVector one, double factor) => new(one._low * factor, one._high * factor);

    public static LaneVector Max(LaneVector one, LaneVector other) => new(Vector256.Max(one._low, other._low), Vector256.Max(one._high, other._high));

    public static LaneVector Min(LaneVector one, LaneVector other) => new(Vector256.Min(one._low, other._low), Vector256.Min(one._high, other._high));

    public double[] ToArray()
    {
        var lanes = new double[Lane.Count];
        _low.CopyTo(lanes);
        _high.CopyTo(lanes, 4);
        return lanes;
    }
}
