using System.Collections.Immutable;
using ControlPlane.Engine.Execution;
using ControlPlane.Engine.Sampling;

namespace ControlPlane.Engine.Tests.Execution;

/// <summary>
/// A tiny deterministic Kafka with the semantics that the executor must survive: unions and commits of KIP-455 as from 3.8 on,
/// cancelling that keeps the order, differences taken from the union, throttle configs with append and subtract.
/// </summary>
internal sealed class FakeKafka
{
    private const int CopyTicks = 8;
    private Dictionary<(string Topic, int Partition, int Broker), int> _copied = [];

    public HashSet<int> Alive { get; private init; } = [];

    public SortedDictionary<(string Topic, int Partition), FakePartition> Partitions { get; private init; } = [];

    public Dictionary<string, Guid> Topics { get; private init; } = [];

    public Dictionary<ThrottleKey, string> Configs { get; private init; } = [];

    public HashSet<(string, int)> TouchedByOthers { get; private init; } = [];

    /// <summary>What no executor may ever do.</summary>
    public List<string> Violations { get; private init; } = [];

    public FakeKafka Copy() => new()
    {
        _copied = new(_copied),
        Alive = [.. Alive],
        Partitions = new(Partitions.ToDictionary(pair => pair.Key, pair => pair.Value.Copy())),
        Topics = new(Topics),
        Configs = new(Configs),
        TouchedByOthers = [.. TouchedByOthers],
        Violations = [.. Violations],
    };

    public void Tick()
    {
        foreach (var ((topic, number), partition) in Partitions)
        {
            foreach (var broker in partition.Replicas.Where(broker => Alive.Contains(broker) && !partition.InSync.Contains(broker)).ToList())
            {
                var key = (topic, number, broker);
                _copied[key] = _copied.GetValueOrDefault(key) + (partition.Leader >= 0 ? 1 : 0);
                if (_copied[key] >= CopyTicks)
                {
                    partition.InSync.Add(broker);
                }
            }

            partition.CopyBetweenDirs(Alive, CopyTicks);
            partition.Commit(Alive);
        }
    }

    /// <summary>Null, or the broker's error. For a replica to come the broker keeps the wish.</summary>
    public string? MoveDir(DirWish wish)
    {
        if (!Alive.Contains(wish.Broker))
        {
            return "BROKER_NOT_AVAILABLE";
        }

        if (!Partitions.TryGetValue((wish.Topic, wish.Partition), out var partition))
        {
            return "UNKNOWN_TOPIC_OR_PARTITION";
        }

        partition.MoveDir(wish.Broker, wish.Path);
        return null;
    }

    public Dictionary<(string, int, int), ReplicaPlace> Places() => Partitions
        .SelectMany(pair => pair.Value.Replicas.Where(Alive.Contains).Select(broker => (pair.Key, broker, pair.Value)))
        .ToDictionary(one => (one.Key.Topic, one.Key.Partition, one.broker), one => new ReplicaPlace(one.Value.DirOf(one.broker), one.Value.FutureOf(one.broker)));

    public void Kill(int broker)
    {
        Alive.Remove(broker);
        foreach (var ((topic, number), partition) in Partitions)
        {
            if (partition.InSync.Count > 1)
            {
                partition.InSync.Remove(broker);
            }

            _copied.Remove((topic, number, broker));
            partition.Elect(Alive);
        }
    }

    public void Start(int broker)
    {
        Alive.Add(broker);
        foreach (var partition in Partitions.Values)
        {
            partition.Elect(Alive);
        }
    }

    /// <summary>Null, or Kafka's error.</summary>
    public string? Reassign(string topic, int number, ImmutableArray<int>? target, bool isOurs)
    {
        if (!Partitions.TryGetValue((topic, number), out var partition))
        {
            return "UNKNOWN_TOPIC_OR_PARTITION";
        }

        if (isOurs && partition.IsForeign && partition.IsOngoing)
        {
            Violations.Add($"a foreign reassignment of {topic}-{number} was touched");
        }

        if (isOurs && target is not null && partition.IsOngoing)
        {
            Violations.Add($"{topic}-{number} was given a new target in flight");
        }

        if (!isOurs)
        {
            TouchedByOthers.Add((topic, number));
        }

        if (target is { } replicas)
        {
            if (isOurs && replicas.Distinct().Count() != replicas.Length)
            {
                Violations.Add($"{topic}-{number} was asked to lie twice on one broker");
            }

            partition.Begin(replicas, !isOurs);
            foreach (var broker in partition.Adding)
            {
                _copied.Remove((topic, number, broker));
            }

            partition.Commit(Alive);
            return null;
        }

        return partition.Cancel(Alive);
    }

    public void Elect(string topic, int number)
    {
        if (Partitions.TryGetValue((topic, number), out var partition) && partition.InSync.Contains(partition.Replicas[0]) && Alive.Contains(partition.Replicas[0]))
        {
            partition.Leader = partition.Replicas[0];
        }
    }

