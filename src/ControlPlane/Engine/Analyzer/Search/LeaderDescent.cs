namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Moves leadership while that lowers the objective: it copies no byte. The worst brokers first (optimizer.md 5, phase 3).</summary>
internal sealed class LeaderDescent(SearchContext search)
{
    /// <summary>Passes until little is left to gain.</summary>
    public const int Thorough = 4;

    private const int Chunk = 32;

    private static readonly Comparer<(double Gain, int Slot)> BestFirst = Comparer<(double Gain, int Slot)>.Create(
        static (x, y) => x.Gain != y.Gain ? x.Gain.CompareTo(y.Gain) : x.Slot.CompareTo(y.Slot));

    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = search.Problem.Wish.Threads };
    private readonly (double Gain, int Slot)[][] _found = [.. Enumerable.Range(0, Chunk).Select(_ => new (double, int)[64])];
    private readonly ReplicaScan[] _scans = [.. Enumerable.Range(0, Chunk).Select(_ => new ReplicaScan(search.Placement))];
    private readonly int[] _counts = new int[Chunk];

    /// <summary>Until no single transfer helps.</summary>
    /// <returns>How many partitions got another leader.</returns>
    /// <param name="passes">Looks at all brokers; one is enough between rounds that move replicas anyway.</param>
    public int Run(int passes)
    {
        var changed = 0;
        for (var pass = 0; pass < passes && !search.IsCut; pass++)
        {
            var before = changed;
            var worst = Enumerable.Range(0, search.Problem.Nowhere)
                .Where(IsOutside)
                .OrderByDescending(_placement.PenaltyWithHost).ThenBy(broker => broker)
                .ToArray();
            for (var start = 0; start < worst.Length; start += Chunk)
            {
                var count = Math.Min(Chunk, worst.Length - start);
                Parallel.For(0, count, _parallel, i => Collect(i, worst[start + i]));
                for (var i = 0; i < count; i++)
                {
                    changed += Improve(worst[start + i], _found[i].AsSpan(0, _counts[i]));
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
    private int Improve(int broker, ReadOnlySpan<(double Gain, int Slot)> found)
    {
        var done = 0;
        foreach (var (gain, slot) in found)
        {
            if (_placement.PenaltyWithHost(broker) <= SearchContext.Epsilon)
            {
                break;
            }

            var partition = _placement.Part[slot];
            var delta = _placement.LeadDelta(partition, slot);
            if (delta < -SearchContext.Epsilon && delta <= gain / 2 && search.MayLead(slot))
            {
                _placement.TransferLeadership(partition, slot);
                done++;
            }
        }

        return done;
    }

    private void Collect(int place, int broker)
    {
        var count = 0;
        var replicas = _placement.ReplicasOf(broker);
        var deltas = _scans[place].Leading(broker);
        for (var i = 0; i < replicas.Length; i++)
        {
            // What helps the other broker only is found when that one is looked at.
            var slot = replicas[i];
            var partition = _placement.Part[slot];
            if (deltas[i] >= 0 || !search.Problem.IsMovable[partition])
            {
                continue;
            }

            if (!_placement.Leads(slot))
            {
                Consider(ref _found[place], partition, slot, ref count);
                continue;
            }

            for (var other = _arrays.Start[partition]; other < _arrays.Start[partition + 1]; other++)
            {
                if (other != slot)
                {
                    Consider(ref _found[place], partition, other, ref count);
                }
            }
        }

        Array.Sort(_found[place], 0, count, BestFirst);
        _counts[place] = count;
    }

    private void Consider(ref (double Gain, int Slot)[] found, int partition, int slot, ref int count)
    {
        if (_arrays.CanLead[_placement.Current[slot]] && _placement.LeadDelta(partition, slot) is var delta && delta < -SearchContext.Epsilon && search.MayLead(slot))
        {
            if (count == found.Length)
            {
                Array.Resize(ref found, count * 2);
            }

            found[count++] = (delta, slot);
        }
    }
}
