using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>Random clusters of many shapes with loads that fit on them, and random wishes for them; all from a seed.</summary>
internal sealed class OptimizerWorld
{
    private readonly Random _random;

    private OptimizerWorld(int seed, int mostBrokers, int mostPartitions)
    {
        _random = new Random(seed);
        var brokers = _random.Next(2, mostBrokers + 1);
        var racks = _random.Next(0, 6);
        var ids = Enumerable.Range(0, brokers).Select(index => (index * 7) + 1).ToArray();
        var isMixed = _random.Next(3) == 0;
        var sizes = ids.Select(_ => isMixed ? 1 + (2 * _random.NextDouble()) : 1).ToArray();
        var conditions = Conditions(brokers);
        var topics = Topics(brokers, mostPartitions, conditions);
        var loads = Loads(topics.Sum(topic => topic.Replicas.Count), [.. topics.SelectMany(topic => topic.Replicas.Select(_ => topic.Weight))], [.. topics.SelectMany(topic => topic.Replicas.Select(list => list.Length))], sizes);
        var lists = topics.SelectMany(topic => topic.Replicas).ToArray();
        var start = new int[lists.Length + 1];
        for (var partition = 0; partition < lists.Length; partition++)
        {
            start[partition + 1] = start[partition] + lists[partition].Length;
        }

        var slots = lists.SelectMany(list => list).ToArray();
        var (dirStart, dirAlive) = Dirs(brokers);
        Model = new OptimizerModel
        {
            Name = $"world-{seed}",
            BrokerIds = ids,
            Racks = [.. ids.Select((_, index) => racks == 0 || _random.Next(12) == 0 ? null : $"r{(_random.Next(3) == 0 ? 0 : index % racks)}")],
            Hosts = Hosts(brokers),
            Conditions = conditions,
            Capacity = Capacities(sizes),
            DiskForeign = [.. sizes.Select(size => _random.Next(3) == 0 ? size * 20 : 0)],
            DirStart = dirStart,
            DirPaths = [.. Enumerable.Range(0, brokers).SelectMany(index => Enumerable.Range(0, dirStart[index + 1] - dirStart[index]).Select(number => $"/d{number}"))],
            DirCapacity = [.. Enumerable.Range(0, brokers).SelectMany(index => Enumerable.Repeat(sizes[index] * 1000 / Math.Max(1, dirStart[index + 1] - dirStart[index]), dirStart[index + 1] - dirStart[index]))],
            DirAlive = dirAlive,
            Topics = [.. topics.Select((_, index) => $"topic-{index}")],
            Topic = [.. topics.SelectMany((topic, index) => topic.Replicas.Select(_ => index))],
            Number = [.. topics.SelectMany(topic => Enumerable.Range(0, topic.Replicas.Count))],
            Start = start,
            Broker = slots,
            Dir = dirStart[^1] == 0 ? [] : [.. slots.Select(broker => _random.Next(dirStart[broker], dirStart[broker + 1]))],
            Lead = [.. lists.Select((list, partition) => Leader(list, start[partition], conditions))],
            Marks = Marks(slots.Length),
            Loads = loads,
        };
    }

    public OptimizerModel Model { get; }

    public static OptimizerWorld Of(int seed) => new(seed, mostBrokers: 14, mostPartitions: 24);

    /// <summary>So small that every placement can be tried; all brokers live and have hosts of their own.</summary>
    public static OptimizerModel Tiny(int seed)
    {
        var model = new OptimizerWorld(seed, mostBrokers: 5, mostPartitions: 3).Model;
        return model with
        {
            Conditions = new BrokerCondition[model.Brokers],
            Hosts = [.. model.BrokerIds.Select(id => $"h{id}")],
            DirStart = new int[model.Brokers + 1],
            DirPaths = [],
            DirCapacity = [],
            DirAlive = [],
            Dir = [],
            Marks = [],
            Lead = [.. model.Lead.Select((slot, partition) => slot < 0 ? model.Start[partition] : slot)],
        };
    }

