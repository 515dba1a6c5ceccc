using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer.Files;

/// <summary>Small models of every shape, by seed, in the order in which a file is read: brokers by id, topics by name, partitions by number.</summary>
internal static class RandomModel
{
    public static OptimizerModel Of(int seed)
    {
        var random = new Random(seed);
        var brokers = random.Next(1, 9);
        var ids = Enumerable.Range(0, brokers).Select(_ => random.Next(3) == 0 ? random.Next(1 << 20, int.MaxValue) : random.Next(2000)).Distinct().Order().ToArray();
        var dirs = ids.Select(_ => random.Next(4)).ToArray();
        var dirStart = dirs.Aggregate(new List<int> { 0 }, (starts, count) => [.. starts, starts[^1] + count]).ToArray();
        var topics = Enumerable.Range(0, random.Next(6)).Select(_ => Name(random)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var topic = topics.SelectMany((_, index) => Enumerable.Repeat(index, random.Next(1, 5))).ToArray();
        var replicas = topic.Select(_ => Enumerable.Range(0, ids.Length).OrderBy(_ => random.Next()).Take(random.Next(1, ids.Length + 1)).ToArray()).ToArray();
        var start = replicas.Aggregate(new List<int> { 0 }, (starts, places) => [.. starts, starts[^1] + places.Length]).ToArray();
        var slots = replicas.SelectMany(places => places).ToArray();
        return new OptimizerModel
        {
            Name = Name(random),
            TakenAt = random.Next(2) == 0 ? null : DateTimeOffset.UnixEpoch.AddSeconds(random.Next()),
            BrokerIds = ids,
            Racks = [.. ids.Select(_ => random.Next(4) == 0 ? null : $"r{random.Next(3)}")],
            Hosts = [.. ids.Select(_ => $"h{random.Next(5)}")],
            Conditions = [.. ids.Select(_ => (BrokerCondition)random.Next(5))],
            Capacity = [.. ids.SelectMany(_ => Enumerable.Range(0, 4).Select(_ => random.Next(5) == 0 ? double.NaN : Amount(random) + 1))],
            DiskForeign = [.. ids.Select(_ => random.Next(2) * Amount(random))],
            DirStart = dirStart,
            DirPaths = [.. dirs.SelectMany(count => Enumerable.Range(0, count).Select(number => $"/d{number}"))],
            DirCapacity = [.. Enumerable.Range(0, dirStart[^1]).Select(_ => random.Next(4) == 0 ? double.NaN : Amount(random) + 1)],
            DirAlive = [.. Enumerable.Range(0, dirStart[^1]).Select(_ => random.Next(5) > 0)],
            Topics = topics,
            Topic = topic,
            Number = [.. topic.Select((of, index) => (Array.IndexOf(topic, of) - index) * -(1 + (of * 7)))],
            Start = start,
            Broker = slots,
            Dir = Dirs(random, slots, dirStart),
            Lead = [.. replicas.Select((places, index) => random.Next(6) == 0 ? -1 : start[index] + random.Next(places.Length))],
            Marks = Marks(random, slots.Length),
            Loads = [.. topic.SelectMany(_ => Loads(random))],
            IsEstimated = Estimated(random, topic.Length),
            MinInSync = MinInSync(random, topics.Length),
        };
    }

    private static string Name(Random random) => random.Next(5) switch
    {
        0 => $"orders-{random.Next(99)}",
        1 => $"žluťoučký \"{random.Next(99)}\" \\ \t",
        2 => $"🦊{random.Next(99)}",
        _ => new string((char)('a' + random.Next(26)), random.Next(1, 249)),
    };

    private static double Amount(Random random) => random.Next(4) switch
    {
        0 => 0,
        1 => random.Next(),
        2 => random.NextDouble() * 1e17,
        _ => random.NextDouble(),
    };

    private static double[] Loads(Random random)
    {
        var (cpu, bytesIn, bytesOut) = (Amount(random), Amount(random), Amount(random));
        return [cpu, random.Next(2) == 0 ? LoadOf.FollowerCpuOf(cpu, bytesIn, bytesOut) : Amount(random), bytesIn, bytesOut, Amount(random)];
    }

    private static int[] Dirs(Random random, int[] slots, int[] dirStart)
    {
        var dirs = slots.Select(broker => dirStart[broker] == dirStart[broker + 1] || random.Next(3) == 0 ? -1 : random.Next(dirStart[broker], dirStart[broker + 1])).ToArray();
        return Array.TrueForAll(dirs, dir => dir < 0) ? [] : dirs;
    }

    private static ReplicaMarks[] Marks(Random random, int slots)
    {
        var marks = Enumerable.Range(0, slots).Select(_ => random.Next(3) == 0 ? (ReplicaMarks)random.Next(16) : ReplicaMarks.None).ToArray();
        return random.Next(2) == 0 || Array.TrueForAll(marks, mark => mark == ReplicaMarks.None) ? [] : marks;
    }

    private static bool[] Estimated(Random random, int partitions)
    {
        var flags = Enumerable.Range(0, partitions).Select(_ => random.Next(4) == 0).ToArray();
        return flags.Contains(true) ? flags : [];
    }

    private static int[] MinInSync(Random random, int topics)
    {
        var least = Enumerable.Range(0, topics).Select(_ => random.Next(-1, 4)).ToArray();
        return Array.TrueForAll(least, min => min < 0) ? [] : least;
    }
}
