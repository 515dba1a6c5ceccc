namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Replicas to choose from by what they bring of one load for what they cost of another; parts of one count, so that no choice of whole ones
/// brings more. Both loads are of leaders or both of all replicas.
/// </summary>
internal sealed class Knapsack
{
    private readonly int[] _order;
    private readonly double[] _value;
    private readonly double[] _price;

    /// <summary>By place in the order how much all before it bring, and cost.</summary>
    private readonly double[] _brought;
    private readonly double[] _spent;

    public Knapsack(PlacementArrays arrays, int value, int price)
    {
        var count = arrays.Topic.Length;
        (_value, _price, _order) = (new double[count], new double[count], Enumerable.Range(0, count));
        (_brought, _spent) = (new double[count + 1], new double[count + 1]);
        var keys = new double[count];
        for (var partition = 0; partition < count; partition++)
        {
            // The copies of a partition are alike: one item; where leading makes the load there is one.
            var copies = IsOfLeaders(value) ? 1 : arrays.Start[partition + 1] - arrays.Start[partition];
            (_value[partition], _price[partition]) = (copies * arrays.Loads.On(value, partition, leads: true), copies * arrays.Loads.On(price, partition, leads: true));
            keys[partition] = _price[partition] > 0 ? -_value[partition] / _price[partition] : double.NegativeInfinity;
        }

        RankSort.AscendingThenItems(keys, _order);
        for (var place = 0; place < count; place++)
        {
            _brought[place + 1] = _brought[place] + _value[_order[place]];
            _spent[place + 1] = _spent[place] + _price[_order[place]];
        }
    }

    /// <summary>The most that can be had for so much.</summary>
    public double Most(double budget)
    {
        var place = 0;
        for (var (low, high) = (0, _order.Length); low <= high;)
        {
            // What costs nothing comes along: the last place that is paid for.
            var middle = (low + high) / 2;
            (place, low, high) = _spent[middle] <= budget ? (middle, middle + 1, high) : (place, low, middle - 1);
        }

        return place == _order.Length ? _brought[place]
            : _brought[place] + (_value[_order[place]] * (budget - _spent[place]) / _price[_order[place]]);
    }

    private static bool IsOfLeaders(int lane) => lane is Lane.BytesOut or Lane.Leaders or Lane.LeaderBytesIn;
}
