using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>What leadership changes of one row: four lanes with their bands, which fill one register each.</summary>
internal readonly struct LeadBands
{
    private readonly Vector256<double> _load;
    private readonly Vector256<double> _low;
    private readonly Vector256<double> _high;
    private readonly Vector256<double> _hard;
    private readonly Vector256<double> _w1;
    private readonly Vector256<double> _w2;
    private readonly double _now;

    public LeadBands(Placement placement, int row)
    {
        var bands = placement.Bands;
        (_load, _low, _high, _hard) = (Lanes(placement.Load, row), Lanes(bands.Low, row), Lanes(bands.High, row), Lanes(bands.Hard, row));
        (_w1, _w2) = (Lanes(bands.W1, row), Lanes(bands.W2, row));
        _now = Vector256.Sum(Bands.Cost(_load, _low, _high, _hard, _w1, _w2));
    }

    /// <summary>Change of the row's cost by more, or less, of what leading adds (<see cref="ReplicaLoads.Leading"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Delta(Vector256<double> extra) => Vector256.Sum(Bands.Cost(_load + extra, _low, _high, _hard, _w1, _w2)) - _now;

    /// <summary>Change of the cost if another slot led the partition, where the part of one of the two brokers is known.</summary>
    /// <param name="placement">What is looked at.</param>
    /// <param name="partition">Whose leader would change.</param>
    /// <param name="slot">Who would lead.</param>
    /// <param name="partner">The slot on the broker whose part is not known; -1: nobody leads now.</param>
    /// <param name="own">The part that is known.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Delta(Placement placement, int partition, int slot, int partner, double own)
    {
        if (partner < 0 || placement.Hosts.Count > 0)
        {
            return placement.LeadDelta(partition, slot);
        }

        var extra = placement.Arrays.Loads.Leading(ReplicaLoads.WeightOf(partition, leads: true));
        return own + new LeadBands(placement, placement.Current[partner]).Delta(partner == slot ? extra : -extra);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Lanes(double[] values, int row)
    {
        var at = row * Lane.Count;
        return Vector256.Create(values[at + Lane.Cpu], values[at + Lane.BytesOut], values[at + Lane.Leaders], values[at + Lane.LeaderBytesIn]);
    }
}
