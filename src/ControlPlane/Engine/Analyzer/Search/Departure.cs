using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// A replica that looks for a place: what depends on it alone is found once for all places that are looked at. Holds until the placement
/// changes.
/// </summary>
internal readonly struct Departure
{
    private readonly Placement _placement;
    private readonly int _slot;
    private readonly double _without;
    private readonly double _penalty;
    private readonly Vector256<double> _low;
    private readonly Vector256<double> _high;

    public Departure(Placement placement, int slot)
    {
        (_placement, _slot) = (placement, slot);
        (_without, _penalty) = (placement.CostWithout(slot), placement.Penalty[placement.Current[slot]]);
        var weight = placement.WeightOfSlot(slot);
        (_low, _high) = (placement.Arrays.Loads.Low(weight), placement.Arrays.Loads.High(weight));
    }

    public int Slot => _slot;

    /// <summary>Change of the cost if it went there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double DeltaTo(int to)
    {
        if (_placement.Hosts.Count > 0)
        {
            return _placement.MoveDelta(_slot, to, _without);
        }

        var (load, at) = (_placement.Load, to * Lane.Count);
        return _placement.Bands.Cost(to, Bands.Load(load, at) + _low, Bands.Load(load, at + 4) + _high) - _placement.Penalty[to] + _without - _penalty;
    }
}
