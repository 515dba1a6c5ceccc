namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>How hard the balance phase looks.</summary>
/// <param name="Round">Changes the random draws.</param>
/// <param name="Replicas">Replicas of a broker that are tried in full.</param>
/// <param name="Destinations">Brokers that each is tried on.</param>
/// <param name="Passes">Whether leadership is passed on as well.</param>
/// <param name="IsStuck">Whether exchanges are tried as well.</param>
internal readonly record struct Effort(int Round, int Replicas, int Destinations, bool Passes, bool IsStuck);

/// <summary>
/// Finds up to four steps that relieve one broker, by its worst load. Reads the placement only, so several may look at a time; each has its
/// own scratch space (optimizer.md 5, phase 4).
/// </summary>
internal sealed class Proposer(SearchContext search, Levels levels)
{
    public const int MostSteps = 4;
    private const int MostReplicas = 256;

    /// <summary>One of so many brokers counts as empty.</summary>
    private const int Emptiest = 4;

    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;
    private readonly Shortlist _steps = new(MostSteps);
    private readonly Shortlist _leaving = new(MostReplicas);
    private readonly ExchangeFinder _exchanges = new(search, levels);
    private readonly PassFinder _passes = new(search);
    private readonly int[] _samples = new int[MostReplicas * 2];
    private readonly ReplicaScan _scan = new(search.Placement);

    public ReadOnlySpan<Proposal> Propose(int broker, int rank, Effort effort)
    {
        var draw = new Draw(search.Problem.Wish.Seed ^ ((ulong)effort.Round << 32) ^ (ulong)broker);
        var (lane, isOver) = WorstLane(broker);
        _steps.Clear(MostSteps);
        if (lane is Lane.Cpu or Lane.BytesOut or Lane.Leaders or Lane.LeaderBytesIn)
        {
            Transfers(broker);
            if (_steps.Items.Length == 0 && effort.Passes)
            {
                _passes.Find(broker, _steps);
            }

            if (_steps.Items.Length == 0 && effort.IsStuck)
            {
                _exchanges.Leaders(broker, lane, isOver, effort, ref draw, _steps);
            }

            // What copies nothing comes first; and what leadership alone makes is not worth a copy before exchanges were tried.
            if (_steps.Items.Length > 0 || (!effort.IsStuck && lane is (Lane.Leaders or Lane.LeaderBytesIn)))
            {
                return _steps.Items;
            }
        }

        if (isOver)
        {
            Shed(broker, lane, rank, effort, ref draw);
        }
        else
        {
            Fill(broker, lane, effort, ref draw);
        }

        if (effort.IsStuck)
        {
            _exchanges.Replicas(broker, lane, isOver, effort, ref draw, _steps);
        }

        return _steps.Items;
    }

    /// <summary>The load that costs most, of the broker or of the host it shares, and whether there is too much of it.</summary>
    private (int Lane, bool IsOver) WorstLane(int broker)
    {
        var (lane, isOver, worst) = (Lane.Disk, true, 0.0);
        Look(broker);
        if (_placement.Hosts.RowOf[broker] >= 0)
        {
            Look(_placement.Hosts.RowOf[broker]);
        }

        return (lane, isOver);

        void Look(int row)
        {
            for (var one = 0; one < Lane.Count; one++)
            {
                var (load, at) = (_placement.LoadOf(row, one), (row * Lane.Count) + one);
                if (_placement.Bands.LaneCost(at, load) is var cost && cost > worst)
                {
                    (lane, isOver, worst) = (one, load > _placement.Bands.High[at], cost);
                }
            }
        }
    }

    /// <summary>Leadership to or from the broker: copies nothing.</summary>
    private void Transfers(int broker)
    {
        var replicas = _placement.ReplicasOf(broker);
        var deltas = _scan.Leading(broker);
        for (var place = 0; place < replicas.Length; place++)
        {
            var slot = replicas[place];
            var partition = _placement.PartOf(slot);
            if (deltas[place] >= 0 || !search.Problem.IsMovable[partition])
            {
                continue;
            }

            var leads = _placement.Leads(slot);
            var (from, to) = leads ? (_arrays.Start[partition], _arrays.Start[partition + 1]) : (slot, slot + 1);
            for (var other = from; other < to; other++)
            {
                if (other != _placement.Lead[partition] && _arrays.CanLead[_placement.Current[other]]
                    && LeadBands.Delta(_placement, partition, other, leads ? other : _placement.Lead[partition], deltas[place]) is var delta && delta < -SearchContext.Epsilon && -delta > _steps.Worst && search.MayLead(other))
                {
                    _steps.Add(new(ProposalKind.Lead, other, -1, _placement.Current[other], delta, -delta));
                }
            }
        }
    }

