using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>Random clusters of few partitions, so large that each fills much of a log dir; every one within its limits at the start. All from a seed.</summary>
internal static class JbodWorld
{
    private const double Limit = 0.8;

    public static OptimizerModel Of(int seed)
    {
        var random = new Random(seed);
        var (brokers, racks) = (random.Next(3, 9), random.Next(1, 4));
        var start = new int[brokers + 1];
        for (var broker = 0; broker < brokers; broker++)
        {
            start[broker + 1] = start[broker] + random.Next(1, 5);
        }

        double[] capacity = [.. Enumerable.Range(0, start[^1]).Select(_ => 100.0 * random.Next(1, 4))];
        var (load, lists) = (new double[capacity.Length], new List<(double Size, int[] Dirs)>());
        var fullest = 0.3 + (0.65 * random.NextDouble());
        for (var misses = 0; misses < 12;)
        {
            var (size, copies) = (10 + ((random.Next(3) == 0 ? 150 : 40) * random.NextDouble()), random.Next(1, Math.Min(4, brokers)));
            var dirs = Enumerable.Range(0, brokers).OrderBy(_ => random.Next())
                .Select(broker => Enumerable.Range(start[broker], start[broker + 1] - start[broker]).OrderBy(_ => random.Next()).FirstOrDefault(dir => load[dir] + size <= capacity[dir] * Limit * fullest, -1))
                .Where(dir => dir >= 0).Take(copies).ToArray();
            if (dirs.Length < copies)
            {
                misses++;
                continue;
            }

            lists.Add((size, dirs));
            foreach (var dir in dirs)
            {
                load[dir] += size;
            }
        }

        return Model(seed, random, brokers, racks, start, capacity, lists);
    }

    private static OptimizerModel Model(int seed, Random random, int brokers, int racks, int[] start, double[] capacity, List<(double Size, int[] Dirs)> lists)
    {
        var slots = new int[lists.Count + 1];
        for (var partition = 0; partition < lists.Count; partition++)
        {
            slots[partition + 1] = slots[partition] + lists[partition].Dirs.Length;
        }

        int BrokerOf(int dir) => Array.FindIndex(start, first => first > dir) - 1;
        int[] topics = [.. lists.Select((_, partition) => partition / 4)];
        return new OptimizerModel
        {
            Name = $"jbod-{seed}",
            BrokerIds = [.. Enumerable.Range(1, brokers)],
            Racks = [.. Enumerable.Range(0, brokers).Select(broker => $"r{broker % racks}")],
            Hosts = [.. Enumerable.Range(0, brokers).Select(broker => $"h{broker}")],
            Conditions = new BrokerCondition[brokers],
            Capacity = [.. Enumerable.Range(0, brokers).SelectMany(broker => new[] { 100, 1000, 1000, capacity[start[broker]..start[broker + 1]].Sum() })],
            DiskForeign = new double[brokers],
            DirStart = start,
            DirPaths = [.. Enumerable.Range(0, capacity.Length).Select(dir => $"/d{dir - start[BrokerOf(dir)]}")],
            DirCapacity = capacity,
            DirAlive = [.. capacity.Select(_ => true)],
            Topics = [.. topics.Distinct().Select(topic => $"topic-{topic}")],
            Topic = topics,
            Number = [.. topics.Select((_, partition) => partition % 4)],
            Start = slots,
            Broker = [.. lists.SelectMany(list => list.Dirs.Select(BrokerOf))],
            Dir = [.. lists.SelectMany(list => list.Dirs)],
            Lead = slots[..^1],
            Marks = [],
            Loads = [.. lists.SelectMany(list => Loads(list.Size, random.NextDouble()))],
        };
    }

    private static double[] Loads(double size, double rate)
    {
        var loads = new double[LoadOf.Count];
        (loads[LoadOf.Size], loads[LoadOf.BytesIn], loads[LoadOf.BytesOut], loads[LoadOf.Cpu]) = (size, rate, rate, rate);
        loads[LoadOf.FollowerCpu] = LoadOf.FollowerCpuOf(rate, rate, rate);
        return loads;
    }
}
