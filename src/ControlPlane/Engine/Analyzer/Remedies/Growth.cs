using System.Globalization;

namespace ControlPlane.Engine.Analyzer.Remedies;

/// <summary>What is added to a cluster to see whether that is enough.</summary>
/// <param name="Brokers">New brokers in the racks there are.</param>
/// <param name="Racks">New racks.</param>
/// <param name="PerRack">New brokers in each new rack.</param>
internal readonly record struct Growth(int Brokers, int Racks = 0, int PerRack = 0)
{
    public int Total => Brokers + (Racks * PerRack);
}

/// <summary>A cluster with more brokers, and the wish that counts them in.</summary>
/// <param name="Where">Racks of the new brokers with how many each; empty: the cluster has no racks.</param>
internal sealed record GrownCluster(OptimizerModel Model, OptimizerWish Wish, IReadOnlyList<(string Rack, int Count)> Where)
{
    /// <summary>The same cluster with so many new brokers of that capacity.</summary>
    /// <param name="model">The cluster.</param>
    /// <param name="wish">What is asked of it.</param>
    /// <param name="growth">How many more.</param>
    /// <param name="capacity">Four of a new broker, as in the model.</param>
    /// <param name="lane">What is short: new brokers go to the racks that have least of it; -1: to those with the fewest brokers.</param>
    public static GrownCluster Of(OptimizerModel model, OptimizerWish wish, Growth growth, double[] capacity, int lane)
    {
        var racks = Fewest(model, growth.Brokers, capacity, lane);
        racks.AddRange(NewRacks(model, growth.Racks).Select(rack => ((string?)rack, growth.PerRack)));
        var grown = model;
        foreach (var (rack, count) in racks)
        {
            grown = WhatIf.Add(grown, count, rack);
        }

        grown = Sized(grown, model, capacity);
        int[] added = grown.BrokerIds[model.Brokers..];
        return new GrownCluster(grown, Welcome(model, wish, added), [.. racks.Where(one => one.Rack is not null).Select(one => (one.Rack!, one.Count))]);
    }

    /// <summary>One broker after another to the rack that has least, so that no rack stays short while another grows.</summary>
    private static List<(string? Rack, int Count)> Fewest(OptimizerModel model, int count, double[] capacity, int lane)
    {
        var room = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var isSized = lane is >= 0 and < 4 && !double.IsNaN(capacity[lane]) && !Enumerable.Range(0, model.Brokers).Any(broker => double.IsNaN(model.Capacity[(broker * 4) + lane]));
        for (var broker = 0; broker < model.Brokers; broker++)
        {
            if (model.Racks[broker] is { Length: > 0 } rack)
            {
                var isThere = model.Conditions[broker] is not (BrokerCondition.Dead or BrokerCondition.Excluded);
                room[rack] = room.GetValueOrDefault(rack) + (isThere ? isSized ? model.Capacity[(broker * 4) + lane] : 1 : 0);
            }
        }

        if (room.Count == 0)
        {
            return count == 0 ? [] : [(null, count)];
        }

        var chosen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var more = 0; more < count; more++)
        {
            var rack = room.MinBy(one => one.Value).Key;
            room[rack] += isSized ? capacity[lane] : 1;
            chosen[rack] = chosen.GetValueOrDefault(rack) + 1;
        }

        return [.. chosen.Select(one => ((string?)one.Key, one.Value))];
    }

    private static IEnumerable<string> NewRacks(OptimizerModel model, int count)
    {
        var known = model.Racks.ToHashSet(StringComparer.Ordinal);
        for (var number = 1; count > 0; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"new rack {number}");
            if (known.Add(name))
            {
                count--;
                yield return name;
            }
        }
    }

    /// <summary>New brokers get the capacity asked for, and their log dirs the same share of it as before.</summary>
    private static OptimizerModel Sized(OptimizerModel grown, OptimizerModel model, double[] capacity)
    {
        var (capacities, dirs) = ((double[])grown.Capacity.Clone(), (double[])grown.DirCapacity.Clone());
        for (var broker = model.Brokers; broker < grown.Brokers; broker++)
        {
            var factor = capacity[Lane.Disk] / capacities[(broker * 4) + Lane.Disk];
            for (var dir = grown.DirStart[broker]; dir < grown.DirStart[broker + 1]; dir++)
            {
                dirs[dir] *= double.IsFinite(factor) && factor > 1 ? factor : 1;
            }

            capacity.CopyTo(capacities, broker * 4);
        }

        return grown with { Capacity = capacities, DirCapacity = dirs };
    }

    /// <summary>Who names receivers would name the new brokers too, and each needs a broker set where there are any.</summary>
    private static OptimizerWish Welcome(OptimizerModel model, OptimizerWish wish, int[] added) => wish with
    {
        Destinations = wish.Destinations.IsEmpty ? [] : [.. wish.Destinations, .. added],
        Brokers = wish.Mode == OptimizerMode.AddBrokers && !wish.Brokers.IsEmpty ? [.. wish.Brokers, .. added] : wish.Brokers,
        BrokerSets = wish.BrokerSets.IsEmpty ? wish.BrokerSets : SetShortage.Share(model, wish, added),
    };
}
