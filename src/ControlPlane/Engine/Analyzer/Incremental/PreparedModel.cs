namespace ControlPlane.Engine.Analyzer.Incremental;

/// <summary>
/// A model with what every run on it lays out first: who holds what and what that weighs. Never changed once made, so any number of runs may begin
/// from it; a newer model of the same partitions takes over all that is still true.
/// </summary>
public sealed class PreparedModel
{
    private PreparedModel(OptimizerModel model, Placement first, int changed, bool isRebuilt) =>
        (Model, First, Changed, IsRebuilt) = (model, first, changed, isRebuilt);

    /// <summary>With running reassignments at their target.</summary>
    public OptimizerModel Model { get; }

    /// <summary>Partitions whose load, leader or list was another in the model before; all of them where it was built anew.</summary>
    public int Changed { get; }

    public bool IsRebuilt { get; }

    /// <summary>Before any step; runs work on copies.</summary>
    internal Placement First { get; }

    public static PreparedModel Of(OptimizerModel model)
    {
        var target = InFlight.AtTarget(model);
        return new PreparedModel(target, new Placement(Arrays(target)), target.Partitions, isRebuilt: true);
    }

    /// <summary>The same as of the newer model alone, with only what differs made anew.</summary>
    public PreparedModel Next(OptimizerModel model)
    {
        var target = InFlight.AtTarget(model);
        if (!HasSameShape(target))
        {
            return new PreparedModel(target, new Placement(Arrays(target)), target.Partitions, isRebuilt: true);
        }

        var changed = Differences(target);
        var dirty = new bool[First.Rows];
        foreach (var partition in changed)
        {
            for (var slot = target.Start[partition]; slot < target.Start[partition + 1]; slot++)
            {
                Mark(target.Broker[slot]);
                Mark(Model.Broker[slot]);
            }
        }

        var placement = changed.Count == 0 ? First : new Placement(First, Arrays(target), changed, dirty);
        return new PreparedModel(target, placement, changed.Count, isRebuilt: false);

        void Mark(int broker)
        {
            dirty[broker] = true;
            dirty[First.Hosts.RowOf[broker] is >= 0 and var host ? host : broker] = true;
        }
    }

    /// <summary>The same replicas, with other conditions of the brokers.</summary>
    internal PreparedModel With(BrokerCondition[] conditions) => new(Model with { Conditions = conditions }, First, Changed, IsRebuilt);

    /// <summary>What a placement is laid out by; who may do what is a matter of wishes and not of this.</summary>
    private static PlacementArrays Arrays(OptimizerModel model)
    {
        var everyone = Enumerable.Repeat(true, model.Brokers + 1).ToArray();
        return new PlacementArrays
        {
            Topic = model.Topic,
            Start = model.Start,
            Lead = model.Lead,
            Loads = new(model.Loads),
            Current = model.Broker,
            Alive = everyone,
            CanReceive = everyone,
            CanLead = everyone,
            Rack = new int[model.Brokers + 1],
            Host = HostNumbers.Of(model),
            DiskCapacity = new double[model.Brokers + 1],
            DiskForeign = new double[model.Brokers + 1],
            Topics = model.Topics.Length,
        };
    }

    /// <summary>Whether each partition has as many replicas as it had: their slots are the same then, whoever holds them.</summary>
    private bool HasSameShape(OptimizerModel next) =>
        next.Brokers == Model.Brokers && next.Topics.Length == Model.Topics.Length
        && next.Start.AsSpan().SequenceEqual(Model.Start) && next.Topic.AsSpan().SequenceEqual(Model.Topic)
        && next.Hosts.AsSpan().SequenceEqual(Model.Hosts);

    private List<int> Differences(OptimizerModel next)
    {
        var changed = new List<int>();
        var (sameLoads, sameLists) = (ReferenceEquals(next.Loads, Model.Loads), ReferenceEquals(next.Broker, Model.Broker));
        for (var partition = 0; partition < next.Partitions; partition++)
        {
            var at = partition * LoadOf.Count;
            var slots = next.Start[partition]..next.Start[partition + 1];
            if (next.Lead[partition] != Model.Lead[partition] || (!sameLists && !next.Broker.AsSpan(slots).SequenceEqual(Model.Broker.AsSpan(slots))) || (!sameLoads && !next.Loads.AsSpan(at, LoadOf.Count).SequenceEqual(Model.Loads.AsSpan(at, LoadOf.Count))))
            {
                changed.Add(partition);
            }
        }

        return changed;
    }
}
