using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Analyzer;

/// <summary>
/// What partitions and volumes of a picture weigh. A partition weighs as much as its largest measured replica, which is what each copy grows to;
/// where none was measured the mean of its topic, else of the cluster, stands for it.
/// </summary>
internal static class PictureLoads
{
    /// <summary>Capacity and foreign bytes of a broker's volumes; NaN as soon as one of its healthy dirs does not tell.</summary>
    public static (double Capacity, double Foreign) Volume(Broker broker)
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

    /// <summary>Bytes by partition.</summary>
    /// <param name="table">The partitions.</param>
    /// <param name="load">What was measured of them.</param>
    /// <param name="known">By partition whether any of its replicas was measured.</param>
    public static double[] Sizes(PartitionTable table, LoadTable load, out bool[] known)
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
    public static void Estimate(PartitionTable table, double[] values)
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
