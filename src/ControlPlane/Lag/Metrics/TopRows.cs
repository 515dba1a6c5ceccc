namespace ControlPlane.Lag.Metrics;

/// <summary>The rows with the most lag, up to a number; how many were left out.</summary>
internal sealed class TopRows<TRow>(int most)
{
    private readonly PriorityQueue<TRow, long> _kept = new();

    public int LeftOut { get; private set; }

    /// <summary>Asked before a row is made, of which there may be a million: whether one with this lag is kept. One that is not counts as left out.</summary>
    public bool IsWanted(long lag)
    {
        var isWanted = _kept.Count < most || (_kept.TryPeek(out _, out var least) && lag > least);
        LeftOut += isWanted ? 0 : 1;
        return isWanted;
    }

    public void Add(TRow row, long lag)
    {
        if (_kept.Count < most)
        {
            _kept.Enqueue(row, lag);
            return;
        }

        _kept.EnqueueDequeue(row, lag);
        LeftOut++;
    }

    /// <summary>In no order.</summary>
    public IEnumerable<TRow> Rows => _kept.UnorderedItems.Select(item => item.Element);
}
