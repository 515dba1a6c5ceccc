using System.Globalization;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Benchmarks.OptimizerClusters;

/// <summary>A random cluster as optimizer.md 12 describes it: brokers of uneven popularity, rack-aware but for a few partitions.</summary>
internal static class RandomCluster
{
    /// <summary>Bytes per second each way of a broker of size 1.</summary>
    public const double Network = 125e6;

    /// <summary>Bytes of a broker of size 1.</summary>
    public const double Disk = 1e12;

    private const int Tries = 200;

    public static OptimizerModel Of(ClusterSpec spec)
    {
        var dice = new Dice(spec.Seed);
        var sizes = RandomLoads.TopicSizes(spec);
        var topicOf = sizes.SelectMany((count, topic) => Enumerable.Repeat(topic, count)).ToArray();
        var loads = RandomLoads.Of(spec, topicOf, dice);
        var brokers = spec.Brokers + spec.New;
        var racks = Racks(spec, brokers);
        var capacity = Enumerable.Range(0, brokers).Select(broker => SizeOf(spec, broker)).ToArray();
        var placed = Place(spec, topicOf.Length, racks, capacity, dice);
        return new OptimizerModel
        {
            Name = $"{spec.Name}-{spec.Seed}",
            BrokerIds = [.. Enumerable.Range(0, brokers)],
            Racks = [.. racks.Select(rack => $"r{rack}")],
            Hosts = [.. Enumerable.Range(0, brokers).Select(broker => $"h{broker}")],
            Conditions = [.. Enumerable.Range(0, brokers).Select(broker => broker >= spec.Brokers ? BrokerCondition.New : IsDead(spec, broker) ? BrokerCondition.Dead : BrokerCondition.Alive)],
            Capacity = [.. capacity.SelectMany(size => new[] { 100 * size, Network * size, Network * size, Disk * size })],
            DiskForeign = new double[brokers],
            DirStart = [.. Enumerable.Range(0, brokers + 1).Select(broker => broker * spec.Dirs)],
            DirPaths = [.. Enumerable.Range(0, brokers).SelectMany(_ => Enumerable.Range(1, spec.Dirs).Select(dir => $"/d{dir}"))],
            DirCapacity = [.. capacity.SelectMany(size => Enumerable.Repeat(Disk * size / Math.Max(1, spec.Dirs), spec.Dirs))],
            DirAlive = [.. Enumerable.Repeat(true, brokers * spec.Dirs)],
            Topics = [.. Enumerable.Range(1, spec.Topics).Select(topic => "t" + topic.ToString("D6", CultureInfo.InvariantCulture))],
            Topic = topicOf,
            Number = [.. sizes.SelectMany(count => Enumerable.Range(0, count))],
            Start = [.. Enumerable.Range(0, topicOf.Length + 1).Select(partition => partition * spec.ReplicationFactor)],
            Broker = placed,
            Dir = spec.Dirs == 0 ? [] : [.. placed.Select(broker => (broker * spec.Dirs) + dice.Below(spec.Dirs))],
            Lead = [.. Enumerable.Range(0, topicOf.Length).Select(partition => partition * spec.ReplicationFactor)],
            Loads = loads,
        };
    }

    /// <summary>The middle ones of the cluster, spread over it.</summary>
    private static bool IsDead(ClusterSpec spec, int broker) =>
        spec.Dead > 0 && (broker - (spec.Brokers / (2 * spec.Dead))) % Math.Max(1, spec.Brokers / spec.Dead) == 0 && broker / Math.Max(1, spec.Brokers / spec.Dead) < spec.Dead;

    private static double SizeOf(ClusterSpec spec, int broker) => 1 + ((spec.CapacitySpread - 1) * (broker % 3) / 2);

    /// <summary>Rack of each broker: as many as its share, interleaved as far as they last.</summary>
    private static int[] Racks(ClusterSpec spec, int brokers)
    {
        var (racks, filled, all) = (new int[brokers], new double[spec.Racks.Length], spec.Racks.Sum());
        for (var broker = 0; broker < brokers; broker++)
        {
            var behind = Enumerable.Range(0, filled.Length).MaxBy(rank => (spec.Racks[rank] * (broker + 1) / all) - filled[rank]);
            (racks[broker], filled[behind]) = (behind, filled[behind] + 1);
        }

        return racks;
    }

    private static int[] Place(ClusterSpec spec, int partitions, int[] racks, double[] capacity, Dice dice)
    {
        var upTo = new double[spec.Brokers]; // popularity, summed up: new brokers hold nothing yet
        var sum = 0.0;
        for (var broker = 0; broker < spec.Brokers; broker++)
        {
            upTo[broker] = sum += capacity[broker] * dice.LogNormal(spec.Skew);
        }

        var slots = new int[partitions * spec.ReplicationFactor];
        var distinct = racks.Take(spec.Brokers).Distinct().Count();
        for (var partition = 0; partition < partitions; partition++)
        {
            var places = slots.AsSpan(partition * spec.ReplicationFactor, spec.ReplicationFactor);
            var mayClash = dice.Share() < spec.RackViolations || spec.ReplicationFactor > distinct;
            for (var place = 0; place < places.Length; place++)
            {
                places[place] = Pick(places[..place], mayClash && place == 1);
            }
        }

        return slots;

        int Pick(ReadOnlySpan<int> taken, bool inSameRack)
        {
            for (var attempt = 0; ; attempt++)
            {
                var found = Array.BinarySearch(upTo, dice.Share() * sum);
                var broker = Math.Min(spec.Brokers - 1, found < 0 ? ~found : found + 1);
                if (!taken.Contains(broker) && (attempt > Tries || Fits(taken, broker, inSameRack)))
                {
                    return broker;
                }
            }
        }

        bool Fits(ReadOnlySpan<int> taken, int broker, bool inSameRack)
        {
            if (inSameRack)
            {
                return racks[taken[0]] == racks[broker];
            }

            foreach (var other in taken)
            {
                if (racks[other] == racks[broker])
                {
                    return false;
                }
            }

            return true;
        }
    }
}
