using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>A placement made from a picture, with what had to be assumed for it.</summary>
/// <param name="Placement">Its last broker is none of the cluster: replicas wait there that are on no disk any more.</param>
/// <param name="SizeKnown">By partition: whether any of its replicas' size was measured.</param>
/// <param name="RatesAreKnown">Whether at least half of the partitions have a measured rate; else network does not count.</param>
public sealed record BuiltPlacement(Placement Placement, bool[] SizeKnown, int UnknownSizes, int UnknownRates, bool RatesAreKnown);

/// <summary>
/// Makes the arrays from a picture. A partition weighs as much as its largest measured replica, which is what each copy grows to; where
/// none was measured, the mean of its topic's measured partitions, else the mean of the cluster's, and it is counted as unknown. CPU is
/// not measured by any sample and stays 0 without weight.
/// </summary>
public static class PlacementBuilder
{
    public static BuiltPlacement Build(ClusterModel model, Func<int, bool> canReceive)
    {
        var table = model.Partitions;
        var sizes = Sizes(table, model.Load, out var sizeKnown);
        var rates = new double[table.PartitionCount];
        var outs = new double[table.PartitionCount];
        var measured = 0;
        for (var p = 0; p < table.PartitionCount; p++)
        {
            rates[p] = model.Load.BytesIn.Length > p ? model.Load.BytesIn[p] : double.NaN;
            var consumed = model.Load.BytesOut.Length > p ? model.Load.BytesOut[p] : double.NaN;
            outs[p] = double.IsNaN(consumed) ? 0 : consumed; // nobody commits offsets there: no consumer that could be counted
            measured += double.IsNaN(rates[p]) ? 0 : 1;
        }

        var ratesKnown = measured * 2 >= table.PartitionCount && measured > 0;
        Estimate(table, rates);
        var arrays = Arrays(model, sizes, rates, outs, canReceive);
        return new BuiltPlacement(new Placement(arrays), sizeKnown, sizeKnown.Count(known => !known), table.PartitionCount - measured, ratesKnown);
    }

    private static PlacementArrays Arrays(ClusterModel model, double[] sizes, double[] rates, double[] outs, Func<int, bool> canReceive)
    {
        var (table, brokers) = (model.Partitions, model.Brokers);
        var (receives, capacity, foreign) = (new bool[brokers.Length + 1], new double[brokers.Length + 1], new double[brokers.Length + 1]);
        capacity[^1] = double.NaN;
        for (var b = 0; b < brokers.Length; b++)
        {
            receives[b] = canReceive(b);
            (capacity[b], foreign[b]) = Volume(brokers[b]);
        }

        return new PlacementArrays
        {
            Topic = table.Topic,
            Start = table.ReplicaStart,
            Lead = Leads(table),
            Loads = new(OptimizerModels.Loads(sizes, rates, outs)),
            Current = table.ReplicaBroker,
            Alive = [.. brokers.Select(FixOfflineRules.IsAlive), false],
            CanReceive = receives,
            CanLead = receives,
            Rack = Racks(model),
            Host = Numbered(brokers.Select((broker, index) => broker.Host ?? $"\0{index}").Append("\0")),
            DiskCapacity = capacity,
            DiskForeign = foreign,
            Topics = table.TopicCount,
        };
    }

    /// <summary>Capacity and foreign bytes of a broker's volumes; NaN as soon as one of its healthy dirs does not tell.</summary>
    internal static (double Capacity, double Foreign) Volume(Broker broker)
    {
        if (broker.LogDirs is not { } dirs)
        {
            return (double.NaN, 0);
        }

        var (total, used, replicas) = (0.0, 0.0, 0.0);
        foreach (var dir in dirs.Where(dir => dir.Error is null))
        {
            if (dir.TotalBytes is not { } size || dir.UsableBytes is not { } usable || size <= 0)
            {
                return (double.NaN, 0);
            }

            (total, used, replicas) = (total + size, used + size - usable, replicas + dir.ReplicaBytes);
        }

        return total > 0 ? (total, Math.Max(0, used - replicas)) : (double.NaN, 0);
    }

    /// <summary>Rack index of each broker. A broker without a rack is a rack of its own: nothing is known to fail with it.</summary>
    private static int[] Racks(ClusterModel model) =>
        Numbered(model.Brokers.Select((broker, index) => broker.Rack is { Length: > 0 } rack ? rack : $"\0{index}").Append("\0"));

    private static int[] Numbered(IEnumerable<string> names)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. names.Select(name => numbers.TryGetValue(name, out var known) ? known : numbers[name] = numbers.Count)];
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

    internal static double[] Sizes(PartitionTable table, LoadTable load, out bool[] known)
    {
        var sizes = new double[table.PartitionCount];
        known = new bool[sizes.Length];
        for (var p = 0; p < sizes.Length; p++)
        {
            long largest = -1;
            for (var slot = table.ReplicaStart[p]; slot < table.ReplicaStart[p + 1] && slot < load.ReplicaBytes.Length; slot++)
            {
                largest = Math.Max(largest, load.ReplicaBytes[slot]);
            }

            known[p] = largest >= 0;
            sizes[p] = known[p] ? largest : double.NaN;
        }

        Estimate(table, sizes);
        return sizes;
    }

    /// <summary>Fills what is NaN: mean of the topic's known partitions, else of the cluster's; 0 only where nothing at all is known.</summary>
    internal static void Estimate(PartitionTable table, double[] values)
    {
        var cluster = MeanOfKnown(values);
        for (var topic = 0; topic < table.TopicCount; topic++)
        {
            var part = values.AsSpan(table.TopicStart[topic]..table.TopicStart[topic + 1]);
            var mean = MeanOfKnown(part);
            var fill = double.IsNaN(mean) ? cluster : mean;
            foreach (ref var value in part)
            {
                value = double.IsNaN(value) ? (double.IsNaN(fill) ? 0 : fill) : value;
            }
        }
    }

    private static double MeanOfKnown(ReadOnlySpan<double> values)
    {
        var (sum, count) = (0.0, 0);
        foreach (var value in values)
        {
            if (!double.IsNaN(value))
            {
                (sum, count) = (sum + value, count + 1);
            }
        }

        return count == 0 ? double.NaN : sum / count;
    }
}
