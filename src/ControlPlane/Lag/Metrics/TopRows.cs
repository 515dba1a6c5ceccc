namespace ControlPlane.Lag.Metrics;

/// <summary>The rows with the most lag, up to a number; how many were left out.</summary>
internal sealed class TopRows<TRow>(int most)
{
    private readonly PriorityQueue<TRow, long> _kept = new();

    public int LeftOut { get; private set; }

    public void Add(TRow row, long lag)
    {
        if (_kept.Count < most)
        {
            _kept.Enqueue(row, lag);
            return;
        }

        LeftOut++;
        if (most > 0)
        {
            _kept.EnqueueDequeue(row, lag);
        }
    }

    /// <summary>In no order.</summary>
    public IEnumerable<TRow> Rows => _kept.UnorderedItems.Select(item => item.Element);
}
