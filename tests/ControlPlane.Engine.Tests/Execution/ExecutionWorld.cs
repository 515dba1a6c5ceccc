using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;

namespace ControlPlane.Engine.Tests.Execution;

/// <summary>
/// A small random cluster, a plan for it, and what goes wrong there: brokers die and return, others meddle, topics go, and what was
/// sent arrives later than who sent it thinks. Can be copied at any moment.
/// </summary>
internal sealed class ExecutionWorld
{
    public const int FaultTicks = 50;
    public const int LastTick = 400;

    /// <summary>A request may be on its way that long; shorter than the settling time, as in the product.</summary>
    private const int LatestTicks = 4;

    private readonly int _seed;
    private readonly List<(int Tick, ExecutionEffect Effect)> _late;
    private readonly Dictionary<ThrottleKey, string> _foreignConfigs;
    private readonly int _brokers;
    private Luck _luck;

    public ExecutionWorld(int seed)
    {
        (_seed, _luck, _late, _foreignConfigs, Kafka) = (seed, new Luck(seed), [], [], new FakeKafka());
        _brokers = _luck.Next(4, 7);
        Kafka.Alive.UnionWith(Enumerable.Range(1, _brokers));
        Plan = Build();
        Limits = new ExecutionLimits(_luck.Next(1, 4), _luck.Next(4) == 0 ? null : 1_000);
        Preset();
    }

    private ExecutionWorld(ExecutionWorld other)
    {
        (_seed, _luck, _brokers, Plan, Limits, Tick) = (other._seed, other._luck, other._brokers, other.Plan, other.Limits, other.Tick);
        (_late, _foreignConfigs, Kafka) = ([.. other._late], new(other._foreignConfigs), other.Kafka.Copy());
    }

    public FakeKafka Kafka { get; }

    public ImmutableArray<PlannedMove> Plan { get; }

    public ExecutionLimits Limits { get; }

    public int Tick { get; private set; }

    public bool IsFaulty => Tick < FaultTicks;

    /// <summary>Throttles of somebody else: they must stand unchanged at the end.</summary>
    public IReadOnlyDictionary<ThrottleKey, string> ForeignConfigs => _foreignConfigs;

    public ExecutionWorld Copy() => new(this);

    public void NextTick()
    {
        Tick++;
        Kafka.Tick();
        for (var i = 0; i < _late.Count; i++)
        {
            if (_late[i].Tick <= Tick)
            {
                Perform(_late[i].Effect);
            }
        }

        _late.RemoveAll(late => late.Tick <= Tick);
    }

    public void Delay(ExecutionEffect effect, ref Luck luck) => _late.Add((Tick + luck.Next(1, LatestTicks + 1), effect));

    public ExecutionInput? Perform(ExecutionEffect effect) => effect switch
    {
        ExecutionEffect.Reassign reassign => new ExecutionInput.Reassigned([.. reassign.Wishes.Select(wish =>
            Kafka.Reassign(wish.Topic, wish.Partition, wish.Target, isOurs: true) is { } error
                ? new MoveAnswer(wish.Order, AnswerKind.Refused, error)
                : new MoveAnswer(wish.Order, AnswerKind.Accepted, null))]),
        ExecutionEffect.AlterThrottles alter => new ExecutionInput.ThrottlesAltered(alter.Changes, [.. alter.Changes.Select(change =>
            new ThrottleAnswer(change.Key, Kafka.Alter(change) is var kind && change.Key.Topic is not null && kind == AnswerKind.Refused ? AnswerKind.NotSent : kind, null))]),
        ExecutionEffect.Elect elect => Elect(elect),
        ExecutionEffect.MoveDirs dirs => MoveDirs(dirs),
        _ => throw new InvalidOperationException(),
    };

    public void Trouble()
    {
        if (!IsFaulty)
        {
            if ((Tick == FaultTicks && _seed % 3 != 0) || Tick == LastTick / 2)
            {
                ReviveAll();
            }

            return;
        }

        switch (_luck.Next(40))
        {
            case 0 when Kafka.Alive.Count > 2:
                Kafka.Kill(Kafka.Alive.Order().ElementAt(_luck.Next(Kafka.Alive.Count)));
                break;
            case 1 or 2:
                ReviveAll();
                break;
            case 3 when _late.Count == 0 && Kafka.Partitions.Count > 0:
                Meddle();
                break;
            case 4 when _luck.Next(4) == 0 && _late.Count == 0 && Kafka.Topics.Count > 0:
                DropTopic();
                break;
            case 6 when _late.Count == 0 && Kafka.Partitions.Count > 0:
                var (name, moved) = Kafka.Partitions.ElementAt(_luck.Next(Kafka.Partitions.Count));
                Kafka.TouchedByOthers.Add(name);
                moved.MoveDir(moved.Replicas[0], "/d9");
                break;
            case 5:
                foreach (var key in Kafka.Configs.Keys.Where(key => !_foreignConfigs.ContainsKey(key)).ToList())
                {
                    Kafka.Configs.Remove(key); // the official tool's "verify"
                }

                break;
        }
    }

    public void ReviveAll()
    {
        for (var broker = 1; broker <= _brokers; broker++)
        {
            Kafka.Start(broker);
        }
    }

