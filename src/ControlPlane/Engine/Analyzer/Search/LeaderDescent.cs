namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Moves leadership while that lowers the objective: it copies no byte. The worst brokers first (optimizer.md 5, phase 3).</summary>
internal sealed class LeaderDescent(SearchContext search)
{
    private const int MostPasses = 4;

    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;
    private (double Gain, int Slot)[] _found = new (double, int)[64];

    /// <summary>Until no single transfer helps.</summary>
    /// <returns>How many partitions got another leader.</returns>
    public int Run()
    {
        var changed = 0;
        var worst = Enumerable.Range(0, search.Problem.Nowhere)
            .Where(IsOutside)
            .OrderByDescending(_placement.PenaltyWithHost).ThenBy(broker => broker)
            .ToArray();
        foreach (var broker in worst)
        {
            for (var pass = 0; pass < MostPasses && !search.IsCut && Improve(broker) is > 0 and var count; pass++)
            {
                changed += count;
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

    /// <summary>One look at all replicas of the broker; then what gains is done, the best first, each judged anew.</summary>
    private int Improve(int broker)
    {
        var count = Collect(broker);
        Array.Sort(_found, 0, count, Comparer<(double Gain, int Slot)>.Create(static (x, y) => x.Gain != y.Gain ? x.Gain.CompareTo(y.Gain) : x.Slot.CompareTo(y.Slot)));
        var done = 0;
        for (var i = 0; i < count && _placement.PenaltyWithHost(broker) > SearchContext.Epsilon; i++)
        {
            var (gain, slot) = _found[i];
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

    private int Collect(int broker)
    {
        var count = 0;
        foreach (var slot in _placement.ReplicasOf(broker))
        {
            var partition = _placement.Part[slot];
            if (!search.Problem.IsMovable[partition])
            {
                continue;
            }

            if (_placement.Lead[partition] != slot)
            {
                Consider(partition, slot, ref count);
                continue;
            }

            for (var other = _arrays.Start[partition]; other < _arrays.Start[partition + 1]; other++)
            {
                if (other != slot)
                {
                    Consider(partition, other, ref count);
                }
            }
        }

        return count;
    }

    private void Consider(int partition, int slot, ref int count)
    {
        if (_arrays.CanLead[_placement.Current[slot]] && _placement.LeadDelta(partition, slot) is var delta && delta < -SearchContext.Epsilon && search.MayLead(slot))
        {
            if (count == _found.Length)
            {
                Array.Resize(ref _found, count * 2);
            }

            _found[count++] = (delta, slot);
        }
    }
}
