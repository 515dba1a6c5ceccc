namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// The least cost of whole items that cover a need on one lane, by branch and bound. Where few items are needed, parts of items
/// (<see cref="CoveringDual"/>) are far below what any plan can do: half a replica can't be moved.
/// </summary>
public sealed class WholeCover
{
    /// <summary>With more items than this, whole ones cost hardly more than parts.</summary>
    private const int FewItems = 8;
    private const int MostNodes = 5_000;

    private readonly double[] _costs;
    private readonly double[] _loads;
    private readonly Stack<int> _chosen = [];
    private int[] _items = [];
    private double _best = double.PositiveInfinity;
    private int _nodes;

    private WholeCover(double[] costs, double[] loads) => (_costs, _loads) = (costs, loads);

    /// <summary>What no choice of whole items undercuts; <paramref name="known"/>, which holds as well, where that would take too long or gain little.</summary>
    public static double Least(ReadOnlySpan<double> costs, ReadOnlySpan<double> loads, double need, double known) =>
        Find(costs, loads, need) is { } found ? Math.Max(known, found.Cost) : known;

    /// <summary>The items that cover the need at the least cost; null: there are none, or too many choices.</summary>
    public static (double Cost, int[] Items)? Find(ReadOnlySpan<double> costs, ReadOnlySpan<double> loads, double need)
    {
        var (places, ranks, largest) = (new int[costs.Length], new double[costs.Length], 0.0);
        var count = 0;
        for (var item = 0; item < costs.Length; item++)
        {
            if (loads[item] > 0)
            {
                (places[count], ranks[count++]) = (item, costs[item] / loads[item]);
                largest = Math.Max(largest, loads[item]);
            }
        }

        if (need <= 0 || need > FewItems * largest)
        {
            return null;
        }

        RankSort.AscendingThenItems(ranks.AsSpan(0, count), places.AsSpan(0, count));
        var (sortedCosts, sortedLoads) = (new double[count], new double[count]);
        for (var place = 0; place < count; place++)
        {
            (sortedCosts[place], sortedLoads[place]) = (costs[places[place]], loads[places[place]]);
        }

        var cover = new WholeCover(sortedCosts, sortedLoads);
        return cover.Try(0, 0, need) && double.IsFinite(cover._best) ? (cover._best, Array.ConvertAll(cover._items, place => places[place])) : null;
    }

    /// <summary>False: given up, and nothing is known.</summary>
    private bool Try(int place, double cost, double left)
    {
        if (left <= 0)
        {
            (_best, _items) = cost < _best ? (cost, [.. _chosen]) : (_best, _items);
            return true;
        }

        if (++_nodes > MostNodes)
        {
            return false;
        }

        if (place == _costs.Length || InParts(place, cost, left) >= _best)
        {
            return true;
        }

        _chosen.Push(place);
        var isDone = Try(place + 1, cost + _costs[place], left - _loads[place]);
        _chosen.Pop();
        return isDone && Try(place + 1, cost, left);
    }

    /// <summary>The least that it costs from here if the last item may be taken in part; infinite if all together do not cover.</summary>
    private double InParts(int place, double cost, double left)
    {
        for (; place < _costs.Length && cost < _best; place++)
        {
            if (_loads[place] >= left)
            {
                return cost + (_costs[place] * left / _loads[place]);
            }

            (cost, left) = (cost + _costs[place], left - _loads[place]);
        }

        return double.PositiveInfinity;
    }
}