    /// <summary>A wish of that mode which the model allows.</summary>
    public OptimizerWish Wish(OptimizerMode mode)
    {
        var some = Model.BrokerIds[_random.Next(Model.Brokers)];
        var wish = new OptimizerWish { Mode = mode, Seed = (ulong)_random.Next(1, 99), Threads = _random.Next(1, 3) };
        wish = mode switch
        {
            OptimizerMode.AddBrokers => wish with { Brokers = [some], OnlyOntoNamed = _random.Next(2) == 0 },
            OptimizerMode.RemoveBrokers or OptimizerMode.DemoteBrokers => wish with { Brokers = [some] },
            OptimizerMode.ReplicationFactor => wish with { Topics = _random.Next(2) == 0 ? "topic-0" : "topic-.*", ReplicationFactor = _random.Next(1, 5) },
            OptimizerMode.RemoveDirs => wish with { Dirs = [AnyDir()] },
            OptimizerMode.MinimalRepair => wish with { Limits = [new RepairLimit(_random.Next(3) == 0 ? Lane.BytesIn : Lane.Disk, 0.2 + (0.4 * _random.NextDouble()), _random.Next(2) == 0 ? [] : [some])] },
            _ => wish,
        };
        return _random.Next(3) > 0 ? wish : wish with
        {
            ExcludedTopics = _random.Next(2) == 0 ? "topic-1" : null,
            NoReplicasOnto = _random.Next(3) == 0 ? [some] : [],
            NoLeadersOnto = _random.Next(3) == 0 ? [some] : [],
            Immovable = _random.Next(3) == 0 ? [("topic-0", 0)] : [],
            MoveBudget = _random.Next(3) == 0 && mode != OptimizerMode.KafkaAssigner ? _random.Next(8) : null,
            ByteBudget = _random.Next(3) == 0 && mode != OptimizerMode.KafkaAssigner ? _random.Next(500) : null,
            MandatoryOnly = _random.Next(4) == 0,
            MinLeadersTopics = _random.Next(4) == 0 ? "topic-0" : null,
        };
    }

    public bool HasDirs => Model.DirPaths.Length > 0;

    private (int Broker, string Path) AnyDir()
    {
        var broker = _random.Next(Model.Brokers);
        return (Model.BrokerIds[broker], Model.DirPaths[Model.DirStart[broker]]);
    }

    private BrokerCondition[] Conditions(int brokers)
    {
        var conditions = new BrokerCondition[brokers];
        if (_random.Next(2) == 0)
        {
            conditions[_random.Next(brokers)] = (BrokerCondition)_random.Next(1, 5);
        }

        return conditions;
    }

    private List<(double Weight, List<int[]> Replicas)> Topics(int brokers, int mostPartitions, BrokerCondition[] conditions)
    {
        var popularity = Enumerable.Range(0, brokers).Select(broker => conditions[broker] == BrokerCondition.New ? 0 : Math.Exp(0.5 * Normal())).ToArray();
        var topics = new List<(double, List<int[]>)>();
        for (var count = _random.Next(1, mostPartitions > 4 ? 10 : 3); count > 0; count--)
        {
            var replicas = Math.Min(_random.Next(1, 5), popularity.Count(weight => weight > 0));
            var partitions = _random.Next(4) == 0 ? 1 : _random.Next(1, mostPartitions + 1);
            topics.Add((Math.Exp(Normal()), [.. Enumerable.Range(0, partitions).Select(_ => Draw(popularity, replicas))]));
        }

        return topics;
    }

    private int[] Draw(double[] popularity, int count) =>
        [.. Enumerable.Range(0, popularity.Length).Where(broker => popularity[broker] > 0)
            .OrderBy(broker => -Math.Log(1 - _random.NextDouble()) / popularity[broker]).Take(count)];

