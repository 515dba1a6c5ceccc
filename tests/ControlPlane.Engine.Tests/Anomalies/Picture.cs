using System.Collections.Immutable;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Anomalies;

/// <summary>A picture in the making: brokers 1 to n, and partitions written as "topic: replicas / in sync / adding / removing".</summary>
internal sealed class Picture
{
    public static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly ClusterId Cluster = new("prod");

    private readonly SortedDictionary<int, Broker> _brokers = [];
    private readonly List<(string Topic, int[][] Lists)> _partitions = [];
    private readonly Dictionary<SampleKind, TimeSpan?> _ages = [];
    private ImmutableArray<Group>? _groups = [];
    private short _min = 2;
    private bool _listsReassignments = true;

    public Picture(int brokers)
    {
        for (var id = 1; id <= brokers; id++)
        {
            _brokers[id] = new Broker(id, $"b{id}.example", 9092, $"r{id}", BrokerState.Active, Now.AddHours(-1), "answers", false);
        }
    }

    public Picture Broker(int id, BrokerState state, bool? isFenced = null, int secondsAgo = 5)
    {
        _brokers[id] = _brokers[id] with { State = state, IsFenced = isFenced, Since = Now.AddSeconds(-secondsAgo), Evidence = "connection refused" };
        return this;
    }

    /// <summary>Each "orders: 1 2 3 / 1 2": replicas, in sync; then adding and removing. The first in sync leads, also where none is.</summary>
    public Picture Partitions(params string[] partitions)
    {
        foreach (var text in partitions)
        {
            var halves = text.Split(':');
            _partitions.Add((halves[0], [.. halves[1].Split('/').Select(list => list.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray())]));
        }

        return this;
    }

    public Picture MinInSync(short min)
    {
        _min = min;
        return this;
    }

    public Picture Aged(SampleKind kind, TimeSpan? age)
    {
        _ages[kind] = age;
        return this;
    }

    public Picture WithoutReassignments()
    {
        _listsReassignments = false;
        return this;
    }

    public Picture Groups(ImmutableArray<Group>? groups)
    {
        _groups = groups;
        return this;
    }

    public static Group Reader(string id, params string[] topics) => new(id, "classic", "consumer", "Stable", 1, [])
    {
        Offsets = [.. topics.Select(topic => new CommittedOffset(topic, 0, 1))],
    };

    public ClusterModel Build()
    {
        var table = Table();
        return new ClusterModel(Cluster, 1, Now)
        {
            KafkaClusterId = "kafka",
            Brokers = [.. _brokers.Values],
            Partitions = table,
            Groups = _groups,
            Reassigning = _listsReassignments ? [] : null,
            Counts = PartitionCounts.Of(table),
            Samples =
            [
                .. Enum.GetValues<SampleKind>().Select(kind => new SampleStatus(
                    kind, TimeSpan.FromSeconds(5), Now, _ages.TryGetValue(kind, out var age) ? Now - age : Now, TimeSpan.Zero, [])),
            ],
        };
    }

    public DetectionRound Look(params Anomaly[] open) => Detectors.Look(Build(), [.. open], Now);

    public Verdict Verdict(string kind, params Anomaly[] open) => Look(open).Verdicts[kind];

    private PartitionTable Table()
    {
        var names = _partitions.Select(partition => partition.Topic).Distinct().Order(StringComparer.Ordinal).ToArray();
        var sorted = _partitions.OrderBy(partition => partition.Topic, StringComparer.Ordinal).ToArray();
        var slots = sorted.SelectMany(partition => partition.Lists[0].Select(id => (partition.Lists, Id: id))).ToArray();
        return new PartitionTable
        {
            TopicName = names,
            TopicId = new Guid[names.Length],
            TopicInternal = new bool[names.Length],
            TopicMinInSync = [.. names.Select(_ => _min)],
            TopicStart = Starts(names.Select(name => sorted.Count(partition => partition.Topic == name))),
            Topic = [.. sorted.Select(partition => Array.IndexOf(names, partition.Topic))],
            Leader = [.. sorted.Select(partition => partition.Lists[1].Length == 0 ? -1 : partition.Lists[1][0] - 1)],
            LeaderEpoch = new int[sorted.Length],
            ReplicaStart = Starts(sorted.Select(partition => partition.Lists[0].Length)),
            ReplicaBroker = [.. slots.Select(slot => slot.Id - 1)],
            ReplicaFlags = [.. slots.Select(slot =>
                Flag(slot.Lists, 1, slot.Id, ReplicaFlags.InSync) | Flag(slot.Lists, 2, slot.Id, ReplicaFlags.Adding) | Flag(slot.Lists, 3, slot.Id, ReplicaFlags.Removing))],
        };
    }

    private static ReplicaFlags Flag(int[][] lists, int index, int id, ReplicaFlags flag) =>
        lists.Length > index && lists[index].Contains(id) ? flag : ReplicaFlags.None;

    private static int[] Starts(IEnumerable<int> counts)
    {
        List<int> starts = [0];
        foreach (var count in counts)
        {
            starts.Add(starts[^1] + count);
        }

        return [.. starts];
    }
}
