namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>
/// Where only a few replicas move, every broker that gives some away is looked at once more: the replicas that bring it into its bands
/// with the fewest bytes take the place of those that were found. A search by gain per byte ends a fifth above the bound there, because it
/// takes whole replicas one after the other.
/// </summary>
internal sealed class FewBytesPhase(SearchContext search, Destinations destinations)
{
    /// <summary>With more moves than this, what a single replica is too large does not show.</summary>
    private const int MostMoves = 64;

    /// <summary>Less is not worth another copy.</summary>
    private const double Worth = 0.995;

    private readonly Placement _placement = search.Placement;
    private readonly PlacementArrays _arrays = search.Problem.Arrays;

    public void Run()
    {
        var moved = new List<int>();
        for (var slot = 0; slot < _placement.Current.Length && moved.Count <= MostMoves; slot++)
        {
            if (!search.IsHome(slot) && !search.Problem.MustMove[slot])
            {
                moved.Add(slot);
            }
        }

        if (moved.Count is 0 or > MostMoves || _placement.Cost() > SearchContext.Epsilon)
        {
            return;
        }

        foreach (var group in moved.GroupBy(slot => _arrays.Current[slot]))
        {
            if (!search.IsCut)
            {
                Better(group.Key, [.. group]);
            }
        }
    }

    private void Better(int broker, int[] found)
    {
        var (places, bytes, home) = (Array.ConvertAll(found, slot => _placement.Current[slot]), 0.0, 0);

        // What left for racks or topics, which are not part of the cost, stays away.
        while (home < found.Length && search.IsFeasible(found[home], broker))
        {
            bytes += _placement.SizeOf(found[home]);
            search.Move(found[home++], broker);
        }

        if (home == found.Length && _placement.PenaltyWithHost(broker) > SearchContext.Epsilon && Array.Exists(Choices(broker, bytes * Worth), Try))
        {
            return;
        }

        while (home > 0)
        {
            search.Move(found[--home], places[home]);
        }
    }

    /// <summary>What relieves the broker of all it has too much of, the fewest bytes first: by each load the least that covers it, and the smallest single replica.</summary>
    private int[][] Choices(int broker, double most)
    {
        int[] slots = [.. _placement.ReplicasOf(broker).Where(slot => search.IsHome(slot) && search.IsMovable(slot) && !search.Problem.MustMove[slot] && _placement.SizeOf(slot) < most)];
        var (sizes, choices) = (Array.ConvertAll(slots, _placement.SizeOf), new List<int[]>());
        for (var lane = 0; lane < Lane.Count; lane++)
        {
            var over = _placement.LoadOf(broker, lane) - _placement.Bands.High[(broker * Lane.Count) + lane];
            if (over > 0 && WholeCover.Find(sizes, Array.ConvertAll(slots, slot => _placement.LoadOfSlot(slot, lane)), over) is { } found)
            {
                choices.Add(Array.ConvertAll(found.Items, item => slots[item]));
            }
        }

        RankSort.AscendingThenItems(sizes, slots);
        var single = Array.FindIndex(slots, slot => _placement.PenaltyWithHost(broker) + _placement.LeaveDelta(broker, slot) <= SearchContext.Epsilon);
        choices.AddRange(single >= 0 ? [[slots[single]]] : []);
        var (bytes, sorted) = (choices.ConvertAll(BytesOf), choices.ToArray());
        Array.Sort(bytes.ToArray(), sorted);
        return Array.FindAll(sorted, choice => BytesOf(choice) < most);
    }

    private double BytesOf(int[] slots) => slots.Sum(_placement.SizeOf);

    /// <summary>Moves them if everything is inside its bands then; else nothing is changed.</summary>
    private bool Try(int[] slots)
    {
        var done = 0;
        while (done < slots.Length && destinations.Find(slots[done], Urgency.None) is >= 0 and var to)
        {
            search.Move(slots[done++], to);
        }

        if (done == slots.Length && _placement.Cost() <= SearchContext.Epsilon)
        {
            return true;
        }

        while (done > 0)
        {
            search.Move(slots[--done], _arrays.Current[slots[done]]);
        }

        return false;
    }
}
