using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Analyzer.Incremental;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>A model made from a picture, with what had to be assumed for it.</summary>
/// <param name="InFlight">Partitions that are being reassigned: they count where they are and where they go, and stay.</param>
/// <param name="RatesAreKnown">Whether at least half of the partitions have a measured rate; else network is not to be judged.</param>
/// <param name="Notes">The assumptions as sentences.</param>
public sealed record BuiltModel(OptimizerModel Model, ImmutableArray<(string Topic, int Partition)> InFlight, bool RatesAreKnown, ImmutableArray<string> Notes)
{
    /// <summary>What runs begin from; null: each lays it out anew.</summary>
    public PreparedModel? Prepared { get; internal init; }

    /// <summary>By partition whether the size of any of its replicas was measured.</summary>
    public IReadOnlyList<bool> SizeKnown { get; internal init; } = [];

    /// <summary>
    /// The model for a plan about these brokers: whoever of them does not live counts as lost, though it is not certain yet that it won't be back.
    /// </summary>
    public BuiltModel Losing(ClusterModel picture, IReadOnlyCollection<int> brokers)
    {
        int[] gone = [.. Enumerable.Range(0, Model.Brokers).Where(index => brokers.Contains(Model.BrokerIds[index]) && !FixOfflineRules.IsAlive(picture.Brokers[index]))];
        if (gone.Length == 0)
        {
            return this;
        }

        var conditions = (BrokerCondition[])Model.Conditions.Clone();
        foreach (var index in gone)
        {
            conditions[index] = BrokerCondition.Dead;
        }

        return this with { Model = Model with { Conditions = conditions }, Prepared = Prepared?.With(conditions) };
    }

    /// <summary>The wish as it can be judged on this picture.</summary>
    public OptimizerWish Fit(OptimizerWish wish) => wish with
    {
        Immovable = wish.Immovable.AddRange(InFlight.Where(partition => !wish.Immovable.Contains(partition))),
        Bands = RatesAreKnown ? wish.Bands : wish.Bands with { CountNetwork = false },
    };
}

/// <summary>
/// Makes the optimizer's model from a picture. A partition is as large as its largest measured replica, which is what each copy grows to. What
/// is not measured is the mean of its topic, else of the cluster, and marked as estimated. No sample tells CPU: it stays 0 without a limit.
/// </summary>
public static class OptimizerModels
{
    private const int Named = 5;

    public static BuiltModel From(ClusterModel model, BrokerCapacities capacities) => From(ModelParts.Of(model, before: null), capacities);

    internal static BuiltModel From(ModelParts parts, BrokerCapacities capacities)
    {
        var (made, table) = (Build(parts, capacities), parts.Picture.Partitions);
        var notes = Notes(parts.Picture, made, parts.Load.UnknownSizes, parts.Load.UnknownRates, parts.Load.RatesAreKnown);
        return new BuiltModel(made, [.. parts.Running.Select(p => (table.TopicName[table.Topic[p]], table.NumberOf(p)))], parts.Load.RatesAreKnown, notes)
        {
            SizeKnown = parts.Load.SizeKnown,
        };
    }

    private static OptimizerModel Build(ModelParts parts, BrokerCapacities capacities)
    {
        var (model, dirs) = (parts.Picture, parts.Dirs);
        var (table, brokers) = (model.Partitions, model.Brokers);
        var volumes = brokers.Select(PictureLoads.Volume).ToArray();
        return new OptimizerModel
        {
            Name = model.Id.Value,
            TakenAt = model.At,
            BrokerIds = [.. brokers.Select(broker => broker.Id)],
            Racks = [.. brokers.Select(broker => broker.Rack is { Length: > 0 } rack ? rack : null)],
            Hosts = [.. brokers.Select(broker => broker.Host ?? string.Create(CultureInfo.InvariantCulture, $"broker {broker.Id}"))],
            Conditions = [.. brokers.Select(ConditionOf)],
            Capacity = [.. brokers.SelectMany((broker, index) => (double[])[double.NaN, capacities.InOf(broker.Id), capacities.OutOf(broker.Id), volumes[index].Capacity])],
            DiskForeign = [.. volumes.Select(volume => volume.Foreign)],
            DirStart = parts.DirStart,
            DirPaths = [.. dirs.Select(dir => dir.Path)],
            DirCapacity = [.. dirs.Select(dir => dir.TotalBytes is { } bytes and > 0 ? bytes : double.NaN)],
            DirAlive = [.. dirs.Select(dir => dir.Error is null)],
            Topics = table.TopicName,
            Topic = table.Topic,
            Number = parts.Number,
            Start = table.ReplicaStart,
            Broker = table.ReplicaBroker,
            Dir = parts.Dir,
            Lead = parts.Lead,
            Marks = parts.Marks,
            Loads = parts.Load.Loads,
            IsEstimated = parts.Load.IsEstimated,
            MinInSync = [.. table.TopicMinInSync.Select(count => (int)count)],
            TopicIds = table.TopicId,
        };
    }

    /// <summary>Nothing goes to a broker that is not certainly well; it keeps what it has until it is certainly gone.</summary>
    private static BrokerCondition ConditionOf(Broker broker) =>
        FixOfflineRules.IsDown(broker) ? BrokerCondition.Dead
        : FixOfflineRules.MayReceive(broker) ? BrokerCondition.Alive
        : BrokerCondition.Excluded;

    private static ImmutableArray<string> Notes(ClusterModel model, OptimizerModel made, int unknownSizes, int unknownRates, bool ratesKnown)
    {
        var notes = new List<string> { "CPU is not measured by any source at present: CPU goals are not judged." };
        if (!ratesKnown)
        {
            notes.Add($"{PlanWords.Number(unknownRates)} of {PlanWords.Count(made.Partitions, "partition")} have no measured rate: network goals are not judged.");
        }
        else if (unknownRates > 0)
        {
            notes.Add($"{PlanWords.Count(unknownRates, "partition")} have no measured rate; the mean of the topic, else of the cluster, stands for it.");
        }

        if (unknownSizes > 0)
        {
            notes.Add($"The size of {PlanWords.Count(unknownSizes, "partition")} is unknown; the mean of the topic, else of the cluster, stands for it.");
        }

        AddCapacities(made, notes);
        if (model.Reassigning is null)
        {
            notes.Add("The running reassignments can't be listed: what moves already may be counted as standing.");
        }

        return [.. notes];
    }

    private static void AddCapacities(OptimizerModel made, List<string> notes)
    {
        Unknown(1, "network capacity (in)", "set it in the cluster's capacities");
        Unknown(2, "network capacity (out)", "set it in the cluster's capacities");
        Unknown(3, "size of the disks", "the broker does not tell it");
        void Unknown(int resource, string what, string next)
        {
            int[] without = [.. Enumerable.Range(0, made.Brokers).Where(b => double.IsNaN(made.Capacity[(b * 4) + resource])).Select(b => made.BrokerIds[b])];
            if (without.Length > 0)
            {
                var names = without.Length == made.Brokers ? "every broker" : $"broker {string.Join(", ", without.Take(Named))}{(without.Length > Named ? $" and {without.Length - Named} more" : "")}";
                notes.Add($"The {what} of {names} is unknown and no limit to a plan; {next}.");
            }
        }
    }
}
