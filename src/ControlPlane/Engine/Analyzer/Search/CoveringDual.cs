using System.Numerics;
using System.Runtime.InteropServices;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// From below: the least cost of items that together cover a need on several lanes. Prices per unit of each lane give
/// price * need - sum of max(0, price * load - cost), and no choice of items is cheaper than that, whatever the prices (Lagrangian dual).
/// So the search for good prices may be as rough as it likes: each answer holds.
/// </summary>
internal sealed class CoveringDual(int lanes)
{
    private const int Bisections = 32;
    private const int Steps = 40;

    private readonly double[][] _loads = [.. Enumerable.Range(0, lanes).Select(_ => new double[512])];
    private double[] _bytes = new double[512];
    private double[] _moves = new double[512];
    private int _count;

    public void Clear() => _count = 0;

    /// <summary>Adds an item that may be chosen in parts; parts of items only lower the bound.</summary>
    public void Add(double bytes, double moves, ReadOnlySpan<double> loads)
    {
        if (_count == _bytes.Length)
        {
            Grow();
        }

        (_bytes[_count], _moves[_count]) = (bytes, moves);
        for (var lane = 0; lane < loads.Length; lane++)
        {
            _loads[lane][_count] = loads[lane];
        }

        _count++;
    }

    /// <summary>The bound on bytes and on moves; a need of 0 or less is met already.</summary>
    public (double Bytes, double Moves) Bound(ReadOnlySpan<double> needs)
    {
        Pad();
        var bytes = Bound(_bytes, needs);
        for (var lane = 0; lane < lanes; lane++)
        {
            bytes = WholeCover.Least(_bytes.AsSpan(0, _count), _loads[lane].AsSpan(0, _count), needs[lane], bytes);
        }

        return (bytes, Bound(_moves, needs));
    }

    private double Bound(double[] costs, ReadOnlySpan<double> needs)
    {
        Span<double> prices = stackalloc double[lanes];
        var (best, first, open) = (0.0, -1, 0);
        for (var lane = 0; lane < lanes; lane++)
        {
            if (needs[lane] > 0)
            {
                var (price, value) = OnOneLane(costs, lane, needs[lane]);
                open++;
                if (value > best)
                {
                    prices.Clear();
                    (best, first, prices[lane]) = (value, lane, price);
                }
            }
        }

        return open < 2 || first < 0 ? best : Climb(costs, needs, prices, best);
    }

    /// <summary>The best price of one lane alone: that of the last item that a fractional knapsack takes.</summary>
    private (double Price, double Value) OnOneLane(double[] costs, int lane, double need)
    {
        var (low, high) = Range(costs, _loads[lane]);
        if (high == 0)
        {
            return (0, 0);
        }

        for (var step = 0; step < Bisections && high > low * (1 + 1e-9); step++)
        {
            var middle = Math.Sqrt(low * high);
            var (_, covered) = At(costs, lane, middle);
            (low, high) = covered < need ? (middle, high) : (low, middle);
        }

        var (lowSum, highSum) = (At(costs, lane, low).Surplus, At(costs, lane, high).Surplus);
        var (lowValue, highValue) = ((low * need) - lowSum, (high * need) - highSum);
        return lowValue > highValue ? (low, lowValue) : (high, highValue);
    }

    private (double Low, double High) Range(double[] costs, double[] loads)
    {
        var (low, high) = (double.PositiveInfinity, 0.0);
        for (var item = 0; item < _count; item++)
        {
            if (loads[item] > 0 && costs[item] > 0)
            {
                var price = costs[item] / loads[item];
                (low, high) = (Math.Min(low, price), Math.Max(high, price));
            }
        }

        return (Math.Min(low, high), high);
    }

    private (double Surplus, double Covered) At(double[] costs, int lane, double price)
    {
        var cost = Vectors(costs);
        var load = Vectors(_loads[lane]);
        var (surplus, covered, by) = (Vector<double>.Zero, Vector<double>.Zero, new Vector<double>(price));
        for (var i = 0; i < cost.Length; i++)
        {
            var value = (by * load[i]) - cost[i];
            surplus += Vector.Max(value, Vector<double>.Zero);
            covered += Vector.ConditionalSelect(Vector.GreaterThan(value, Vector<double>.Zero), load[i], Vector<double>.Zero);
        }

        return (Vector.Sum(surplus), Vector.Sum(covered));
    }

    /// <summary>Raises the price of lanes that are not covered and lowers that of those covered twice.</summary>
    private double Climb(double[] costs, ReadOnlySpan<double> needs, Span<double> prices, double best)
    {
        Span<double> covered = stackalloc double[lanes];
        for (var step = 0; step < Steps; step++)
        {
            var value = -Choose(costs, prices, covered);
            for (var lane = 0; lane < lanes; lane++)
            {
                value += needs[lane] > 0 ? prices[lane] * needs[lane] : 0;
            }

            best = Math.Max(best, value);
            var rate = 0.25 * best / (1 + (0.25 * step));
            for (var lane = 0; lane < lanes; lane++)
            {
                prices[lane] = needs[lane] > 0 ? Math.Max(0, prices[lane] + (rate / needs[lane] * Math.Clamp(1 - (covered[lane] / needs[lane]), -1, 1))) : 0;
            }
        }

        return best;
    }

    private double Choose(double[] costs, ReadOnlySpan<double> prices, Span<double> covered)
    {
        var cost = Vectors(costs);
        var surplus = Vector<double>.Zero;
        Span<Vector<double>> sums = stackalloc Vector<double>[lanes];
        sums.Clear();
        for (var i = 0; i < cost.Length; i++)
        {
            var value = -cost[i];
            for (var lane = 0; lane < lanes; lane++)
            {
                value += prices[lane] * Vectors(_loads[lane])[i];
            }

            surplus += Vector.Max(value, Vector<double>.Zero);
            var chosen = Vector.GreaterThan(value, Vector<double>.Zero);
            for (var lane = 0; lane < lanes; lane++)
            {
                sums[lane] += Vector.ConditionalSelect(chosen, Vectors(_loads[lane])[i], Vector<double>.Zero);
            }
        }

        for (var lane = 0; lane < lanes; lane++)
        {
            covered[lane] = Vector.Sum(sums[lane]);
        }

        return Vector.Sum(surplus);
    }

    private ReadOnlySpan<Vector<double>> Vectors(double[] values) =>
        MemoryMarshal.Cast<double, Vector<double>>(values.AsSpan(0, Padded(_count)));

    private static int Padded(int count) => (count + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;

    /// <summary>Fills the last vector with items that no price takes.</summary>
    private void Pad()
    {
        if (Padded(_count) > _bytes.Length)
        {
            Grow();
        }

        for (var item = _count; item < Padded(_count); item++)
        {
            (_bytes[item], _moves[item]) = (1, 1);
            foreach (var lane in _loads)
            {
                lane[item] = 0;
            }
        }
    }

    private void Grow()
    {
        var size = _bytes.Length * 2;
        Array.Resize(ref _bytes, size);
        Array.Resize(ref _moves, size);
        for (var lane = 0; lane < lanes; lane++)
        {
            Array.Resize(ref _loads[lane], size);
        }
    }
}
