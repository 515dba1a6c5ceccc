using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ControlPlane.Engine.Analyzer;

/// <summary>
/// Where each broker's load shall lie, eight lanes packed per broker. A goal is a band; the cost of leaving it is
/// e*(W1 + W2*e) for the distance e, and a thousand times the linear part above a hard limit.
/// </summary>
public sealed class Bands
{
    private const double HardFactor = 1000;

    public Bands(int rows, int topics)
    {
        Low = new double[rows * Lane.Count];
        (High, Hard) = (Filled(Low.Length), Filled(Low.Length));
        (W1, W2) = (new double[Low.Length], new double[Low.Length]);
        (TopicUpper, TopicLower) = (new int[topics], new int[topics]);
        Array.Fill(TopicUpper, int.MaxValue);
    }

    public double[] Low { get; }

    public double[] High { get; }

    /// <summary>Infinite where nothing limits, or the limit is not known.</summary>
    public double[] Hard { get; }

    public double[] W1 { get; }

    public double[] W2 { get; }

    /// <summary>Most replicas of a topic that one broker shall hold.</summary>
    public int[] TopicUpper { get; }

    /// <summary>Least replicas of a topic that one broker shall hold; 0 for all but very large topics.</summary>
    public int[] TopicLower { get; }

    /// <summary>Importance of the goal that is being shaped, relative to the others.</summary>
    public double Weight { get; set; } = 1;

    /// <summary>What goals that could not be judged, or only by other bands than their own, have to say about it.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>Sets the band of one broker and lane. The weights make a deviation of one target cost the same on every lane.</summary>
    public void Set(int broker, int lane, double low, double high, double target)
    {
        var at = (broker * Lane.Count) + lane;
        (Low[at], High[at]) = (low, Math.Min(high, Hard[at]));
        if (target > 0)
        {
            (W1[at], W2[at]) = (Weight / target, 4 * Weight / (target * target));
        }
    }

    public void SetHard(int broker, int lane, double limit, double target)
    {
        var at = (broker * Lane.Count) + lane;
        (Hard[at], High[at]) = (limit, Math.Min(High[at], limit));
        if (W1[at] == 0 && target > 0)
        {
            W1[at] = 1 / target;
        }
    }

    /// <summary>What it costs that a broker carries this load, given as lanes 0 to 3 and 4 to 7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Cost(int broker, Vector256<double> low, Vector256<double> high)
    {
        var at = broker * Lane.Count;
        return Vector256.Sum(Cost(at, low) + Cost(at + 4, high));
    }

    /// <summary>The part of one lane, at its place in the arrays.</summary>
    public double LaneCost(int at, double load)
    {
        var outside = Math.Max(Math.Max(load - High[at], Low[at] - load), 0);
        return (outside * (W1[at] + (W2[at] * outside))) + (HardFactor * W1[at] * Math.Max(load - Hard[at], 0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<double> Cost(int at, Vector256<double> load)
    {
        return Cost(load, Load(Low, at), Load(High, at), Load(Hard, at), Load(W1, at), Load(W2, at));
    }

    /// <summary>What four loads cost in these bands; see <see cref="Bands"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Cost(
        Vector256<double> load, Vector256<double> low, Vector256<double> high, Vector256<double> hard, Vector256<double> w1, Vector256<double> w2)
    {
        var outside = Vector256.Max(Vector256.Max(load - high, low - load), Vector256<double>.Zero);
        var over = Vector256.Max(load - hard, Vector256<double>.Zero);
        return (outside * (w1 + (w2 * outside))) + (Vector256.Create(HardFactor) * w1 * over);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Load(double[] lanes, int at) =>
        Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(lanes), (nuint)at);

    private static double[] Filled(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.PositiveInfinity);
        return values;
    }
}
