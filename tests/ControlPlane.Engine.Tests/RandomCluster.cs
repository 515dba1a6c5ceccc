using System.Collections.Immutable;
using ControlPlane.Engine.Model;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Engine.Tests;

/// <summary>A cluster that changes at random, by seed, and gives samples as a real one would.</summary>
internal sealed class RandomCluster(int seed, int maxTopics = 8, int maxPartitions = 6)
{
    private readonly Random _random = new(seed);
    private readonly SortedDictionary<string, List<Partition>> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Guid> _ids = [];
    private readonly List<int> _brokers = [5, 1, 70_001, 3, 9];

    public IReadOnlyDictionary<string, List<Partition>> Topics => _topics;

    public IReadOnlyList<int> Brokers => _brokers;

    public void Change()
    {
        switch (_random.Next(6))
        {
            case 0 when _topics.Count < maxTopics:
                AddTopic($"topic-{_random.Next(30)}");
                break;
            case 1 when _topics.Count > 0:
                var gone = _topics.Keys.ElementAt(_random.Next(_topics.Count));
                _topics.Remove(gone);
                _ids.Remove(gone);
                break;
            case 2 when _topics.Count > 0:
                var again = _topics.Keys.ElementAt(_random.Next(_topics.Count));
                _topics.Remove(again);
                AddTopic(again); // deleted and made anew: another topic id
                break;
            case 3:
                _brokers.Add(_brokers.Max() + 1 + _random.Next(3));
                break;
            case 4 when _brokers.Count > 3:
                _brokers.RemoveAt(_random.Next(_brokers.Count)); // stays in replica lists
                break;
            default:
                foreach (var partition in _topics.Values.SelectMany(all => all).Where(_ => _random.Next(3) == 0))
                {
                    partition.Leader = _random.Next(6) == 0 ? -1 : partition.Replicas[_random.Next(partition.Replicas.Length)];
                    partition.InSync = [.. partition.Replicas.Where(_ => _random.Next(4) > 0)];
                    partition.End += _random.Next(100);
                }

                break;
        }
    }

    public TopologySample Sample()
    {
        var names = _topics.Keys.OrderBy(_ => _random.Next()).ToArray(); // in any order, as brokers answer
        var partitions = names.SelectMany((name, topic) => _topics[name].Select(partition => (topic, partition))).ToList();
        var replicas = partitions.SelectMany(entry => entry.partition.Replicas.Select(id => (entry.partition, id))).ToList();
        var table = new PartitionTable
        {
            TopicName = names,
            TopicId = [.. names.Select(name => _ids[name])],
            TopicInternal = [.. names.Select(_ => false)],
            TopicMinInSync = [.. names.Select(_ => (short)-1)],
            TopicStart = Starts(names.Select(name => _topics[name].Count)),
            Topic = [.. partitions.Select(entry => entry.topic)],
            Leader = [.. partitions.Select(entry => entry.partition.Leader)],
            LeaderEpoch = [.. partitions.Select(_ => 1)],
            ReplicaStart = Starts(partitions.Select(entry => entry.partition.Replicas.Length)),
            ReplicaBroker = [.. replicas.Select(entry => entry.id)],
            ReplicaFlags = [.. replicas.Select(entry => entry.partition.InSync.Contains(entry.id) ? ReplicaFlags.InSync : ReplicaFlags.None)],
        };
        return new TopologySample("kafka-id", _brokers[0], [.. _brokers.Select(id => new ObservedBroker(id, $"host-{id}", 9092, null, null))], table);
    }

    private static int[] Starts(IEnumerable<int> counts)
    {
        var starts = new List<int> { 0 };
        foreach (var count in counts)
        {
            starts.Add(starts[^1] + count);
        }

        return [.. starts];
    }

    private void AddTopic(string name)
    {
        _ids[name] = Guid.NewGuid();
        _topics[name] = [.. Enumerable.Range(0, 1 + _random.Next(maxPartitions)).Select(_ =>
        {
            var replicas = _brokers.OrderBy(_ => _random.Next()).Take(Math.Min(3, _brokers.Count)).ToArray();
            return new Partition { Replicas = replicas, Leader = replicas[0], InSync = replicas };
        })];
    }

    public sealed class Partition
    {
        public required int[] Replicas { get; init; }

        public int Leader { get; set; }

        public required int[] InSync { get; set; }

        public long End { get; set; }
    }
}
