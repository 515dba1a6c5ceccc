namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// What has to be done whatever it costs: leadership leaves those who may not lead, and replicas that can't stay find a place
/// (optimizer.md 5, phase 1).
/// </summary>
internal sealed class MandatoryPhase(SearchContext search, ulong seed)
{
    private const int Coldest = 16;
    private const int Random = 32;

    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;

    /// <summary>Slots that found no place, with the reason.</summary>
    public List<(int Slot, string Why)> Unplaced { get; } = [];

    /// <summary>Partitions whose leader can't be another, with the reason.</summary>
    public List<(int Partition, string Why)> Unled { get; } = [];

    public void Run()
    {
        for (var partition = 0; partition < search.Problem.Partitions; partition++)
        {
            MoveLeader(partition);
        }

        PlaceLost();
    }

    private void MoveLeader(int partition)
    {
        var lead = _placement.Lead[partition];
        var mustChange = lead < 0 || search.Problem.MustMove[lead] || !_arrays.CanLead[_placement.Current[lead]];
        if (!mustChange || (lead >= 0 && _arrays.Alive[_placement.Current[lead]] && !search.Problem.MustMove[lead] && !search.Problem.IsMovable[partition]))
        {
            return;
        }

        var (best, cost) = (-1, double.PositiveInfinity);
        for (var slot = _arrays.Start[partition]; slot < _arrays.Start[partition + 1]; slot++)
        {
            if (slot != lead && _arrays.CanLead[_placement.Current[slot]] && !search.Problem.MayNotLead[slot] && _placement.LeadDelta(partition, slot) is var delta && delta < cost)
            {
                (best, cost) = (slot, delta);
            }
        }

        if (best >= 0)
        {
            _placement.TransferLeadership(partition, best);
        }
        else if (lead >= 0 && !search.Problem.MustMove[lead])
        {
            Unled.Add((partition, "every other replica is on a broker that may not lead, or out of sync; only moving a replica helps"));
        }
    }

    private void PlaceLost()
    {
        var lost = new List<int>();
        for (var slot = 0; slot < search.Problem.MustMove.Length; slot++)
        {
            if (search.Problem.MustMove[slot])
            {
                lost.Add(slot);
            }
        }

        if (lost.Count == 0)
        {
            return;
        }

        var levels = new Levels(_placement);
        var order = lost.OrderByDescending(slot => _placement.DiskOf(_placement.Part[slot])).ThenBy(slot => slot);
        var done = 0;
        foreach (var slot in order)
        {
            if (!HasSource(slot))
            {
                Unplaced.Add((slot, "no living replica is in sync: there is nothing to copy from"));
                continue;
            }

            if (done++ % 256 == 0)
            {
                levels.Sort();
            }

            var to = Find(slot, levels);
            if (to < 0)
            {
                Unplaced.Add((slot, "every broker that may receive holds a replica of the partition already, or would crowd a rack"));
                continue;
            }

            search.Move(slot, to);
        }

        // Where no sibling may lead, a new copy of the leader may: the leader itself was moved.
        levels.Sort();
    }

    /// <summary>A replica that lives can be read from, be it on a broker that shall be emptied.</summary>
    private bool HasSource(int slot)
    {
        var partition = _placement.Part[slot];
        for (var other = _arrays.Start[partition]; other < _arrays.Start[partition + 1]; other++)
        {
            var model = search.Problem.ModelSlot[other];
            if (model >= 0 && search.Problem.Model.Conditions[search.Problem.Model.Broker[model]] != BrokerCondition.Dead && !IsOffline(model))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsOffline(int modelSlot)
    {
        var model = search.Problem.Model;
        var dir = model.Dir.Length == 0 ? -1 : model.Dir[modelSlot];
        return (model.Marks.Length > 0 && model.Marks[modelSlot].HasFlag(ReplicaMarks.Offline)) || (dir >= 0 && !model.DirAlive[dir]);
    }

    private int Find(int slot, Levels levels)
    {
        var best = Sampled(slot, levels);
        for (var attempt = 0; best < 0 && attempt < 3; attempt++)
        {
            best = Cheapest(slot, attempt);
        }

        return best;
    }

    private int Sampled(int slot, Levels levels)
    {
        var (best, cost) = (-1, double.PositiveInfinity);
        foreach (var lane in (ReadOnlySpan<int>)[Lane.Disk, Lane.Replicas, Lane.BytesIn])
        {
            var order = levels.ColdestFirst(lane);
            for (var (place, tried) = (0, 0); place < order.Length && tried < Coldest; place++)
            {
                tried += Try(slot, order[place], ref best, ref cost) ? 1 : 0;
            }
        }

        var draw = SearchContext.Mix(seed ^ (ulong)slot);
        for (var i = 0; i < Random; i++)
        {
            draw = SearchContext.Mix(draw);
            Try(slot, (int)(draw % (ulong)_placement.Brokers), ref best, ref cost);
        }

        return best;
    }

    private bool Try(int slot, int to, ref int best, ref double cost)
    {
        if (!search.IsFeasible(slot, to))
        {
            return false;
        }

        var score = _placement.MoveDelta(slot, to) + (1e-6 * Fullness(to));
        if (score < cost || (score == cost && to < best))
        {
            (best, cost) = (to, score);
        }

        return true;
    }

    /// <summary>All brokers: by every rule, then without the spread of topics, then without limits, which is reported as a hard violation.</summary>
    private int Cheapest(int slot, int attempt)
    {
        var (best, cost) = (-1, double.PositiveInfinity);
        for (var to = 0; to < search.Problem.Nowhere; to++)
        {
            var isAllowed = attempt == 0 ? search.IsFeasible(slot, to) : search.IsPossible(slot, to, withinLimits: attempt == 1);
            var score = isAllowed ? _placement.MoveDelta(slot, to) + (1e-6 * Fullness(to)) : double.PositiveInfinity;
            if (score < cost)
            {
                (best, cost) = (to, score);
            }
        }

        return best;
    }

    private double Fullness(int broker) => Share(broker, Lane.Disk) + Share(broker, Lane.BytesIn) + Share(broker, Lane.Replicas);

    private double Share(int broker, int lane)
    {
        var high = _placement.Bands.High[(broker * Lane.Count) + lane];
        return high > 0 && !double.IsInfinity(high) ? _placement.LoadOf(broker, lane) / high : 0;
    }
}
