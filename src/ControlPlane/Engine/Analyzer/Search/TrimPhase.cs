namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Takes back what turned out needless, and puts smaller replicas in the place of larger ones; the objective never rises
/// (optimizer.md 5, phase 5).
/// </summary>
internal sealed class TrimPhase(SearchContext search)
{
    private const int MostPasses = 3;
    private const int Candidates = 96;
    private const int Chunk = 512;

    /// <summary>Share of what is moved that a pass has to better for the next to be worth its time.</summary>
    private const double WorthAnother = 0.01;

    /// <summary>A substitute must be so much smaller to be worth a change; one that is smaller than that does not fill the gap.</summary>
    private const double Smaller = 0.97;
    private const double TooSmall = 0.4;

    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;

    /// <summary>By slot: packed, because most candidates are passed over by their size alone.</summary>
    private readonly float[] _sizes = Array.ConvertAll(search.Placement.Part, partition => (float)search.Placement.DiskOf(partition));

    public void Run()
    {
        for (var pass = 0; pass < MostPasses && !search.IsCut; pass++)
        {
            if (!Pass(pass))
            {
                break;
            }
        }

        RevertLeaders();
    }

    /// <summary>Leadership that was moved on the way and is needed no more returns.</summary>
    public void RevertLeaders()
    {
        for (var partition = 0; partition < search.Problem.Partitions; partition++)
        {
            var original = _arrays.Lead[partition];
            if (original >= 0 && _placement.Lead[partition] != original && search.IsHome(original)
                && _placement.LeadDelta(partition, original) <= 0 && search.MayLead(original))
            {
                _placement.TransferLeadership(partition, original);
            }
        }
    }

    private bool Pass(int pass)
    {
        var moved = new List<int>();
        for (var slot = 0; slot < _placement.Current.Length; slot++)
        {
            if (!search.IsHome(slot) && !search.Problem.MustMove[slot])
            {
                moved.Add(slot);
            }
        }

        var order = moved.ToArray();
        RankSort.Ascending(Array.ConvertAll(order, slot => -_placement.SizeOf(slot)), order);
        var (choices, saved) = (new int[Chunk], 0);
        for (var start = 0; start < order.Length && !search.IsCut; start += Chunk)
        {
            var count = Math.Min(Chunk, order.Length - start);
            Workers.For(count, search.Problem.Wish.Threads, i => choices[i] = Choose(order[start + i], pass));
            for (var i = 0; i < count; i++)
            {
                saved += Do(order[start + i], choices[i]) ? 1 : 0;
            }
        }

        return saved > order.Length * WorthAnother && !search.IsCut;
    }

    /// <summary>The slot itself: it can go home. Another: it can take its place. -1: neither.</summary>
    private int Choose(int slot, int pass) =>
        search.IsHome(slot) ? -1 : MayGoHome(slot) ? slot : Substitute(slot, pass);

    /// <summary>Others were done since it was chosen, so it is judged anew.</summary>
    private bool Do(int slot, int choice)
    {
        if (choice < 0 || search.IsHome(slot))
        {
            return false;
        }

        if (choice == slot)
        {
            if (!MayGoHome(slot))
            {
                return false;
            }

            search.Move(slot, _arrays.Current[slot]);
            return true;
        }

        if (!search.IsHome(choice) || _placement.Current[choice] != _arrays.Current[slot] || _placement.SwapDelta(slot, choice) > 0 || !search.MaySwap(slot, choice))
        {
            return false;
        }

        search.Swap(slot, choice);
        return true;
    }

    private bool MayGoHome(int slot) =>
        _placement.MoveDelta(slot, _arrays.Current[slot]) <= 0 && search.IsFeasible(slot, _arrays.Current[slot]);

    /// <summary>The smallest replica of the slot's home that can take its place while the slot goes home.</summary>
    private int Substitute(int slot, int pass)
    {
        var (home, size) = (_arrays.Current[slot], _placement.DiskOf(_placement.Part[slot]));
        var replicas = _placement.ReplicasOf(home);
        if (replicas.IsEmpty || !search.MayTake(slot, home))
        {
            return -1;
        }

        var draw = new Draw(search.Problem.Wish.Seed ^ (ulong)slot ^ ((ulong)pass << 40));
        var start = draw.Below(replicas.Length);
        Span<int> candidates = stackalloc int[Candidates];
        var (count, most, least) = (0, (float)(size * Smaller), (float)(size * TooSmall));
        for (var i = 0; i < Math.Min(Candidates, replicas.Length); i++)
        {
            var place = start + i;
            var other = replicas[place < replicas.Length ? place : place - replicas.Length];
            if (_sizes[other] < most && _sizes[other] > least)
            {
                candidates[count++] = other;
                _placement.Prefetch(other);
            }
        }

        var (best, bestSize) = (-1, most);
        foreach (var other in candidates[..count])
        {
            var otherSize = _sizes[other];
            if (otherSize < bestSize && _arrays.Current[other] == home && search.IsMovable(other) && !search.Problem.MustMove[other]
                && _placement.SwapDelta(slot, other) <= 0 && search.MaySwap(slot, other))
            {
                (best, bestSize) = (other, otherSize);
            }
        }

        return best;
    }
}
