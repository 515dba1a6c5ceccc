using System.Collections.Immutable;

namespace ControlPlane.Engine.Analyzer;

/// <summary>How many brokers a cluster needs, found by making plans with more and with fewer of them.</summary>
/// <param name="Verdict">right-sized, too-small, too-large, or unknown: no number that was tried is enough.</param>
/// <param name="Brokers">Brokers that live now.</param>
/// <param name="Change">Brokers to add (positive), or that can go (negative).</param>
/// <param name="CanGo">Kafka node ids that can go, together.</param>
/// <param name="Proofs">Why it does not fit now; empty where it does.</param>
public sealed record RightsizingResult(
    string Verdict, int Brokers, int Change, ImmutableArray<int> CanGo, string Sentence, ImmutableArray<InfeasibilityProof> Proofs, ImmutableArray<RightsizingTry> Tries);

/// <summary>One number of brokers that was tried.</summary>
public sealed record RightsizingTry(int Brokers, OutcomeKind Outcome);

/// <summary>
/// Bisects over the number of brokers; each step is a whole run of the optimizer, so what it says fits has a plan that fits. Totals alone
/// would not see racks, replica limits or partitions that are too large for any broker.
/// </summary>
public static class Rightsizing
{
    /// <summary>Each number is tried once; a cancellation ends it with what was found until then.</summary>
    /// <param name="model">The cluster.</param>
    /// <param name="wish">Goals, bands and exclusions to hold.</param>
    /// <param name="least">Brokers that have to stay, whatever fits.</param>
    /// <param name="progress">Told the number that is tried.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static RightsizingResult Run(OptimizerModel model, OptimizerWish wish, int least, IProgress<int>? progress, CancellationToken cancellation)
    {
        var search = new Search(model, wish with { Mode = OptimizerMode.Rebalance }, progress, cancellation);
        var now = search.Try(0);
        return now.Outcome == OutcomeKind.Ok ? Shrink(search, least) : Grow(search, now);
    }

    private static RightsizingResult Grow(Search search, OptimizerResult now)
    {
        var most = Math.Min(WhatIf.MostAdded, Math.Max(16, search.Living * 4));
        var (low, high) = (0, 1);
        while (high < most && search.Try(high).Outcome != OutcomeKind.Ok && !search.IsCancelled)
        {
            (low, high) = (high, Math.Min(most, high * 2));
        }

        if (search.IsCancelled || search.Try(high).Outcome != OutcomeKind.Ok)
        {
            return search.Result("unknown", 0, [], $"No number of further brokers up to {high} was found to be enough.{Because(now)}", now.Proofs);
        }

        while (high - low > 1 && !search.IsCancelled)
        {
            var middle = (low + high) / 2;
            (low, high) = search.Try(middle).Outcome == OutcomeKind.Ok ? (low, middle) : (middle, high);
        }

        return search.Result("too-small", high, [], $"{PlanWords.Count(high, "broker")} more {(high == 1 ? "is" : "are")} needed; a plan with them was made.{Because(now)}", now.Proofs);
    }

    private static RightsizingResult Shrink(Search search, int least)
    {
        var (low, high) = (0, Math.Max(1, search.Living - Math.Max(1, least) + 1)); // high: certainly too many to go
        while (high - low > 1 && !search.IsCancelled)
        {
            var middle = (low + high) / 2;
            (low, high) = search.Try(-middle).Outcome == OutcomeKind.Ok ? (middle, high) : (low, middle);
        }

        var gone = search.Gone(low);
        return low == 0
            ? search.Result("right-sized", 0, [], "Every hard goal holds with the brokers there are, and with one fewer it was not found to.", [])
            : search.Result("too-large", -low, gone, $"{PlanWords.Count(low, "broker")} can go ({string.Join(", ", gone.Take(10))}{(gone.Length > 10 ? ", ..." : "")}): every hard goal holds without {(low == 1 ? "it" : "them")}; a plan was made.", []);
    }

    private static string Because(OptimizerResult now) => now.Proofs is [var first, ..] ? " " + first.Sentence : "";

    private sealed class Search(OptimizerModel model, OptimizerWish wish, IProgress<int>? progress, CancellationToken cancellation)
    {
        private readonly SortedDictionary<int, OptimizerResult> _tried = [];

        public int Living => model.Conditions.Count(condition => condition != BrokerCondition.Dead);

        public bool IsCancelled => cancellation.IsCancellationRequested;

        public OptimizerResult Try(int change)
        {
            if (!_tried.TryGetValue(change, out var result))
            {
                progress?.Report(Living + change);
                var changed = change > 0 ? WhatIf.Add(model, change, null) : change < 0 ? Without(-change) : model;
                result = Optimizer.Run(changed, wish, null, cancellation);
                _tried[change] = result;
            }

            return result;
        }

        /// <summary>From the fullest racks first, the newest ids first: racks stay as even as they can.</summary>
        public ImmutableArray<int> Gone(int count)
        {
            var (gone, left) = (new List<int>(), Enumerable.Range(0, model.Brokers).Where(b => model.Conditions[b] != BrokerCondition.Dead).ToList());
            for (var i = 0; i < count && left.Count > 1; i++)
            {
                var rack = left.GroupBy(b => model.Racks[b] ?? model.Hosts[b]).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).First();
                var broker = rack.MaxBy(b => model.BrokerIds[b]);
                gone.Add(model.BrokerIds[broker]);
                left.Remove(broker);
            }

            return [.. gone];
        }

        public RightsizingResult Result(string verdict, int change, ImmutableArray<int> canGo, string sentence, ImmutableArray<InfeasibilityProof> proofs) =>
            new(verdict, Living, change, canGo, IsCancelled ? $"{sentence} The search was ended early." : sentence, proofs, [.. _tried.Select(pair => new RightsizingTry(Living + pair.Key, pair.Value.Outcome))]);

        private OptimizerModel Without(int count)
        {
            var conditions = (BrokerCondition[])model.Conditions.Clone();
            foreach (var id in Gone(count))
            {
                conditions[Array.IndexOf(model.BrokerIds, id)] = BrokerCondition.Dead;
            }

            return model with { Conditions = conditions };
        }
    }
}
