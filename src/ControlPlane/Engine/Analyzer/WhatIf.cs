using System.Collections.Immutable;
using System.Globalization;

namespace ControlPlane.Engine.Analyzer;

/// <summary>One thing that might happen to a cluster.</summary>
public abstract record WhatIfChange
{
    private WhatIfChange()
    {
    }

    /// <summary>Brokers die.</summary>
    public sealed record LoseBrokers(ImmutableArray<int> Brokers) : WhatIfChange;

    /// <summary>Every broker of a rack dies.</summary>
    public sealed record LoseRack(string Rack) : WhatIfChange;

    /// <summary>Empty brokers come, each like the typical one.</summary>
    /// <param name="Rack">Null: each in the rack that has the fewest.</param>
    public sealed record AddBrokers(int Count, string? Rack) : WhatIfChange
    {
        /// <summary>Kafka node id of the broker whose capacity they have; null: the medians of the living.</summary>
        public int? LikeBroker { get; init; }
    }

    /// <summary>What is written to and read from topics, and so what they keep, grows or shrinks.</summary>
    /// <param name="Topics">A regular expression over the whole name.</param>
    public sealed record TopicLoad(string Topics, double Factor) : WhatIfChange;

    /// <summary>Only what topics keep grows or shrinks.</summary>
    public sealed record Retention(string Topics, double Factor) : WhatIfChange;

    /// <summary>Topics get another number of replicas.</summary>
    public sealed record ReplicationFactor(string Topics, int Replicas) : WhatIfChange;
}

/// <summary>A changed model, the wish that answers for it, and what was changed as sentences.</summary>
public sealed record WhatIfModel(OptimizerModel Model, OptimizerWish Wish, ImmutableArray<string> Changes);

/// <summary>Changed copies of a model. Nothing here touches the original.</summary>
public static class WhatIf
{
    public const int MostAdded = 1_000;
    public const double MostFactor = 1_000;

    /// <summary>All changes, one after another.</summary>
    /// <exception cref="OptimizerRefusal">A change names what is not there, or can't be.</exception>
    public static WhatIfModel Apply(OptimizerModel model, OptimizerWish wish, IReadOnlyList<WhatIfChange> changes)
    {
        var made = new WhatIfModel(model, wish, []);
        for (var at = 0; at < changes.Count; at++)
        {
            made = Apply(made, changes[at], string.Create(CultureInfo.InvariantCulture, $"changes[{at}]"));
        }

        if (made.Model.Conditions.All(condition => condition == BrokerCondition.Dead))
        {
            throw new OptimizerRefusal("changes", "No broker would live. Expected: at least one that stays.");
        }

        return made;
    }

    /// <summary>Topic indices whose whole name matches.</summary>
    public static int[] TopicsOf(OptimizerModel model, string pattern, string field)
    {
        var matches = TopicPattern.Match(model.Topics, pattern, field);
        return [.. Enumerable.Range(0, matches.Length).Where(topic => matches[topic])];
    }

    private static WhatIfModel Apply(WhatIfModel made, WhatIfChange change, string field) => change switch
    {
        WhatIfChange.LoseBrokers lose => Lose(made, [.. lose.Brokers.Select(id => Find(made.Model, id, $"{field}.brokers"))], $"broker {string.Join(", ", lose.Brokers)} is lost"),
        WhatIfChange.LoseRack lose => Lose(made, Rack(made.Model, lose.Rack, $"{field}.rack"), $"rack {lose.Rack} is lost"),
        WhatIfChange.AddBrokers add => made with
        {
            Model = Add(made.Model, Within(add.Count, 1, MostAdded, $"{field}.count"), add.Rack, add.LikeBroker is { } id ? Find(made.Model, id, $"{field}.likeBroker") : null),
            Changes = made.Changes.Add($"{PlanWords.Count(add.Count, "broker")} {(add.Count == 1 ? "is" : "are")} added{(add.Rack is null ? "" : $" in rack {add.Rack}")}"),
        },
        WhatIfChange.TopicLoad load => Scale(made, load.Topics, load.Factor, field, "the load of", LoadOf.Cpu, LoadOf.FollowerCpu, LoadOf.BytesIn, LoadOf.BytesOut, LoadOf.Size),
        WhatIfChange.Retention keep => Scale(made, keep.Topics, keep.Factor, field, "what is kept of", LoadOf.Size),
        WhatIfChange.ReplicationFactor rf => Replicate(made, rf, field),
        _ => throw new InvalidOperationException($"Unhandled change {change.GetType().Name}"),
    };

    private static WhatIfModel Replicate(WhatIfModel made, WhatIfChange.ReplicationFactor change, string field)
    {
        if (made.Wish.Mode == OptimizerMode.ReplicationFactor)
        {
            throw new OptimizerRefusal(field, "The replication factor is changed twice. Expected: one such change at a time.");
        }

        var topics = NotEmpty(TopicsOf(made.Model, change.Topics, $"{field}.topics"), change.Topics, $"{field}.topics");
        var replicas = Within(change.Replicas, 1, made.Model.Brokers, $"{field}.replicas");
        return made with
        {
            Wish = made.Wish with { Mode = OptimizerMode.ReplicationFactor, Topics = change.Topics, ReplicationFactor = replicas },
            Changes = made.Changes.Add($"{PlanWords.Count(topics.Length, "topic")} ({change.Topics}) get {PlanWords.Count(replicas, "replica")}"),
        };
    }

    private static WhatIfModel Lose(WhatIfModel made, int[] brokers, string sentence)
    {
        var conditions = (BrokerCondition[])made.Model.Conditions.Clone();
        foreach (var broker in brokers)
        {
            conditions[broker] = BrokerCondition.Dead;
        }

        return made with { Model = made.Model with { Conditions = conditions }, Changes = made.Changes.Add(sentence) };
    }

