namespace ControlPlane.Engine.Analyzer.Files;

/// <summary>
/// Fills in loads that the file does not know: the mean of the topic's measured partitions, else of the cluster's, else 0. A follower's CPU
/// that is not told is derived from the leader's.
/// </summary>
internal static class LoadEstimates
{
    private static readonly int[] Measured = [LoadOf.Cpu, LoadOf.BytesIn, LoadOf.BytesOut, LoadOf.Size];

    /// <summary>Partitions that lack a measured load; empty: none.</summary>
    public static List<int> Fill(int[] topic, double[] loads)
    {
        var unknown = new List<int>();
        for (var partition = 0; partition < topic.Length; partition++)
        {
            var own = loads.AsSpan(partition * LoadOf.Count, LoadOf.Count);
            if (double.IsNaN(own[LoadOf.Cpu] + own[LoadOf.BytesIn] + own[LoadOf.BytesOut] + own[LoadOf.Size]))
            {
                unknown.Add(partition);
            }
        }

        if (unknown.Count > 0)
        {
            Array.ForEach(Measured, load => FillOne(topic, loads, load));
        }

        DeriveFollowers(topic.Length, loads);
        return unknown;
    }

    private static void FillOne(int[] topic, double[] loads, int load)
    {
        var (sums, counts) = (new double[topic.Length == 0 ? 0 : topic[^1] + 1], new int[topic.Length == 0 ? 0 : topic[^1] + 1]);
        for (var partition = 0; partition < topic.Length; partition++)
        {
            var value = loads[(partition * LoadOf.Count) + load];
            if (!double.IsNaN(value))
            {
                sums[topic[partition]] += value;
                counts[topic[partition]]++;
            }
        }

        var ofCluster = counts.Sum() is > 0 and var known ? sums.Sum() / known : 0;
        for (var partition = 0; partition < topic.Length; partition++)
        {
            ref var value = ref loads[(partition * LoadOf.Count) + load];
            if (double.IsNaN(value))
            {
                value = counts[topic[partition]] > 0 ? sums[topic[partition]] / counts[topic[partition]] : ofCluster;
            }
        }
    }

    private static void DeriveFollowers(int partitions, double[] loads)
    {
        for (var partition = 0; partition < partitions; partition++)
        {
            var own = loads.AsSpan(partition * LoadOf.Count, LoadOf.Count);
            if (double.IsNaN(own[LoadOf.FollowerCpu]))
            {
                own[LoadOf.FollowerCpu] = LoadOf.FollowerCpuOf(own[LoadOf.Cpu], own[LoadOf.BytesIn], own[LoadOf.BytesOut]);
            }
        }
    }
}
