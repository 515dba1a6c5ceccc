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
    private const int SortEvery = 256;

    private static readonly int[] Lanes = [Lane.Disk, Lane.Replicas, Lane.BytesIn];

    private readonly Placement _placement = search.Placement;
    private readonly Levels _levels = new(search.Placement);
    private int _found;

    /// <summary>By every rule; then, as far as asked, without the spread of topics, and at last without limits, which is reported as a violation.</summary>
    /// <param name="slot">The replica that goes.</param>
    /// <param name="urgency">What may be given up for it: only what has to move may break a limit.</param>
    public int Find(int slot, Urgency urgency)
    {
        if (_found++ % SortEvery == 0)
        {
            Array.ForEach(Lanes, _levels.SortLane);
        }

        var best = Sampled(slot);
        for (var attempt = 0; best < 0 && attempt <= (int)urgency; attempt++)
        {
            best = Cheapest(slot, attempt);
        }

        return best;
    }

    private int Sampled(int slot)
    {
        var (best, cost, without) = (-1, double.PositiveInfinity, _placement.CostWithout(slot));
        foreach (var lane in Lanes)
        {
            var order = _levels.ColdestFirst(lane);
            for (var (place, tried) = (0, 0); place < order.Length && tried < Coldest; place++)
            {
                if (IsAllowed(slot, order[place]))
                {
                    tried++;
                    Take(order[place], Score(slot, order[place], without, cost), ref best, ref cost);
                }
            }
        }

        var draw = new Draw(seed ^ (ulong)slot);
        for (var i = 0; i < Random; i++)
        {
            // What a broker would cost is known sooner than whether it may.
            var to = draw.Below(search.Problem.Nowhere);
            var score = Score(slot, to, without, cost);
            if (score <= cost && IsAllowed(slot, to))
            {
                Take(to, score, ref best, ref cost);
            }
        }

        return best;
    }

    private bool IsAllowed(int slot, int to) => to != _placement.Current[slot] && search.IsFeasible(slot, to);

    private static void Take(int to, double score, ref int best, ref double cost)
    {
        if (score < cost || (score == cost && to < best))
        {
            (best, cost) = (to, score);
        }
    }

    private int Cheapest(int slot, int attempt)
    {
        var (best, cost, without) = (-1, double.PositiveInfinity, _placement.CostWithout(slot));
        for (var to = 0; to < search.Problem.Nowhere; to++)
        {
            var isAllowed = to != _placement.Current[slot]
                && (attempt == 0 ? search.IsFeasible(slot, to) : search.IsPossible(slot, to, withinLimits: attempt == 1));
            var score = isAllowed ? Score(slot, to, without, cost) : double.PositiveInfinity;
            if (score < cost)
            {
                (best, cost) = (to, score);
            }
        }

        return best;
    }

    /// <summary>What the objective says; among brokers alike, the emptier one.</summary>
    /// <param name="slot">The replica that goes.</param>
    /// <param name="to">Where.</param>
    /// <param name="without">What its broker costs without it.</param>
    /// <param name="least">What is above this anyway need not be told exactly.</param>
    private double Score(int slot, int to, double without, double least) =>
        _placement.MoveDelta(slot, to, without) is var delta && delta > least ? delta
            : delta + (1e-6 * (Share(to, Lane.Disk) + Share(to, Lane.BytesIn) + Share(to, Lane.Replicas)));

    private double Share(int broker, int lane)
    {
        var high = _placement.Bands.High[(broker * Lane.Count) + lane];
        return high > 0 && !double.IsInfinity(high) ? _placement.LoadOf(broker, lane) / high : 0;
    }
}
