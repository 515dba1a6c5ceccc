namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Brokers in order of how full they are, relative to what they shall carry; one order per lane, sorted when asked to.</summary>
internal sealed class Levels
{
    private readonly Placement _placement;
    private readonly int[] _living;
    private readonly int[][] _orders = new int[Lane.Count][];
    private readonly double[][] _keys = new double[Lane.Count][];

    public Levels(Placement placement)
    {
        _placement = placement;
        _living = [.. Enumerable.Range(0, placement.Brokers).Where(broker => placement.Arrays.Alive[broker])];
        for (var lane = 0; lane < Lane.Count; lane++)
        {
            (_orders[lane], _keys[lane]) = (new int[_living.Length], new double[_living.Length]);
        }
    }

    /// <summary>Living brokers.</summary>
    public ReadOnlySpan<int> ColdestFirst(int lane) => _orders[lane];

    public void Sort(int threads) => Workers.For(Lane.Count, threads, SortLane);

    public void SortLane(int lane)
    {
        // From the ids each time, so that brokers alike stand in an order that does not depend on the sorts before.
        var (order, keys) = (_orders[lane], _keys[lane]);
        _living.CopyTo(order, 0);
        for (var place = 0; place < order.Length; place++)
        {
            var at = (order[place] * Lane.Count) + lane;
            keys[place] = _placement.Load[at] * (_placement.Bands.W1[at] > 0 ? _placement.Bands.W1[at] : 1);
        }

        RankSort.Ascending(keys, order);
    }
}
