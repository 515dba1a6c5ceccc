using System.Runtime.CompilerServices;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>How much a replica needs a new place.</summary>
internal enum Urgency
{
    /// <summary>It only evens: every rule holds.</summary>
    None,

    /// <summary>It mends racks: topics may be crowded for it.</summary>
    Wanted,

    /// <summary>It can't stay: limits may be broken for it.</summary>
    Forced,
}

/// <summary>
/// Chooses the broker for a replica that has to go somewhere: the least costly of the emptiest and of some random ones; all are looked at
/// only when none of these will do.
/// </summary>
internal sealed class Destinations(SearchContext search, ulong seed)
{
    private const int Coldest = 16;
    private const int Random = 32;

    /// <summary>Thousands of replicas may be forced to go; the phases after them even what comes of it.</summary>
    private const int OfThatIfForced = 2;
    private const int SortEvery = 256;

    private static readonly int[] Lanes = [Lane.Disk, Lane.Replicas, Lane.BytesIn];

    private readonly Placement _placement = search.Placement;
    private readonly Levels _levels = new(search.Placement);
    private readonly Fullness _fullness = new(search.Placement);
    private int _found;
    private bool _isLost;

    /// <summary>By every rule; then, as far as asked, without the spread of topics, and at last without limits, which is reported as a violation.</summary>
    /// <param name="slot">The replica that goes.</param>
    /// <param name="urgency">What may be given up for it: only what has to move may break a limit.</param>
    public int Find(int slot, Urgency urgency)
    {
        Prepare();
        var best = Sampled(slot, urgency == Urgency.Forced);
        for (var attempt = 0; best < 0 && attempt <= (int)urgency; attempt++)
        {
            best = Cheapest(slot, attempt);
        }

        return best;
    }

    /// <summary>
    /// A place for a lost replica. What gives way, in this order: the spread of its topic, then limits of the network, then racks, then the disk
    /// limit, then both. No disk is ever filled: that would stop a second broker.
    /// </summary>
    public int FindForLost(int slot)
    {
        Prepare();
        // Bands may have been widened where no placement holds them; what is lost still goes by the limits themselves.
        var limit = search.Problem.Wish.Bands.DiskLimit;
        _isLost = true;
        var best = Sampled(slot, isForced: true);
        _isLost = false;
        return best >= 0 ? best
            : Least(slot, to => IsIn(slot, to, limit) && search.IsFeasible(slot, to)) is >= 0 and var feasible ? feasible
            : Least(slot, to => IsIn(slot, to, limit) && search.IsPossible(slot, to, withinLimits: true)) is >= 0 and var crowdingTopic ? crowdingTopic
            : Least(slot, to => IsIn(slot, to, limit) && search.KeepsRacks(slot, to)) is >= 0 and var overloading ? overloading
            : Least(slot, to => IsIn(slot, to, limit)) is >= 0 and var crowding ? crowding
            : Least(slot, to => search.MayHold(slot, to) && search.HasDisk(slot, to, PlanOrder.FullDisk) && search.KeepsRacks(slot, to)) is >= 0 and var filling ? filling
            : Least(slot, to => search.MayHold(slot, to) && search.HasDisk(slot, to, PlanOrder.FullDisk));
    }

    private void Prepare()
    {
        _fullness.Update();
        if (_found++ % SortEvery == 0)
        {
            Array.ForEach(Lanes, _levels.SortLane);
        }
    }

    /// <summary>Whether any broker could take the replica if it had room.</summary>
    public bool HasCandidate(int slot) => Enumerable.Range(0, search.Problem.Nowhere).Any(to => search.MayHold(slot, to));

    private bool IsIn(int slot, int to, double share) =>
        search.MayHold(slot, to) && search.HasDisk(slot, to, share) && _placement.CountOf(to) + 1 <= search.Problem.Wish.Bands.ReplicaLimit;

    /// <summary>Who crowds racks least, and of these the cheapest; -1: nobody may.</summary>
    private int Least(int slot, Func<int, bool> may)
    {
        var (best, crowd, cost, departure) = (-1, int.MaxValue, double.PositiveInfinity, new Departure(_placement, slot));
        for (var to = 0; to < search.Problem.Nowhere; to++)
        {
            if (to == _placement.Current[slot] || !may(to))
            {
                continue;
            }

            var (crowdThere, score) = (search.CrowdAt(slot, to), Score(in departure, to, double.PositiveInfinity));
            if (crowdThere < crowd || (crowdThere == crowd && score < cost))
            {
                (best, crowd, cost) = (to, crowdThere, score);
            }
        }

        return best;
    }

    private int Sampled(int slot, bool isForced)
    {
        var (best, cost, departure) = (-1, double.PositiveInfinity, new Departure(_placement, slot));
        var (coldest, random) = isForced ? (Coldest / OfThatIfForced, Random / OfThatIfForced) : (Coldest, Random);
        foreach (var lane in Lanes)
        {
            var order = _levels.ColdestFirst(lane);
            for (var (place, tried) = (0, 0); place < order.Length && tried < coldest; place++)
            {
                // What a broker would cost is known sooner than whether it may.
                var score = Score(in departure, order[place], cost);
                if (isForced && score > cost)
                {
                    tried++;
                }
                else if (IsAllowed(slot, order[place]))
                {
                    tried++;
                    Take(order[place], score, ref best, ref cost);
                }
            }
        }

        var draw = new Draw(seed ^ (ulong)slot);
        for (var i = 0; i < random; i++)
        {
            var to = draw.Below(search.Problem.Nowhere);
            var score = Score(in departure, to, cost);
            if (score <= cost && IsAllowed(slot, to))
            {
                Take(to, score, ref best, ref cost);
            }
        }

        return best;
    }

    private bool IsAllowed(int slot, int to) =>
        to != _placement.Current[slot] && search.IsFeasible(slot, to) && (!_isLost || IsIn(slot, to, search.Problem.Wish.Bands.DiskLimit));

    private static void Take(int to, double score, ref int best, ref double cost)
    {
        if (score < cost || (score == cost && to < best))
        {
            (best, cost) = (to, score);
        }
    }

    private int Cheapest(int slot, int attempt)
    {
        var (best, cost, departure) = (-1, double.PositiveInfinity, new Departure(_placement, slot));
        for (var to = 0; to < search.Problem.Nowhere; to++)
        {
            var isAllowed = to != _placement.Current[slot]
                && (attempt == 0 ? search.IsFeasible(slot, to) : search.IsPossible(slot, to, withinLimits: attempt == 1));
            var score = isAllowed ? Score(in departure, to, cost) : double.PositiveInfinity;
            if (score < cost)
            {
                (best, cost) = (to, score);
            }
        }

        return best;
    }

    /// <summary>What the objective says; among brokers alike, the emptier one.</summary>
    /// <param name="departure">The replica that goes.</param>
    /// <param name="to">Where.</param>
    /// <param name="least">What is above this anyway need not be told exactly.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double Score(in Departure departure, int to, double least) =>
        departure.DeltaTo(to) is var delta && delta > least ? delta : delta + (1e-6 * _fullness.Of(to));
}
