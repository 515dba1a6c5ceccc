namespace ControlPlane.Lag;

/// <summary>
/// Lets more partitions than can be asked at once come in turn, round after round: those that come after the last one asked first. Whoever
/// is offered in every round has its turn after as many rounds as it takes to ask all. Keeps no more than a round of them. Any thread.
/// </summary>
internal sealed class FairTurns(int most)
{
    private static readonly Comparer<(string Topic, int Partition)> Order = Comparer<(string Topic, int Partition)>.Create(static (one, other) =>
        string.CompareOrdinal(one.Topic, other.Topic) is not 0 and var byTopic ? byTopic : one.Partition.CompareTo(other.Partition));

    private readonly Lock _gate = new();
    private readonly SortedSet<(string Topic, int Partition)> _next = new(Order);
    private readonly SortedSet<(string Topic, int Partition)> _afterwards = new(Order); // from the beginning again
    private (string Topic, int Partition) _last = ("", -1);

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return Math.Min(most, _next.Count + _afterwards.Count);
            }
        }
    }

    public void Offer(string topic, int partition)
    {
        lock (_gate)
        {
            var waiting = Order.Compare((topic, partition), _last) > 0 ? _next : _afterwards;
            if (waiting.Count < most)
            {
                waiting.Add((topic, partition));
            }
            else if (Order.Compare((topic, partition), waiting.Max) < 0 && waiting.Add((topic, partition)))
            {
                waiting.Remove(waiting.Max);
            }
        }
    }

    /// <summary>Those whose turn it is; the others are to be offered again.</summary>
    public List<(string Topic, int Partition)> Take(int count)
    {
        lock (_gate)
        {
            var taken = _next.Concat(_afterwards).Take(Math.Min(count, most)).ToList();
            _last = taken.Count > 0 ? taken[^1] : _last;
            _next.Clear();
            _afterwards.Clear();
            return taken;
        }
    }
}