    private ImmutableArray<PlannedMove> Build()
    {
        var lost = _luck.Next(1, _brokers + 1);
        var moves = ImmutableArray.CreateBuilder<PlannedMove>();
        var topics = _luck.Next(1, 4);
        for (var t = 0; t < topics; t++)
        {
            var (topic, id) = ($"t{t}", new Guid(_seed, (short)t, 1, new byte[8]));
            Kafka.Topics[topic] = id;
            var partitions = _luck.Next(1, 4);
            for (var p = 0; p < partitions; p++)
            {
                var order = _luck.Shuffle(Enumerable.Range(1, _brokers));
                var before = order.Take(3).ToImmutableArray();
                Kafka.Partitions[(topic, p)] = new FakePartition(before);
                var after = After(before, order[3], lost);
                if (!after.SequenceEqual(before))
                {
                    after = _luck.Next(6) switch { 0 => [.. after.Append(order[^1]).Distinct()], 1 => after[..2], _ => after }; // other replication factors
                    moves.AddRange(Steps(new PlannedMove(topic, id, p, before, after, 100, (MoveClass)_luck.Next(5), "test")));
                }
                else if (_luck.Next(2) == 0)
                {
                    Kafka.Partitions[(topic, p)].Leader = before[1];
                    moves.Add(new PlannedMove(topic, id, p, before, before, 0, MoveClass.Balance, "election"));
                }
            }
        }

        return moves.ToImmutable();
    }

    /// <summary>Some moves also put a replica into another log dir, before or with the new list.</summary>
    private IEnumerable<PlannedMove> Steps(PlannedMove move)
    {
        var broker = move.Before[_luck.Next(move.Before.Length)];
        if (_luck.Next(3) == 0)
        {
            yield return move with { After = move.Before, Bytes = 50, Dirs = [new PlannedDir(broker, _luck.Next(5) == 0 ? null : FakePartition.FirstDir, "/d2")] };
        }

        yield return move with { Dirs = [.. move.After.Except(move.Before).Take(_luck.Next(2)).Select(added => new PlannedDir(added, null, "/d2"))] };
    }

    private ImmutableArray<int> After(ImmutableArray<int> before, int spare, int lost) => _luck.Next(6) switch
    {
        0 => [.. before.Reverse()],
        1 => [spare, .. before.Skip(1).Reverse()],
        _ => before.Contains(lost) || _luck.Next(3) == 0 ? [before[0], before[1], spare] : before,
    };

    private void Preset()
    {
        if (_luck.Next(2) == 0)
        {
            _foreignConfigs[new(null, _luck.Next(1, _brokers + 1), ThrottleKey.LeaderRate)] = _luck.Next(2) == 0 ? "777" : "1000";
        }

        _foreignConfigs[new("t0", null, ThrottleKey.LeaderReplicas)] = _luck.Next(3) switch { 0 => "*", 1 => "0:1,99:9", _ => "99:9" };
        foreach (var (key, value) in _foreignConfigs)
        {
            Kafka.Configs[key] = value;
        }
    }

    private void Meddle()
    {
        var ((topic, number), partition) = Kafka.Partitions.ElementAt(_luck.Next(Kafka.Partitions.Count));
        if (partition.IsOngoing && _luck.Next(2) == 0)
        {
            Kafka.Reassign(topic, number, null, isOurs: false);
            return;
        }

        var target = _luck.Shuffle(partition.Replicas.Except(partition.Adding).Take(3));
        target[_luck.Next(target.Count)] = Enumerable.Range(1, _brokers).First(broker => !partition.Replicas.Contains(broker) || broker == target[0]);
        if (target.Distinct().Count() == target.Count && !Plan.Any(move => move.Topic == topic && move.Partition == number && move.After.SequenceEqual(target)))
        {
            Kafka.Reassign(topic, number, [.. target], isOurs: false);
        }
    }

    private void DropTopic()
    {
        var topic = Kafka.Topics.Keys.Order(StringComparer.Ordinal).ElementAt(_luck.Next(Kafka.Topics.Count));
        var partitions = Kafka.Partitions.Keys.Where(key => key.Topic == topic).ToList();
        foreach (var key in Kafka.Configs.Keys.Where(key => key.Topic == topic).ToList())
        {
            Kafka.Configs.Remove(key);
            _foreignConfigs.Remove(key);
        }

        Kafka.Topics.Remove(topic);
        partitions.ForEach(key => Kafka.TouchedByOthers.Add(key));
        partitions.ForEach(key => Kafka.Partitions.Remove(key));
        if (_luck.Next(2) == 0)
        {
            Kafka.Topics[topic] = new Guid(_seed, 99, 2, new byte[8]);
            partitions.ForEach(key => Kafka.Partitions[key] = new FakePartition([1, 2, 3]));
        }
    }

    private ExecutionInput? Elect(ExecutionEffect.Elect elect)
    {
        foreach (var partition in elect.Partitions)
        {
            Kafka.Elect(partition.Topic, partition.Partition);
        }

        return new ExecutionInput.Reassigned([.. elect.Partitions.Select(wish => new MoveAnswer(wish.Order, AnswerKind.Accepted, null))]);
    }

    private ExecutionInput? MoveDirs(ExecutionEffect.MoveDirs dirs)
    {
        var answers = dirs.Wishes.Select(wish => Kafka.MoveDir(wish) is { } error
            ? new MoveAnswer(wish.Order, error == "BROKER_NOT_AVAILABLE" ? AnswerKind.NotSent : AnswerKind.Refused, error)
            : new MoveAnswer(wish.Order, AnswerKind.Accepted, null)).ToImmutableArray();
        return dirs.IsHint ? null : new ExecutionInput.Reassigned(answers);
    }
}
