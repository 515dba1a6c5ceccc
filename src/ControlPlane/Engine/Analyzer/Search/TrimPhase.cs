namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Takes back what turned out needless, and puts smaller replicas in the place of larger ones; the objective never rises
/// (optimizer.md 5, phase 5).
/// </summary>
internal sealed class TrimPhase(SearchContext search)
{
    private const int MostPasses = 3;
    private const int Candidates = 96;

    /// <summary>A substitute must be so much smaller to be worth a change.</summary>
    private const double Smaller = 0.97;

    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;

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
        Array.Sort(Array.ConvertAll(order, slot => -_placement.DiskOf(_placement.Part[slot])), order);
        var (saved, total) = (0.0, 0.0);
        foreach (var slot in order)
        {
            if (search.IsCut)
            {
                return false;
            }

            if (!search.IsHome(slot))
            {
                total += _placement.DiskOf(_placement.Part[slot]);
                saved += GoHome(slot) || Substitute(slot, pass) ? 1 : 0;
            }
        }

        return saved > order.Length * 0.005;
    }

    private bool GoHome(int slot)
    {
        var home = _arrays.Current[slot];
        if (_placement.MoveDelta(slot, home) > 0 || !search.IsFeasible(slot, home))
        {
            return false;
        }

        search.Move(slot, home);
        return true;
    }

    /// <summary>The slot goes home and a smaller replica from there takes its place.</summary>
    private bool Substitute(int slot, int pass)
    {
        var (home, at, size) = (_arrays.Current[slot], _placement.Current[slot], _placement.DiskOf(_placement.Part[slot]));
        var replicas = _placement.ReplicasOf(home);
        if (replicas.IsEmpty || !search.MayTake(slot, home))
        {
            return false;
        }

        var draw = new Draw(search.Problem.Wish.Seed ^ (ulong)slot ^ ((ulong)pass << 40));
        var start = draw.Below(replicas.Length);
        var (best, bestSize) = (-1, size * Smaller);
        for (var i = 0; i < Math.Min(Candidates, replicas.Length); i++)
        {
            var other = replicas[(start + i) % replicas.Length];
            var otherSize = _placement.DiskOf(_placement.Part[other]);
            if (otherSize < bestSize && search.IsHome(other) && search.IsMovable(other) && !search.Problem.MustMove[other]
                && _placement.SwapDelta(slot, other) <= 0 && search.MaySwap(slot, other))
            {
                (best, bestSize) = (other, otherSize);
            }
        }

        if (best < 0)
        {
            return false;
        }

        search.Swap(slot, best);
        return _placement.Current[best] == at;
    }
}
