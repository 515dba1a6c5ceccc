using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Analyzer;

/// <summary>Partitions of a topic by number; null: all of them.</summary>
internal sealed record PartitionsOf(string Topic, IReadOnlyList<int>? Partitions);

/// <summary>What a run of the optimizer is asked for.</summary>
/// <param name="Wish">Without what depends on the model; see <see cref="ResolveOn"/>.</param>
/// <param name="Request">As the API was asked, opaque here; kept with run and plan.</param>
internal sealed record OptimizerAsk(OptimizerWish Wish, ExecutionLimits Limits, TimeSpan Deadline, string Request)
{
    private static readonly TimeSpan RepairDeadline = TimeSpan.FromSeconds(60);

    /// <summary>The anomaly it is to repair, if any.</summary>
    public Guid? Anomaly { get; init; }

    /// <summary>Brokers that count as lost unless they live, because a person names them in a repair; empty: those that are certainly down.</summary>
    public ImmutableArray<int> Lost => Wish.Mode == OptimizerMode.FixOffline ? Wish.Brokers : [];

    public IReadOnlyList<PartitionsOf> Immovable { get; init; } = [];

    /// <summary>A selection: everything else is immovable; null: everything may move.</summary>
    public IReadOnlyList<PartitionsOf>? Only { get; init; }

    /// <summary>A repair that nobody asked the API for.</summary>
    public static OptimizerAsk Repair(IReadOnlyList<int> brokers, Guid? anomaly, ExecutionLimits limits)
    {
        var request = new JsonObject { ["mode"] = PlanModes.Word(PlanMode.FixOffline), ["brokers"] = new JsonArray([.. brokers.Select(id => JsonValue.Create(id))]), ["anomalyId"] = anomaly };
        var wish = new OptimizerWish { Mode = OptimizerMode.FixOffline, MandatoryOnly = true, Brokers = [.. brokers] };
        return new OptimizerAsk(wish, limits, RepairDeadline, request.ToJsonString()) { Anomaly = anomaly };
    }

    /// <summary>The wish with what depends on the model, checked.</summary>
    /// <exception cref="OptimizerRefusal">It names what the model does not have, or contradicts itself.</exception>
    public OptimizerWish ResolveOn(BuiltModel built)
    {
        var model = built.Model;
        var still = Find(model, Immovable, "options.immovable");
        if (Only is not null)
        {
            var chosen = Find(model, Only, "options.only");
            still.UnionWith(Enumerable.Range(0, model.Partitions).Where(partition => !chosen.Contains(partition)));
        }

        var wish = built.Fit(Wish with { Brokers = Named(model), Immovable = [.. still.Order().Select(partition => (model.Topics[model.Topic[partition]], model.Number[partition]))] });
        foreach (var (pattern, field) in new[] { (wish.ExcludedTopics, "options.excludedTopics"), (wish.Topics, "options.topics"), (wish.MinLeadersTopics, "options.minLeadersTopics") })
        {
            if (pattern is not null && WhatIf.TopicsOf(model, pattern, field).Length == 0 && field != "options.excludedTopics")
            {
                throw new OptimizerRefusal(field, $"No topic's whole name matches '{pattern}'.");
            }
        }

        Optimizer.Check(built, wish);
        return wish;
    }

    /// <summary>Kafka does not say who is new; a broker that could hold something and holds nothing is.</summary>
    private ImmutableArray<int> Named(OptimizerModel model)
    {
        if (Wish.Mode != OptimizerMode.AddBrokers || !Wish.Brokers.IsEmpty)
        {
            return Wish.Brokers;
        }

        var holders = model.Broker.ToHashSet();
        ImmutableArray<int> empty = [.. Enumerable.Range(0, model.Brokers).Where(broker => model.Conditions[broker] == BrokerCondition.Alive && !holders.Contains(broker)).Select(broker => model.BrokerIds[broker])];
        return empty.IsEmpty ? throw new OptimizerRefusal("brokers", "No broker is empty, so none is taken for new. Expected: the ids of the brokers that were added.") : empty;
    }

    private static HashSet<int> Find(OptimizerModel model, IReadOnlyList<PartitionsOf> some, string field)
    {
        if (some.Count == 0)
        {
            return [];
        }

        var starts = new Dictionary<string, (int First, int Count)>(StringComparer.Ordinal);
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            var topic = model.Topics[model.Topic[partition]];
            starts[topic] = starts.TryGetValue(topic, out var known) ? (known.First, known.Count + 1) : (partition, 1);
        }

        var found = new HashSet<int>();
        foreach (var (topic, partitions) in some)
        {
            if (!starts.TryGetValue(topic, out var range))
            {
                throw new OptimizerRefusal(field, $"There is no topic '{topic}'.");
            }

            var all = Enumerable.Range(range.First, range.Count).ToDictionary(partition => model.Number[partition]);
            foreach (var number in partitions ?? [.. all.Keys])
            {
                found.Add(all.TryGetValue(number, out var partition) ? partition : throw new OptimizerRefusal(field, $"Topic '{topic}' has no partition {number}. Expected: 0 to {range.Count - 1}."));
            }
        }

        return found;
    }
}
