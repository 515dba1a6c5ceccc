using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Two lanes that no placement brings into their bands together.</summary>
/// <param name="Lane">The lane of the less important goal.</param>
/// <param name="Other">That of the more important one.</param>
internal sealed record Contradiction(int Lane, int Other, InfeasibilityProof Proof);

/// <summary>
/// Goals that can be met one by one but not together: equal numbers of replicas, and bytes in proportion to capacities that differ, where
/// partitions are much alike. Some brokers then have to carry so much of one load that, even of the replicas that bring most of it, more are
/// needed than the other goal allows them (the fractional knapsack of Dantzig, 1957, is the most that they can carry).
/// </summary>
/// <param name="problem">Whose goals.</param>
/// <param name="placement">The cluster at the start.</param>
/// <param name="bandsOf">By lane the edges of each broker as its goal is judged; null: it is not.</param>
/// <param name="goalOf">The goal of a lane.</param>
internal sealed class Contradictions(OptimizerProblem problem, Placement placement, Func<int, (double Low, double High)[]?> bandsOf, Func<int, string> goalOf)
{
    private const int Named = 5;

    /// <summary>No proof rests on the last digits of a sum.</summary>
    private const double Tolerance = 1e-6;

    /// <summary>Loads that the same replicas bring: all of them, or those that lead.</summary>
    private static readonly (int Lane, int Other)[] Pairs =
        [(Lane.Disk, Lane.Replicas), (Lane.BytesIn, Lane.Replicas), (Lane.BytesOut, Lane.Leaders), (Lane.BytesOut, Lane.LeaderBytesIn)];

    private readonly PlacementArrays _arrays = problem.Arrays;

    public IEnumerable<Contradiction> All()
    {
        foreach (var (lane, other) in Pairs)
        {
            var (place, otherPlace) = (PlaceOf(lane), PlaceOf(other));
            if (place < 0 || otherPlace < 0 || bandsOf(lane) is not { } bands || bandsOf(other) is not { } others)
            {
                continue;
            }

            var (later, earlier) = place > otherPlace ? (lane, other) : (other, lane);
            if ((TooLittle(lane, bands, other, others, goalOf(later)) ?? TooLittle(other, others, lane, bands, goalOf(later))) is { } proof)
            {
                yield return new(later, earlier, proof);
            }
        }
    }

    private int PlaceOf(int lane)
    {
        for (var place = 0; place < problem.Goals.Count; place++)
        {
            if (problem.Goals[place].Name == goalOf(lane))
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>Whether brokers that need most of the one load for what they may carry of the other can't have both.</summary>
    private InfeasibilityProof? TooLittle(int wanted, (double Low, double High)[] bands, int spent, (double Low, double High)[] limits, string constraint)
    {
        var order = Enumerable.Range(0, problem.Nowhere).Where(broker => _arrays.Alive[broker] && bands[broker].Low > 0 && double.IsFinite(limits[broker].High));
        var densities = Array.ConvertAll(order, broker => -bands[broker].Low / Math.Max(limits[broker].High, double.Epsilon));
        RankSort.AscendingThenItems(densities, order);
        var average = LaneBand.Total(placement, wanted) / LaneBand.Total(placement, spent);
        if (order.Length == 0 || !(-densities[0] > average * (1 + Tolerance)))
        {
            return null; // whatever they may spend brings as much as they need even on average, and a choice of the best no less
        }

        var (need, budget, missing, count) = (0.0, 0.0, 0.0, 0);
        var (neededBy, allowed) = (0.0, 0.0);
        var knapsack = new Knapsack(_arrays, wanted, spent);
        for (var place = 0; place < order.Length; place++)
        {
            (need, budget) = (need + bands[order[place]].Low, budget + limits[order[place]].High);
            var gap = need - (knapsack.Most(budget) * (1 + Tolerance)) - Tolerance;
            if (gap > missing)
            {
                (missing, count, neededBy, allowed) = (gap, place + 1, need, budget);
            }
        }

        if (count == 0)
        {
            return null;
        }

        var names = string.Join(", ", Enumerable.Range(0, Math.Min(Named, count)).Select(place => $"{problem.Model.BrokerIds[order[place]]}"));
        return new(constraint, missing,
            $"{goalOf(wanted)} and {goalOf(spent)} contradict each other here: the first asks for at least {Amount(wanted, neededBy)} on {PlanWords.Count(count, "broker")} together ({names}{(count > Named ? ", ..." : "")}), the second allows them {Amount(spent, allowed)}, and with that no choice of replicas brings more than {LaneWords.Amount(wanted, neededBy - missing)}. Smaller partitions, or brokers more alike, would help; or leave one of the two goals out.", null);
    }

    private static string Amount(int lane, double amount) => lane is Lane.Replicas or Lane.Leaders
        ? $"{LaneWords.Amount(lane, amount)} {LaneWords.Name(lane)}"
        : $"{LaneWords.Amount(lane, amount)} of {LaneWords.Name(lane)}";
}
