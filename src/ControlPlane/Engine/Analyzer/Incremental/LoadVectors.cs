namespace ControlPlane.Engine.Analyzer.Incremental;

/// <summary>Loads of a model as the search adds them up: sixteen per partition, as leader and then as follower, in the order of <see cref="Lane"/>.</summary>
internal static class LoadVectors
{
    public static double[] Of(OptimizerModel model)
    {
        var vectors = new double[model.Partitions * 16];
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            Write(model, partition, vectors);
        }

        return vectors;
    }

    /// <summary>A copy with some partitions written anew: the original may still be in use.</summary>
    public static double[] Patched(double[] before, OptimizerModel model, List<int> changed)
    {
        var vectors = (double[])before.Clone();
        changed.ForEach(partition => Write(model, partition, vectors));
        return vectors;
    }

    private static void Write(OptimizerModel model, int partition, double[] vectors)
    {
        var load = model.Loads.AsSpan(partition * LoadOf.Count, LoadOf.Count);
        var lead = vectors.AsSpan(partition * 16, Lane.Count);
        var follow = vectors.AsSpan((partition * 16) + Lane.Count, Lane.Count);
        (lead[Lane.Cpu], follow[Lane.Cpu]) = (load[LoadOf.Cpu], load[LoadOf.FollowerCpu]);
        lead[Lane.BytesIn] = follow[Lane.BytesIn] = lead[Lane.LeaderBytesIn] = load[LoadOf.BytesIn];
        lead[Lane.BytesOut] = lead[Lane.PotentialBytesOut] = follow[Lane.PotentialBytesOut] = load[LoadOf.BytesOut];
        lead[Lane.Disk] = follow[Lane.Disk] = load[LoadOf.Size];
        lead[Lane.Replicas] = follow[Lane.Replicas] = lead[Lane.Leaders] = 1;
    }
}

/// <summary>Hosts as numbers; one more than there are brokers, which is nowhere.</summary>
internal static class HostNumbers
{
    public static int[] Of(OptimizerModel model)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        return [.. model.Hosts.Append("\0\0").Select(name => numbers.TryGetValue(name, out var known) ? known : numbers[name] = numbers.Count)];
    }
}
