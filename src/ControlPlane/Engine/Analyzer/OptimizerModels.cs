using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>A model made from a picture, with what had to be assumed for it.</summary>
/// <param name="InFlight">Partitions that are being reassigned: they count where they are and where they go, and stay.</param>
/// <param name="RatesAreKnown">Whether at least half of the partitions have a measured rate; else network is not to be judged.</param>
/// <param name="Notes">The assumptions as sentences.</param>
public sealed record BuiltModel(OptimizerModel Model, ImmutableArray<(string Topic, int Partition)> InFlight, bool RatesAreKnown, ImmutableArray<string> Notes)
{
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

    public static BuiltModel From(ClusterModel model, BrokerCapacities capacities)
    {
        var table = model.Partitions;
        var sizes = PlacementBuilder.Sizes(table, model.Load, out var sizeKnown);
        var rates = Values(model.Load.BytesIn, table.PartitionCount);
        var outs = Values(model.Load.BytesOut, table.PartitionCount);
        bool[] estimated = [.. rates.Select((rate, partition) => double.IsNaN(rate) || !sizeKnown[partition])];
        var unknownRates = rates.Count(double.IsNaN);
        var ratesKnown = table.PartitionCount > 0 && unknownRates * 2 <= table.PartitionCount;
        PlacementBuilder.Estimate(table, rates);
        var marks = Marks(model);
        var inFlight = InFlight(model, marks);
        var made = Build(model, capacities) with
        {
            Loads = Loads(sizes, rates, outs),
            Marks = marks,
            IsEstimated = estimated,
        };
        var notes = Notes(model, made, sizeKnown.Count(known => !known), unknownRates, ratesKnown);
        return new BuiltModel(made, inFlight, ratesKnown, notes);
    }

    private static OptimizerModel Build(ClusterModel model, BrokerCapacities capacities)
    {
        var (table, brokers) = (model.Partitions, model.Brokers);
        var (dirStart, dirs) = Dirs(brokers);
        var volumes = brokers.Select(PlacementBuilder.Volume).ToArray();
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
            DirStart = dirStart,
            DirPaths = [.. dirs.Select(dir => dir.Path)],
            DirCapacity = [.. dirs.Select(dir => dir.TotalBytes is { } bytes and > 0 ? bytes : double.NaN)],
            DirAlive = [.. dirs.Select(dir => dir.Error is null)],
            Topics = table.TopicName,
            Topic = table.Topic,
            Number = [.. Enumerable.Range(0, table.PartitionCount).Select(table.NumberOf)],
            Start = table.ReplicaStart,
            Broker = table.ReplicaBroker,
            Dir = DirOfSlots(model, dirStart),
            Lead = Leads(table),
            Loads = [],
            MinInSync = [.. table.TopicMinInSync.Select(count => (int)count)],
            TopicIds = table.TopicId,
        };
    }

    /// <summary>Nothing goes to a broker that is not certainly well; it keeps what it has until it is certainly gone.</summary>
    private static BrokerCondition ConditionOf(Broker broker) =>
        FixOfflineRules.IsDown(broker) ? BrokerCondition.Dead
        : FixOfflineRules.MayReceive(broker) ? BrokerCondition.Alive
        : BrokerCondition.Excluded;

    private static (int[] Start, LogDir[] Dirs) Dirs(ImmutableArray<Broker> brokers)
    {
        var (start, dirs) = (new int[brokers.Length + 1], new List<LogDir>());
        for (var b = 0; b < brokers.Length; b++)
        {
            dirs.AddRange(brokers[b].LogDirs ?? []);
            start[b + 1] = dirs.Count;
        }

        return (start, [.. dirs]);
    }

    private static int[] DirOfSlots(ClusterModel model, int[] dirStart)
    {
        var table = model.Partitions;
        var dirs = new int[table.ReplicaCount];
        for (var slot = 0; slot < dirs.Length; slot++)
        {
            var (broker, dir) = (table.ReplicaBroker[slot], slot < model.Load.ReplicaLogDir.Length ? model.Load.ReplicaLogDir[slot] : -1);
            dirs[slot] = dir >= 0 && dirStart[broker] + dir < dirStart[broker + 1] ? dirStart[broker] + dir : -1;
        }

        return dirs;
    }

    private static ReplicaMarks[] Marks(ClusterModel model)
    {
        var table = model.Partitions;
        var marks = new ReplicaMarks[table.ReplicaCount];
        for (var slot = 0; slot < marks.Length; slot++)
        {
            var flags = table.ReplicaFlags[slot];
            marks[slot] = (flags.HasFlag(ReplicaFlags.InSync) ? ReplicaMarks.None : ReplicaMarks.OutOfSync)
                | (FixOfflineRules.IsOnFailedDir(model.Brokers[table.ReplicaBroker[slot]], flags) ? ReplicaMarks.Offline : ReplicaMarks.None)
                | (flags.HasFlag(ReplicaFlags.Adding) ? ReplicaMarks.Adding : ReplicaMarks.None)
                | (flags.HasFlag(ReplicaFlags.Removing) ? ReplicaMarks.Removing : ReplicaMarks.None);
        }

        return marks;
    }

    private static ImmutableArray<(string Topic, int Partition)> InFlight(ClusterModel model, ReplicaMarks[] marks)
    {
        var table = model.Partitions;
        var running = new SortedSet<int>(model.Reassigning ?? []);
        for (var p = 0; p < table.PartitionCount; p++)
        {
            for (var slot = table.ReplicaStart[p]; slot < table.ReplicaStart[p + 1]; slot++)
            {
                if ((marks[slot] & (ReplicaMarks.Adding | ReplicaMarks.Removing)) != ReplicaMarks.None)
                {
                    running.Add(p);
                }
            }
        }

        return [.. running.Select(p => (table.TopicName[table.Topic[p]], table.NumberOf(p)))];
    }

    private static int[] Leads(PartitionTable table)
    {
        var leads = new int[table.PartitionCount];
        for (var p = 0; p < leads.Length; p++)
        {
            var place = table.Leader[p] < 0 ? -1 : table.ReplicasOf(p).IndexOf(table.Leader[p]);
            leads[p] = place < 0 ? -1 : table.ReplicaStart[p] + place;
        }

        return leads;
    }

    private static double[] Values(float[] measured, int count) =>
        [.. Enumerable.Range(0, count).Select(p => p < measured.Length ? measured[p] : double.NaN)];

    internal static double[] Loads(double[] sizes, double[] rates, double[] outs)
    {
        var loads = new double[sizes.Length * LoadOf.Count];
        for (var p = 0; p < sizes.Length; p++)
        {
            var at = p * LoadOf.Count;
            loads[at + LoadOf.BytesIn] = rates[p];
            loads[at + LoadOf.BytesOut] = double.IsNaN(outs[p]) ? 0 : outs[p]; // nobody commits offsets there: no consumer that could be counted
            loads[at + LoadOf.Size] = sizes[p];
        }

        return loads;
    }

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
