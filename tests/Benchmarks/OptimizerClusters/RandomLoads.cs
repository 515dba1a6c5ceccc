using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Benchmarks.OptimizerClusters;

/// <summary>Loads of partitions: few topics carry most, and within a topic partitions differ a little.</summary>
internal static class RandomLoads
{
    private const double TopicSizeExponent = 0.8;
    private const double RateSigma = 1.3;
    private const double FanOutSigma = 0.7;
    private const double RetentionSigma = 0.9;
    private const double PartitionSigma = 0.35;

    /// <summary>A partition larger than the band can't be balanced by anybody.</summary>
    private const double LargestPartition = 0.04;

    /// <summary>Partitions of each topic: Zipf, each at least one.</summary>
    public static int[] TopicSizes(ClusterSpec spec)
    {
        var shares = Enumerable.Range(1, spec.Topics).Select(rank => Math.Pow(rank, -TopicSizeExponent)).ToArray();
        var (sizes, all, left) = (new int[spec.Topics], shares.Sum(), spec.Partitions);
        for (var topic = spec.Topics - 1; topic > 0; topic--)
        {
            sizes[topic] = Math.Max(1, (int)Math.Round(spec.Partitions * shares[topic] / all));
            left -= sizes[topic];
        }

        sizes[0] = left > 0 ? left : throw new ArgumentException($"{spec.Partitions} partitions are too few for {spec.Topics} topics");
        return sizes;
    }

    /// <summary>In the places of <see cref="LoadOf"/>, scaled to the mean use of a broker that the spec asks for.</summary>
    public static double[] Of(ClusterSpec spec, int[] topicOf, Dice dice)
    {
        var loads = new double[topicOf.Length * LoadOf.Count];
        var (topic, rate, fanOut, retention) = (-1, 0.0, 0.0, 0.0);
        for (var partition = 0; partition < topicOf.Length; partition++)
        {
            if (topicOf[partition] != topic)
            {
                topic = topicOf[partition];
                (rate, fanOut, retention) = (dice.LogNormal(RateSigma), dice.LogNormal(FanOutSigma), dice.LogNormal(RetentionSigma));
            }

            var own = loads.AsSpan(partition * LoadOf.Count, LoadOf.Count);
            own[LoadOf.BytesIn] = rate * dice.LogNormal(PartitionSigma);
            own[LoadOf.BytesOut] = own[LoadOf.BytesIn] * fanOut;
            own[LoadOf.Size] = own[LoadOf.BytesIn] * retention;
        }

        Scale(loads, LoadOf.BytesIn, spec.BytesIn * RandomCluster.Network * spec.Brokers / spec.ReplicationFactor, spec.Brokers);
        Scale(loads, LoadOf.BytesOut, spec.BytesOut * RandomCluster.Network * spec.Brokers, spec.Brokers);
        Scale(loads, LoadOf.Size, spec.Disk * RandomCluster.Disk * spec.Brokers / spec.ReplicationFactor, spec.Brokers);
        ScaleCpu(loads, spec);
        return loads;
    }

    /// <summary>To the sum wanted; what is cut at the largest partition goes to the others.</summary>
    private static void Scale(double[] loads, int load, double sum, int brokers)
    {
        var most = LargestPartition * sum / brokers;
        for (var round = 0; round < 8; round++)
        {
            var now = 0.0;
            for (var at = load; at < loads.Length; at += LoadOf.Count)
            {
                now += loads[at];
            }

            for (var at = load; at < loads.Length; at += LoadOf.Count)
            {
                loads[at] = Math.Min(most, loads[at] * sum / now);
            }
        }

        for (var at = load; at < loads.Length; at += LoadOf.Count)
        {
            loads[at] = load == LoadOf.Size ? Math.Round(loads[at]) : Math.Round(loads[at], 1);
        }
    }

    /// <summary>CPU follows the bytes as in Cruise Control's model.</summary>
    private static void ScaleCpu(double[] loads, ClusterSpec spec)
    {
        var all = 0.0;
        for (var at = 0; at < loads.Length; at += LoadOf.Count)
        {
            var (bytesIn, bytesOut) = (loads[at + LoadOf.BytesIn], loads[at + LoadOf.BytesOut]);
            loads[at + LoadOf.Cpu] = (0.7 * bytesIn) + (0.15 * bytesOut);
            all += loads[at + LoadOf.Cpu] + ((spec.ReplicationFactor - 1) * LoadOf.FollowerCpuOf(loads[at + LoadOf.Cpu], bytesIn, bytesOut));
        }

        var factor = spec.Cpu * 100 * spec.Brokers / all;
        for (var at = 0; at < loads.Length; at += LoadOf.Count)
        {
            loads[at + LoadOf.Cpu] = Math.Round(loads[at + LoadOf.Cpu] * factor, 6);
            loads[at + LoadOf.FollowerCpu] = LoadOf.FollowerCpuOf(loads[at + LoadOf.Cpu], loads[at + LoadOf.BytesIn], loads[at + LoadOf.BytesOut]);
        }
    }
}