    /// <summary>Scaled so that the cluster as a whole is from nearly idle to rather full.</summary>
    private double[] Loads(int partitions, double[] weight, int[] replicas, double[] sizes)
    {
        var loads = new double[partitions * LoadOf.Count];
        for (var partition = 0; partition < partitions; partition++)
        {
            var at = partition * LoadOf.Count;
            var isIdle = _random.Next(12) == 0;
            loads[at + LoadOf.BytesIn] = isIdle ? 0 : weight[partition] * Math.Exp(0.4 * Normal());
            loads[at + LoadOf.BytesOut] = loads[at + LoadOf.BytesIn] * _random.NextDouble() * 2;
            loads[at + LoadOf.Cpu] = (loads[at + LoadOf.BytesIn] * 0.7) + (loads[at + LoadOf.BytesOut] * 0.15);
            loads[at + LoadOf.FollowerCpu] = LoadOf.FollowerCpuOf(loads[at + LoadOf.Cpu], loads[at + LoadOf.BytesIn], loads[at + LoadOf.BytesOut]);
            loads[at + LoadOf.Size] = isIdle && _random.Next(2) == 0 ? 0 : Math.Ceiling(10 * weight[partition] * Math.Exp(0.5 * Normal()));
        }

        foreach (var (load, capacity) in (ReadOnlySpan<(int, double)>)[(LoadOf.Size, 1000), (LoadOf.BytesIn, 100), (LoadOf.BytesOut, 300), (LoadOf.Cpu, 100)])
        {
            var total = Enumerable.Range(0, partitions).Sum(partition => loads[(partition * LoadOf.Count) + load] * (load is LoadOf.Size or LoadOf.BytesIn ? replicas[partition] : 1));
            var scale = total == 0 ? 0 : sizes.Sum() * capacity * (0.05 + (0.5 * _random.NextDouble())) / total;
            for (var partition = 0; partition < partitions; partition++)
            {
                loads[(partition * LoadOf.Count) + load] *= scale;
                loads[(partition * LoadOf.Count) + LoadOf.FollowerCpu] *= load == LoadOf.Cpu ? scale : 1;
            }
        }

        return loads;
    }

    private double[] Capacities(double[] sizes)
    {
        var unknown = _random.Next(6) switch { 0 => Lane.Cpu, 1 => Lane.Disk, _ => -1 };
        return [.. sizes.SelectMany(size => new[] { 100 * size, 100 * size, 300 * size, 1000 * size }.Select((capacity, lane) => lane == unknown ? double.NaN : capacity))];
    }

    private string[] Hosts(int brokers)
    {
        var shared = _random.Next(4) == 0;
        return [.. Enumerable.Range(0, brokers).Select(broker => shared ? $"h{broker / 2}" : $"h{broker}")];
    }

    private (int[] Start, bool[] Alive) Dirs(int brokers)
    {
        var start = new int[brokers + 1];
        var isKnown = _random.Next(2) == 0;
        for (var broker = 0; broker < brokers; broker++)
        {
            start[broker + 1] = start[broker] + (isKnown ? _random.Next(1, 4) : 0);
        }

        var lost = isKnown && _random.Next(3) == 0 ? _random.Next(start[^1]) : -1;
        return (start, [.. Enumerable.Range(0, start[^1]).Select(dir => dir != lost)]);
    }

    private int Leader(int[] list, int start, BrokerCondition[] conditions)
    {
        var living = Enumerable.Range(0, list.Length).Where(place => conditions[list[place]] != BrokerCondition.Dead).ToArray();
        return living.Length == 0 ? -1 : start + living[_random.Next(3) == 0 ? _random.Next(living.Length) : 0];
    }

    private ReplicaMarks[] Marks(int slots)
    {
        if (_random.Next(3) > 0)
        {
            return [];
        }

        return [.. Enumerable.Range(0, slots).Select(_ => _random.Next(40) switch
        {
            0 => ReplicaMarks.OutOfSync,
            1 => ReplicaMarks.Adding | ReplicaMarks.OutOfSync,
            2 => ReplicaMarks.Removing,
            _ => ReplicaMarks.None,
        })];
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
