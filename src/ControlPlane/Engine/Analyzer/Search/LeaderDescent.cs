namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Moves leadership while that lowers the objective: it copies no byte. The worst brokers first (optimizer.md 5, phase 3).</summary>
internal sealed class LeaderDescent(SearchContext search)
{
    /// <summary>Passes until little is left to gain.</summary>
    public const int Thorough = 4;

    private const int Chunk = 32;

    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;
    private readonly Transfers[] _found = [.. Enumerable.Range(0, Chunk).Select(_ => new Transfers())];
    private readonly ReplicaScan[] _scans = [.. Enumerable.Range(0, Chunk).Select(_ => new ReplicaScan(search.Placement))];

    /// <summary>Until no single transfer helps.</summary>
    /// <returns>How many partitions got another leader.</returns>
    /// <param name="passes">Looks at all brokers; one is enough between rounds that move replicas anyway.</param>
    public int Run(int passes)
    {
        var changed = 0;
        for (var pass = 0; pass < passes && !search.IsCut; pass++)
        {
            var before = changed;
            var worst = search.WorstFirst(IsOutside);
            for (var start = 0; start < worst.Length; start += Chunk)
            {
                var count = Math.Min(Chunk, worst.Length - start);
                Workers.For(count, search.Problem.Wish.Threads, i => Collect(i, worst[start + i]));
                for (var i = 0; i < count; i++)
                {
                    changed += Improve(worst[start + i], _found[i]);
                }
            }

            if (changed == before)
            {
                break;
            }
        }

        return changed;
    }

    /// <summary>Whether any load that leadership makes is outside its band.</summary>
    public bool IsOutside(int broker) => IsRowOutside(broker) || (_placement.Hosts.RowOf[broker] >= 0 && IsRowOutside(_placement.Hosts.RowOf[broker]));

    private bool IsRowOutside(int row)
    {
        if (_placement.Penalty[row] <= SearchContext.Epsilon)
        {
            return false;
        }

        foreach (var lane in (ReadOnlySpan<int>)[Lane.Cpu, Lane.BytesOut, Lane.Leaders, Lane.LeaderBytesIn])
        {
            var at = (row * Lane.Count) + lane;
            if (_placement.Bands.W1[at] > 0 && (_placement.Load[at] > _placement.Bands.High[at] || _placement.Load[at] < _placement.Bands.Low[at]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What gained when it was looked for is judged anew; the best first, until the broker is well.</summary>
    private int Improve(int broker, Transfers found)
    {
        var done = 0;
        for (var place = 0; place < found.Count; place++)
        {
            if (_placement.PenaltyWithHost(broker) <= SearchContext.Epsilon)
            {
                break;
            }

            var (slot, partition) = (found.Slots[place], _placement.Part[found.Slots[place]]);
            var delta = _placement.LeadDelta(partition, slot);
            if (delta < -SearchContext.Epsilon && delta <= found.Deltas[place] / 2 && search.MayLead(slot))
            {
                _placement.TransferLeadership(partition, slot);
                done++;
            }
        }

        return done;
    }

    private void Collect(int place, int broker)
    {
        var found = _found[place];
        found.Clear();
        var replicas = _placement.ReplicasOf(broker);
        var deltas = _scans[place].Leading(broker);
        for (var i = 0; i < replicas.Length; i++)
        {
            // What helps the other broker only is found when that one is looked at.
            var slot = replicas[i];
            var partition = _placement.PartOf(slot);
            if (deltas[i] >= 0 || !search.Problem.IsMovable[partition])
            {
                continue;
            }

            if (!_placement.Leads(slot))
            {
                Consider(found, partition, slot, _placement.Lead[partition], deltas[i]);
                continue;
            }

            for (var other = _arrays.Start[partition]; other < _arrays.Start[partition + 1]; other++)
            {
                if (other != slot)
                {
                    Consider(found, partition, other, other, deltas[i]);
                }
            }
        }

        found.Sort();
    }

    /// <summary>Keeps what gains.</summary>
    /// <param name="found">Takes it in.</param>
    /// <param name="partition">Whose leader would change.</param>
    /// <param name="slot">Who would lead.</param>
    /// <param name="partner">Who leads on the other broker, now or then.</param>
    /// <param name="own">Change of the cost of the broker that is looked at.</param>
    private void Consider(Transfers found, int partition, int slot, int partner, double own)
    {
        if (_arrays.CanLead[_placement.Current[slot]] && LeadBands.Delta(_placement, partition, slot, partner, own) is var delta && delta < -SearchContext.Epsilon && search.MayLead(slot))
        {
            found.Add(delta, slot);
        }
    }

    /// <summary>Slots that would better lead, with the change of the objective that each promises.</summary>
    private sealed class Transfers
    {
        private double[] _deltas = new double[64];
        private int[] _slots = new int[64];

        public int Count { get; private set; }

        public ReadOnlySpan<double> Deltas => _deltas;

        public ReadOnlySpan<int> Slots => _slots;

        public void Clear() => Count = 0;

        public void Add(double delta, int slot)
        {
            if (Count == _slots.Length)
            {
                Array.Resize(ref _deltas, Count * 2);
                Array.Resize(ref _slots, Count * 2);
            }

            (_deltas[Count], _slots[Count]) = (delta, slot);
            Count++;
        }

        /// <summary>The best first.</summary>
        public void Sort() => RankSort.AscendingThenItems(_deltas.AsSpan(0, Count), _slots.AsSpan(0, Count));
    }
}
