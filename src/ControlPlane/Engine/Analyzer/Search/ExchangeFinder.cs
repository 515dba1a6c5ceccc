namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Steps of two: where a whole replica or a whole leader is too coarse, the difference of two fits. Only tried when single steps have run out.
/// </summary>
internal sealed class ExchangeFinder(SearchContext search, Levels levels)
{
    private const int Partners = 32;

    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;
    private readonly Shortlist _chosen = new(256);

    /// <summary>Gives the lead of one partition and takes that of another from the same broker.</summary>
    public void Leaders(int broker, int lane, bool isOver, Effort effort, ref Draw draw, Shortlist steps)
    {
        var replicas = _placement.ReplicasOf(broker);
        for (var i = 0; i < effort.Replicas * 2 && !replicas.IsEmpty; i++)
        {
            var given = replicas[draw.Below(replicas.Length)];
            var partition = _placement.PartOf(given);
            for (var taker = _arrays.Start[partition]; _placement.Leads(given) && taker < _arrays.Start[partition + 1]; taker++)
            {
                if (taker != given && search.MayLead(taker))
                {
                    LeadersWith(broker, partition, taker, lane, isOver, ref draw, steps);
                }
            }
        }
    }

    /// <summary>
    /// Changes a replica for another one. It is chosen by its own load, not by what its leaving gains: a broker that is high on one load and
    /// low on another has no replica whose leaving gains anything.
    /// </summary>
    public void Replicas(int broker, int lane, bool isOver, Effort effort, ref Draw draw, Shortlist steps)
    {
        Choose(broker, lane, isOver, effort);
        var order = levels.ColdestFirst(lane);
        foreach (var chosen in _chosen.Items)
        {
            for (var i = 0; i < effort.Destinations; i++)
            {
                var place = i < effort.Destinations / 2 ? (isOver ? i : order.Length - 1 - i) : draw.Below(order.Length);
                var partner = order[Math.Clamp(place, 0, order.Length - 1)];
                if (partner != broker && search.Problem.Arrays.CanReceive[partner])
                {
                    SwapWith(chosen.Slot, partner, lane, isOver, ref draw, steps);
                }
            }
        }
    }

    private void LeadersWith(int broker, int given, int taker, int lane, bool isOver, ref Draw draw, Shortlist steps)
    {
        var (partner, weight) = (_placement.Current[taker], Extra(given, lane));
        var theirs = _placement.ReplicasOf(partner);
        for (var i = 0; i < Partners && !theirs.IsEmpty; i++)
        {
            var slot = theirs[draw.Below(theirs.Length)];
            var partition = _placement.PartOf(slot);
            if (!_placement.Leads(slot) || partition == given || (Extra(partition, lane) < weight) != isOver)
            {
                continue;
            }

            for (var mine = _arrays.Start[partition]; mine < _arrays.Start[partition + 1]; mine++)
            {
                if (_placement.Current[mine] == broker && _placement.LeadExchangeDelta(given, partition, broker, partner) is var delta
                    && delta < -SearchContext.Epsilon && -delta > steps.Worst && search.MayLead(mine))
                {
                    steps.Add(new(ProposalKind.Exchange, taker, mine, partner, delta, -delta));
                }
            }
        }
    }

    /// <summary>What leading adds to a load.</summary>
    private double Extra(int partition, int lane) => _arrays.Loads.On(lane, partition, leads: true) - _arrays.Loads.On(lane, partition, leads: false);

    private void Choose(int broker, int lane, bool isOver, Effort effort)
    {
        _chosen.Clear(effort.Replicas);
        foreach (var slot in _placement.ReplicasOf(broker))
        {
            if (search.IsMovable(slot))
            {
                var (load, price) = (_placement.LoadOfSlot(slot, lane), search.Price(search.IsHome(slot) ? _placement.DiskOf(_placement.PartOf(slot)) : 0));
                _chosen.Add(new(ProposalKind.Swap, slot, -1, broker, 0, isOver ? load / price : 1 / ((1 + load) * price)));
            }
        }
    }

    private void SwapWith(int slot, int partner, int lane, bool isOver, ref Draw draw, Shortlist steps)
    {
        var load = _placement.LoadOfSlot(slot, lane);
        var theirs = _placement.ReplicasOf(partner);
        for (var i = 0; i < Partners && !theirs.IsEmpty; i++)
        {
            var other = theirs[draw.Below(theirs.Length)];
            if ((_placement.LoadOfSlot(other, lane) < load) != isOver || !search.IsMovable(other))
            {
                continue;
            }

            var delta = _placement.SwapDelta(slot, other);
            if (delta >= -SearchContext.Epsilon)
            {
                continue;
            }

            var bytes = search.BytesDelta(slot, partner) + search.BytesDelta(other, _placement.Current[slot]);
            var score = -delta / (search.Price(bytes) + search.MovePrice);
            if (score > steps.Worst && search.MaySwap(slot, other))
            {
                steps.Add(new(ProposalKind.Swap, slot, other, _placement.Current[slot], delta, score));
            }
        }
    }
}