    public AnswerKind Alter(ThrottleChange change)
    {
        if (change.Key.Broker is { } broker && !Alive.Contains(broker))
        {
            return AnswerKind.NotSent;
        }

        if (change.Key.Topic is { } topic && !Topics.ContainsKey(topic))
        {
            return AnswerKind.Refused;
        }

        var old = Configs.GetValueOrDefault(change.Key);
        var entries = ThrottleList.Parse(old);
        switch (change.Operation)
        {
            case ThrottleOperation.Set:
                Configs[change.Key] = change.Value!;
                break;
            case ThrottleOperation.Delete:
                Configs.Remove(change.Key);
                break;
            case ThrottleOperation.Append when old == "*":
                Violations.Add($"entries were appended to the wildcard of {change.Key}");
                return AnswerKind.Refused;
            case ThrottleOperation.Append:
                Configs[change.Key] = string.Join(',', entries.Union(ThrottleList.Parse(change.Value)).Order());
                break;
            default:
                Configs[change.Key] = string.Join(',', entries.Except(ThrottleList.Parse(change.Value)).Order());
                break;
        }

        return AnswerKind.Accepted;
    }

    public Dictionary<string, ObservedTopic> Metadata() => Topics.ToDictionary(
        topic => topic.Key,
        topic => new ObservedTopic(topic.Value, Partitions.Where(pair => pair.Key.Topic == topic.Key).ToDictionary(pair => pair.Key.Partition, pair =>
            new ObservedPartition([.. pair.Value.Replicas], [.. pair.Value.InSync], pair.Value.Leader))));

    public Dictionary<(string, int), ObservedReassignment> Ongoing() => Partitions.Where(pair => pair.Value.IsOngoing).ToDictionary(
        pair => pair.Key,
        pair => new ObservedReassignment(pair.Key.Topic, pair.Key.Partition, [.. pair.Value.Replicas], [.. pair.Value.Adding], [.. pair.Value.Removing]));
}

/// <summary>One partition of the fake.</summary>
internal sealed class FakePartition(IEnumerable<int> replicas)
{
    public const string FirstDir = "/d1";

    public List<int> Replicas { get; private set; } = [.. replicas];

    public List<int> Adding { get; private set; } = [];

    public List<int> Removing { get; private set; } = [];

    public HashSet<int> InSync { get; private init; } = [.. replicas];

    public int Leader { get; set; } = replicas.First();

    public bool IsForeign { get; private set; }

    private Dictionary<int, string> _dirs = [];
    private Dictionary<int, (string Path, int Ticks)> _future = [];

    public string DirOf(int broker) => _dirs.GetValueOrDefault(broker, FirstDir);

    public string? FutureOf(int broker) => _future.TryGetValue(broker, out var future) ? future.Path : null;

    public void MoveDir(int broker, string path)
    {
        if (!Replicas.Contains(broker))
        {
            _dirs[broker] = path; // kept until the replica comes
        }
        else if (DirOf(broker) == path)
        {
            _future.Remove(broker);
        }
        else if (FutureOf(broker) != path)
        {
            _future[broker] = (path, 0);
        }
    }

    public void CopyBetweenDirs(HashSet<int> alive, int ticks)
    {
        foreach (var (broker, (path, done)) in _future.Where(pair => alive.Contains(pair.Key)).ToList())
        {
            if (!Replicas.Contains(broker))
            {
                _future.Remove(broker);
            }
            else if (done + 1 < ticks)
            {
                _future[broker] = (path, done + 1);
            }
            else
            {
                (_dirs[broker], _) = (path, _future.Remove(broker));
            }
        }
    }

    public bool IsOngoing => Adding.Count + Removing.Count > 0;

    public FakePartition Copy() =>
        new(Replicas) { Adding = [.. Adding], Removing = [.. Removing], InSync = [.. InSync], Leader = Leader, IsForeign = IsForeign, _dirs = new(_dirs), _future = new(_future) };

    public void Begin(ImmutableArray<int> target, bool isForeign)
    {
        var union = Replicas;
        (Adding, Removing) = ([.. target.Except(union)], [.. union.Except(target)]); // from the union, as KRaft does
        (Replicas, IsForeign) = ([.. target, .. Removing], isForeign);
    }

    public void Commit(HashSet<int> alive)
    {
        if (IsOngoing && Replicas.Except(Removing).All(InSync.Contains))
        {
            Replicas = [.. Replicas.Except(Removing)];
            End(alive);
        }
    }

    public string? Cancel(HashSet<int> alive)
    {
        if (!IsOngoing)
        {
            return "NO_REASSIGNMENT_IN_PROGRESS";
        }

        if (!InSync.Except(Adding).Any())
        {
            return "INVALID_REPLICA_ASSIGNMENT";
        }

        Replicas = [.. Replicas.Except(Adding)];
        End(alive);
        return null;
    }

    public void Elect(HashSet<int> alive)
    {
        if (!alive.Contains(Leader) || !InSync.Contains(Leader))
        {
            Leader = Replicas.Where(broker => InSync.Contains(broker) && alive.Contains(broker)).DefaultIfEmpty(-1).First();
        }
    }

    private void End(HashSet<int> alive)
    {
        (Adding, Removing) = ([], []);
        InSync.IntersectWith(Replicas);
        Elect(alive);
    }
}