    private static WhatIfModel Scale(WhatIfModel made, string pattern, double factor, string field, string what, params ReadOnlySpan<int> parts)
    {
        if (!(factor is >= 0 and <= MostFactor))
        {
            throw new OptimizerRefusal($"{field}.factor", string.Create(CultureInfo.InvariantCulture, $"{factor} is not possible. Expected: 0 to {MostFactor}."));
        }

        var topics = NotEmpty(TopicsOf(made.Model, pattern, $"{field}.topics"), pattern, $"{field}.topics").ToHashSet();
        var loads = (double[])made.Model.Loads.Clone();
        for (var p = 0; p < made.Model.Partitions; p++)
        {
            for (var part = 0; part < parts.Length && topics.Contains(made.Model.Topic[p]); part++)
            {
                loads[(p * LoadOf.Count) + parts[part]] *= factor;
            }
        }

        return made with
        {
            Model = made.Model with { Loads = loads },
            Changes = made.Changes.Add(string.Create(CultureInfo.InvariantCulture, $"{what} {PlanWords.Count(topics.Count, "topic")} ({pattern}) is {factor:0.###} times as much")),
        };
    }

    /// <summary>The same model with empty brokers at its end.</summary>
    public static OptimizerModel Add(OptimizerModel model, int count, string? rack, int? like = null)
    {
        var typical = like ?? Typical(model);
        var capacity = like is { } index ? model.Capacity[(index * 4)..((index + 1) * 4)] : TypicalCapacity(model);
        var (ids, racks, next) = (model.BrokerIds.ToList(), model.Racks.ToList(), model.BrokerIds.DefaultIfEmpty(0).Max() + 1);
        var dirs = (typical < 0 ? [] : Enumerable.Range(model.DirStart[typical], model.DirStart[typical + 1] - model.DirStart[typical])).Where(dir => model.DirAlive[dir]).ToArray();
        var (dirStart, paths, sizes, alive) = (model.DirStart.ToList(), model.DirPaths.ToList(), model.DirCapacity.ToList(), model.DirAlive.ToList());
        for (var i = 0; i < count; i++)
        {
            racks.Add(rack ?? SmallestRack(racks));
            ids.Add(next + i);
            paths.AddRange(dirs.Select(dir => model.DirPaths[dir]));
            sizes.AddRange(dirs.Select(dir => model.DirCapacity[dir]));
            alive.AddRange(dirs.Select(_ => true));
            dirStart.Add(paths.Count);
        }

        return model with
        {
            BrokerIds = [.. ids],
            Racks = [.. racks],
            Hosts = [.. model.Hosts, .. Enumerable.Range(next, count).Select(id => string.Create(CultureInfo.InvariantCulture, $"new broker {id}"))],
            Conditions = [.. model.Conditions, .. Enumerable.Repeat(BrokerCondition.New, count)],
            Capacity = [.. model.Capacity, .. Enumerable.Range(0, count).SelectMany(_ => capacity)],
            DiskForeign = [.. model.DiskForeign, .. new double[count]],
            DirStart = [.. dirStart],
            DirPaths = [.. paths],
            DirCapacity = [.. sizes],
            DirAlive = [.. alive],
        };
    }

    /// <summary>Medians of the living brokers; NaN where none tells.</summary>
    public static double[] TypicalCapacity(OptimizerModel model) =>
    [
        .. Enumerable.Range(0, 4).Select(resource =>
        {
            double[] known = [.. Living(model).Select(b => model.Capacity[(b * 4) + resource]).Where(capacity => !double.IsNaN(capacity)).Order()];
            return known.Length == 0 ? double.NaN : known[known.Length / 2];
        }),
    ];

    private static IEnumerable<int> Living(OptimizerModel model) => Enumerable.Range(0, model.Brokers).Where(b => model.Conditions[b] != BrokerCondition.Dead);

    /// <summary>The living broker in the middle by disk, whose log dirs a new one gets.</summary>
    private static int Typical(OptimizerModel model)
    {
        int[] order = [.. Living(model).OrderBy(b => model.Capacity[(b * 4) + 3]).ThenBy(b => b)];
        return order.Length == 0 ? -1 : order[order.Length / 2];
    }

    private static string? SmallestRack(List<string?> racks) =>
        racks.GroupBy(rack => rack).OrderBy(group => group.Key is null ? 1 : 0).ThenBy(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).FirstOrDefault()?.Key;

    private static int Find(OptimizerModel model, int id, string field)
    {
        var index = Array.IndexOf(model.BrokerIds, id);
        return index >= 0 ? index : throw new OptimizerRefusal(field, $"There is no broker {id}. Expected: one of the cluster's {PlanWords.Count(model.Brokers, "broker")}.");
    }

    private static int[] Rack(OptimizerModel model, string rack, string field)
    {
        int[] brokers = [.. Enumerable.Range(0, model.Brokers).Where(b => string.Equals(model.Racks[b], rack, StringComparison.Ordinal))];
        return brokers.Length > 0 ? brokers : throw new OptimizerRefusal(field, $"There is no rack '{rack}'. Expected: {string.Join(", ", model.Racks.OfType<string>().Distinct().Order(StringComparer.Ordinal).Take(10).DefaultIfEmpty("brokers with racks; there are none"))}.");
    }

    private static int Within(int value, int least, int most, string field) =>
        value >= least && value <= most ? value : throw new OptimizerRefusal(field, string.Create(CultureInfo.InvariantCulture, $"{value} is not possible. Expected: {least} to {most}."));

    private static int[] NotEmpty(int[] topics, string pattern, string field) =>
        topics.Length > 0 ? topics : throw new OptimizerRefusal(field, $"No topic's whole name matches '{pattern}'.");
}