    /// <summary>The replicas whose leaving gains most per price, each to the best of: home, the emptiest, some at random.</summary>
    private void Shed(int broker, int lane, int rank, Effort effort, ref Draw draw)
    {
        _leaving.Clear(effort.Replicas);
        var replicas = _placement.ReplicasOf(broker);
        var deltas = _scan.Leaving(broker);
        for (var place = 0; place < replicas.Length; place++)
        {
            var (slot, delta) = (replicas[place], deltas[place]);

            // None costs less than the price of a move alone: most are out by that, without a look at their size and home.
            if (delta < -SearchContext.Epsilon && -delta > _leaving.Worst * search.MovePrice && search.IsMovable(slot))
            {
                _leaving.Add(new(ProposalKind.Move, slot, -1, broker, delta, -delta / search.Price(search.IsHome(slot) ? _placement.SizeOf(slot) : 0)));
            }
        }

        var order = levels.ColdestFirst(lane);

        // If all began at the emptiest, it would be full before most had their turn.
        var first = effort.IsStuck ? 0 : rank % Math.Max(1, order.Length / Emptiest);
        foreach (var leaving in _leaving.Items)
        {
            var best = new Proposal(ProposalKind.Move, leaving.Slot, -1, broker, 0, 0);
            var departure = new Departure(_placement, leaving.Slot);
            Try(in departure, _arrays.Current[leaving.Slot], ref best);
            for (var (i, tried) = (0, 0); i < order.Length && tried < effort.Destinations / 2; i++)
            {
                var to = order[(first + i) % order.Length];
                tried += search.MayTake(leaving.Slot, to) ? 1 : 0;
                Try(in departure, to, ref best);
            }

            for (var i = 0; i < effort.Destinations / 2; i++)
            {
                Try(in departure, order[draw.Below(order.Length)], ref best);
            }

            _steps.Add(best);
        }
    }

    /// <summary>Some replicas of the fullest and of some random brokers, the best of each.</summary>
    private void Fill(int broker, int lane, Effort effort, ref Draw draw)
    {
        var order = levels.ColdestFirst(lane);
        for (var i = 0; i < effort.Destinations; i++)
        {
            var source = i < effort.Destinations / 2 ? order[Math.Max(0, order.Length - 1 - i)] : order[draw.Below(order.Length)];
            var replicas = _placement.ReplicasOf(source);
            if (source == broker || replicas.IsEmpty)
            {
                continue;
            }

            var best = new Proposal(ProposalKind.Move, -1, -1, source, 0, 0);
            var samples = _samples.AsSpan(0, effort.Replicas * 2);
            foreach (ref var sample in samples)
            {
                sample = replicas[draw.Below(replicas.Length)];
                _placement.Prefetch(sample);
            }

            foreach (var slot in samples)
            {
                if (search.IsMovable(slot))
                {
                    Try(new Departure(_placement, slot), broker, ref best);
                }
            }

            _steps.Add(best);
        }
    }

    private void Try(in Departure departure, int to, ref Proposal best)
    {
        var slot = departure.Slot;
        if (to == _placement.Current[slot] || to >= search.Problem.Nowhere)
        {
            return;
        }

        var delta = departure.DeltaTo(to);
        if (delta >= -SearchContext.Epsilon)
        {
            return;
        }

        var score = -delta / search.Price(search.BytesDelta(slot, to));
        if (score > best.Score && score > _steps.Worst && search.IsFeasible(slot, to))
        {
            best = new(ProposalKind.Move, slot, to, _placement.Current[slot], delta, score);
        }
    }
}

/// <summary>Random numbers that depend on their seed alone.</summary>
internal struct Draw(ulong seed)
{
    private ulong _state = SearchContext.Mix(seed);

    public int Below(int count)
    {
        _state = SearchContext.Mix(_state);
        return (int)(((_state >> 32) * (ulong)count) >> 32);
    }
}
