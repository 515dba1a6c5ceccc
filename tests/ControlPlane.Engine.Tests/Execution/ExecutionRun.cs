using System.Collections.Immutable;
using System.Text.Json;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;

namespace ControlPlane.Engine.Tests.Execution;

/// <summary>
/// One execution on a small random cluster with random faults, whose process dies wherever <paramref name="dies"/> says so: its state
/// is thrown away, what it was about to send may still arrive a little later, and a new one goes on from the journal alone.
/// </summary>
internal sealed class ExecutionRun(int seed, Func<int, bool> dies)
{
    private const int FaultTicks = 50;
    private const int LastTick = 400;
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    private static readonly ExecutionPolicy Policy = new()
    {
        Settle = TimeSpan.FromSeconds(5),
        Patience = TimeSpan.FromSeconds(20),
        StallAfter = TimeSpan.FromSeconds(15),
        BatchSize = 3,
        ElectionBatch = 2,
    };

    private readonly Random _world = new(seed);
    private readonly Random _process = new(seed + 1_000_000);
    private readonly FakeKafka _kafka = new();
    private readonly List<ExecutionEvent> _journal = [];
    private readonly List<(int Tick, Action Act)> _late = [];
    private readonly Dictionary<ThrottleKey, string> _foreignConfigs = [];
    private ImmutableArray<PlannedMove> _plan = [];
    private ExecutionLimits _limits = new(3, 1_000);
    private ExecutionState? _state;
    private Dictionary<string, ObservedTopic>? _stale;
    private int _brokers;
    private int _point;
    private int _tick;

    public int Points => _point;

    public ExecutionState State => _journal.Aggregate(ExecutionState.Of(_plan, _limits, "kafka"), (state, change) => state.Apply(change));

    private DateTimeOffset Now => Start.AddSeconds(_tick);

    public ExecutionRun Play()
    {
        Build();
        for (_tick = 0; _tick < LastTick && !State.IsEnded; _tick++)
        {
            Trouble();
            Round();
        }

        Check(State.IsEnded, $"it never ended: {string.Join(" ", State.Moves.Select(move => $"{move.Name}:{move.State}:{move.Doubt?.Why}"))}");
        CheckLists();
        ReturnAll();
        CheckThrottles();
        Check(_kafka.Violations.Count == 0, string.Join("; ", _kafka.Violations));
        return this;
    }

    private void Build()
    {
        var brokers = _brokers = _world.Next(4, 7);
        _kafka.Alive.UnionWith(Enumerable.Range(1, brokers));
        var lost = _world.Next(1, brokers + 1);
        var moves = new List<PlannedMove>();
        for (var t = 0; t < _world.Next(1, 4); t++)
        {
            var (topic, id) = ($"t{t}", new Guid(seed, (short)t, 1, new byte[8]));
            _kafka.Topics[topic] = id;
            for (var p = 0; p < _world.Next(1, 4); p++)
            {
                var order = Enumerable.Range(1, brokers).OrderBy(_ => _world.Next()).ToList();
                var before = order.Take(3).ToImmutableArray();
                _kafka.Partitions[(topic, p)] = new FakePartition(before);
                var after = _world.Next(6) switch
                {
                    0 => [.. before.Reverse()],
                    1 => [order[3], .. before.Skip(1).Reverse()],
                    _ => before.Contains(lost) || _world.Next(3) == 0 ? [.. before.Select(broker => broker == before[^1] ? order[3] : broker)] : before,
                };
                if (!after.SequenceEqual(before))
                {
                    after = _world.Next(6) switch { 0 => [.. after, order[^1]], 1 => after[..2], _ => after };
                    moves.AddRange(Planned(new PlannedMove(topic, id, p, before, [.. after.Distinct()], 100, (MoveClass)_world.Next(5), "test")));
                }
                else if (_world.Next(2) == 0)
                {
                    _kafka.Partitions[(topic, p)].Leader = before[1];
                    moves.Add(new PlannedMove(topic, id, p, before, before, 0, MoveClass.Balance, "election"));
                }
            }
        }

        _plan = [.. moves];
        _limits = new ExecutionLimits(_world.Next(1, 4), _world.Next(4) == 0 ? null : 1_000);
        Preset(brokers);
    }

    /// <summary>Some moves also put a replica into another log dir, before or with the new list.</summary>
    private IEnumerable<PlannedMove> Planned(PlannedMove move)
    {
        if (_world.Next(3) == 0)
        {
            var broker = move.Before[_world.Next(move.Before.Length)];
            yield return move with { After = move.Before, Bytes = 50, Dirs = [new PlannedDir(broker, _world.Next(5) == 0 ? null : FakePartition.FirstDir, "/d2")] };
        }

        yield return move with { Dirs = [.. move.After.Except(move.Before).Take(_world.Next(2)).Select(broker => new PlannedDir(broker, null, "/d2"))] };
    }

    /// <summary>Throttles of somebody else: they must stand unchanged at the end.</summary>
    private void Preset(int brokers)
    {
        if (_world.Next(2) == 0)
        {
            _foreignConfigs[new(null, _world.Next(1, brokers + 1), ThrottleKey.LeaderRate)] = _world.Next(2) == 0 ? "777" : "1000";
        }

        _foreignConfigs[new("t0", null, ThrottleKey.LeaderReplicas)] = _world.Next(3) switch { 0 => "*", 1 => "0:1,99:9", _ => "99:9" };
        foreach (var (key, value) in _foreignConfigs)
        {
            _kafka.Configs[key] = value;
        }
    }

    private void Trouble()
    {
        _kafka.Tick();
        foreach (var (_, act) in _late.Where(late => late.Tick <= _tick).ToList())
        {
            act();
        }

        _late.RemoveAll(late => late.Tick <= _tick);
        if (_tick >= FaultTicks)
        {
            if (_tick == FaultTicks && seed % 3 != 0)
            {
                ReviveAll();
            }
            else if (_tick == LastTick / 2)
            {
                ReviveAll();
            }

            return;
        }

        switch (_world.Next(40))
        {
            case 0 when _kafka.Alive.Count > 2:
                _kafka.Kill(_kafka.Alive.Order().ElementAt(_world.Next(_kafka.Alive.Count)));
                break;
            case 1 or 2:
                ReviveAll();
                break;
            case 3 when _late.Count == 0 && _kafka.Partitions.Count > 0:
                Meddle();
                break;
            case 4 when _world.Next(4) == 0 && _late.Count == 0 && _kafka.Topics.Count > 0:
                DropTopic();
                break;
            case 6:
                var ((topic, number), partition) = _kafka.Partitions.ElementAtOrDefault(_world.Next(Math.Max(1, _kafka.Partitions.Count)));
                if (partition is not null && _late.Count == 0)
                {
                    _kafka.TouchedByOthers.Add((topic, number));
                    partition.MoveDir(partition.Replicas[0], "/d9");
                }

                break;
            case 5:
                foreach (var key in _kafka.Configs.Keys.Where(key => !_foreignConfigs.ContainsKey(key)).ToList())
                {
                    _kafka.Configs.Remove(key); // the official tool's "verify"
                }

                break;
        }
    }

    private void ReviveAll()
    {
        for (var broker = 1; broker <= _brokers; broker++)
        {
            _kafka.Start(broker);
        }
    }

    private void Meddle()
    {
        var ((topic, number), partition) = _kafka.Partitions.ElementAt(_world.Next(_kafka.Partitions.Count));
        if (partition.IsOngoing && _world.Next(2) == 0)
        {
            _kafka.Reassign(topic, number, null, isOurs: false);
            return;
        }

        var target = partition.Replicas.Except(partition.Adding).Take(3).OrderBy(_ => _world.Next()).ToList();
        target[_world.Next(target.Count)] = Enumerable.Range(1, _brokers).First(broker => !partition.Replicas.Contains(broker) || broker == target[0]);
        if (target.Distinct().Count() == target.Count && !_plan.Any(move => move.Topic == topic && move.Partition == number && move.After.SequenceEqual(target)))
        {
            _kafka.Reassign(topic, number, [.. target], isOurs: false);
        }
    }

    private void DropTopic()
    {
        var topic = _kafka.Topics.Keys.Order(StringComparer.Ordinal).ElementAt(_world.Next(_kafka.Topics.Count));
        var partitions = _kafka.Partitions.Keys.Where(key => key.Topic == topic).ToList();
        foreach (var key in _kafka.Configs.Keys.Where(key => key.Topic == topic).ToList())
        {
            _kafka.Configs.Remove(key);
            _foreignConfigs.Remove(key);
        }

        _kafka.Topics.Remove(topic);
        partitions.ForEach(key => _kafka.TouchedByOthers.Add(key));
        partitions.ForEach(key => _kafka.Partitions.Remove(key));
        if (_world.Next(2) == 0)
        {
            _kafka.Topics[topic] = new Guid(seed, 99, 2, new byte[8]);
            partitions.ForEach(key => _kafka.Partitions[key] = new FakePartition([1, 2, 3]));
        }
    }

    /// <summary>One round of a process: begin if there is none, hear a command, look, decide, store, act, hear the answers.</summary>
    private void Round()
    {
        if (_state is null)
        {
            _state = State;
            if (!Store(ExecutionMachine.Decide(_state, new ExecutionInput.TookOver($"p{_point}"), Policy, Now)))
            {
                return;
            }
        }

        if (_tick < FaultTicks && _process.Next(25) == 0 && !Store(ExecutionMachine.Decide(_state!, new ExecutionInput.Commanded(AnyCommand()), Policy, Now)))
        {
            return;
        }

        if (_tick >= FaultTicks && _state!.IsPauseAsked && !Store(ExecutionMachine.Decide(_state!, new ExecutionInput.Commanded(new ExecutionCommand.Resume("test", null)), Policy, Now)))
        {
            return;
        }

        var decision = ExecutionMachine.Decide(_state!, new ExecutionInput.Observed(Observe()), Policy, Now);
        if ((decision.Events.Length + decision.Effects.Length > 0 && Dies()) || !Store(decision))
        {
            _state = null;
            return;
        }

        Act(decision.Effects);
    }

    private bool Store(ExecutionDecision decision)
    {
        foreach (var change in decision.Events)
        {
            // Through JSON where it is worth the time: what is stored is text.
            _journal.Add(seed % 25 == 0 ? JsonSerializer.Deserialize<ExecutionEvent>(JsonSerializer.Serialize(change))! : change);
            _state = _state!.Apply(change);
        }

        if (decision.Events.Length > 0 && Dies())
        {
            Leave(decision.Effects);
            _state = null;
            return false;
        }

        return true;
    }

    /// <summary>What a dying process was about to send may arrive a little later, when its successor is at work already.</summary>
    private void Leave(IEnumerable<ExecutionEffect> effects)
    {
        var sends = effects.SelectMany(Sends).ToList();
        if (sends.Count > 0 && _process.Next(2) == 0)
        {
            _late.Add((_tick + _process.Next(1, 4), () => sends.ForEach(send => send())));
        }
    }

    private void Act(ImmutableArray<ExecutionEffect> effects)
    {
        foreach (var effect in effects)
        {
            var controllerMoves = _tick < FaultTicks && _process.Next(12) == 0;
            var answerIsLost = _tick < FaultTicks && _process.Next(8) == 0;
            var input = controllerMoves ? AnswersOf(effect, AnswerKind.NotSent) : answerIsLost ? Lose(effect) : Perform(effect);
            if (Dies())
            {
                Leave(effects.SkipWhile(one => one != effect).Skip(1));
                _state = null;
                return;
            }

            if (input is not null && !Store(ExecutionMachine.Decide(_state!, input, Policy, Now)))
            {
                return;
            }
        }
    }

    /// <summary>It is done now or a little later, or never was; who sent it only knows that nobody answered.</summary>
    private ExecutionInput? Lose(ExecutionEffect effect)
    {
        switch (_process.Next(3))
        {
            case 0:
                Perform(effect);
                break;
            case 1:
                _late.Add((_tick + _process.Next(1, 4), () => Perform(effect)));
                break;
        }

        return AnswersOf(effect, AnswerKind.Unknown);
    }

    private IEnumerable<Action> Sends(ExecutionEffect effect)
    {
        yield return () => Perform(effect);
    }

    private ExecutionInput? Perform(ExecutionEffect effect) => effect switch
    {
        ExecutionEffect.Reassign reassign => new ExecutionInput.Reassigned([.. reassign.Wishes.Select(wish =>
            _kafka.Reassign(wish.Topic, wish.Partition, wish.Target, isOurs: true) is { } error
                ? new MoveAnswer(wish.Order, AnswerKind.Refused, error)
                : new MoveAnswer(wish.Order, AnswerKind.Accepted, null))]),
        ExecutionEffect.AlterThrottles alter => new ExecutionInput.ThrottlesAltered(alter.Changes, [.. alter.Changes.Select(change =>
            new ThrottleAnswer(change.Key, _kafka.Alter(change) is var kind && change.Key.Topic is not null && kind == AnswerKind.Refused ? AnswerKind.NotSent : kind, null))]),
        ExecutionEffect.Elect elect => Elect(elect),
        ExecutionEffect.MoveDirs dirs => MoveDirs(dirs),
        _ => throw new InvalidOperationException(),
    };

    private ExecutionInput? Elect(ExecutionEffect.Elect elect)
    {
        elect.Partitions.ToList().ForEach(partition => _kafka.Elect(partition.Topic, partition.Partition));
        return AnswersOf(elect, AnswerKind.Accepted);
    }

    private ExecutionInput? MoveDirs(ExecutionEffect.MoveDirs dirs)
    {
        var answers = dirs.Wishes.Select(wish => _kafka.MoveDir(wish) is { } error
            ? new MoveAnswer(wish.Order, error == "BROKER_NOT_AVAILABLE" ? AnswerKind.NotSent : AnswerKind.Refused, error)
            : new MoveAnswer(wish.Order, AnswerKind.Accepted, null)).ToImmutableArray();
        return dirs.IsHint ? null : new ExecutionInput.Reassigned(answers);
    }

    private static ExecutionInput? AnswersOf(ExecutionEffect effect, AnswerKind kind) => effect switch
    {
        ExecutionEffect.Reassign reassign => new ExecutionInput.Reassigned([.. reassign.Wishes.Select(wish => new MoveAnswer(wish.Order, kind, "NOT_CONTROLLER"))]),
        ExecutionEffect.AlterThrottles alter => new ExecutionInput.ThrottlesAltered(alter.Changes, [.. alter.Changes.Select(change => new ThrottleAnswer(change.Key, kind, null))]),
        ExecutionEffect.Elect elect => new ExecutionInput.Reassigned([.. elect.Partitions.Select(wish => new MoveAnswer(wish.Order, kind, null))]),
        ExecutionEffect.MoveDirs { IsHint: false } dirs => new ExecutionInput.Reassigned([.. dirs.Wishes.Select(wish => new MoveAnswer(wish.Order, kind, null))]),
        _ => null,
    };

    private ClusterObservation Observe()
    {
        var fresh = _kafka.Metadata();
        var lags = _stale is not null && _process.Next(6) == 0 && fresh.Keys.All(_stale.ContainsKey);
        var topics = lags ? _stale! : fresh;
        _stale = fresh;
        var keys = _plan.SelectMany(move => new ThrottleKey[] { new(move.Topic, null, ThrottleKey.LeaderReplicas), new(move.Topic, null, ThrottleKey.FollowerReplicas) })
            .Where(key => _kafka.Topics.ContainsKey(key.Topic!))
            .Concat(_kafka.Alive.SelectMany(broker => new ThrottleKey[] { new(null, broker, ThrottleKey.LeaderRate), new(null, broker, ThrottleKey.FollowerRate) }));
        return new ClusterObservation(Now)
        {
            KafkaClusterId = "kafka",
            Alive = _kafka.Alive.ToImmutableHashSet(),
            Topics = topics.Where(topic => _kafka.Topics.ContainsKey(topic.Key)).ToDictionary(),
            MissingTopics = _plan.Select(move => move.Topic).Where(topic => !_kafka.Topics.ContainsKey(topic)).ToHashSet(),
            Ongoing = _kafka.Ongoing(),
            Places = _kafka.Places(),
            PlacesAt = Now,
            Throttles = keys.Distinct().ToDictionary(key => key, key => _kafka.Configs.TryGetValue(key, out var value) ? value : null),
        };
    }

    private ExecutionCommand AnyCommand() => _process.Next(5) switch
    {
        0 => new ExecutionCommand.Cancel(CancelMode.FinishInFlight, "test", null),
        1 => new ExecutionCommand.Cancel(CancelMode.RevertInFlight, "test", null),
        2 => new ExecutionCommand.Pause("test", null),
        3 => new ExecutionCommand.ChangeLimits(new ExecutionLimits(_process.Next(1, 5), _process.Next(3) == 0 ? null : 2_000), "test", null),
        _ => new ExecutionCommand.Resume("test", null),
    };

    private bool Dies() => dies(_point++);

    private void CheckLists()
    {
        foreach (var move in State.Moves.Where(move => _kafka.Partitions.ContainsKey((move.Plan.Topic, move.Plan.Partition))))
        {
            var replicas = _kafka.Partitions[(move.Plan.Topic, move.Plan.Partition)].Replicas;
            if (_kafka.TouchedByOthers.Contains((move.Plan.Topic, move.Plan.Partition)))
            {
                continue;
            }

            if (move.Plan.Kind == MoveKind.Dirs)
            {
                CheckPlace(move, _kafka.Partitions[(move.Plan.Topic, move.Plan.Partition)]);
            }

            if (move.Plan.Kind != MoveKind.Replicas)
            {
                continue;
            }

            var text = $"{move.Name} is {move.State} ({move.Problem}) and lies on [{string.Join(",", replicas)}]; before [{string.Join(",", move.Plan.Before)}], after [{string.Join(",", move.Plan.After)}]";
            Check(replicas.Distinct().Count() == replicas.Count, text);
            Check(replicas.SequenceEqual(move.State == MoveState.Done ? move.Plan.After : move.Plan.Before), text);
            Check(!_kafka.Partitions[(move.Plan.Topic, move.Plan.Partition)].IsOngoing, text);
        }
    }

    private void CheckPlace(ExecutionMove move, FakePartition partition)
    {
        var dir = move.Plan.Dirs[0];
        var text = $"{move.Name} on {dir.Broker} is {move.State} ({move.Problem}) and lies in {partition.DirOf(dir.Broker)}, future {partition.FutureOf(dir.Broker)}";
        if (!partition.Replicas.Contains(dir.Broker) || partition.Adding.Contains(dir.Broker))
        {
            return; // the other move of the partition took it away
        }

        Check(move.State != MoveState.Done || (partition.DirOf(dir.Broker) == dir.To && partition.FutureOf(dir.Broker) is null), text);
        Check(move.State is not (MoveState.Reverted or MoveState.Dropped) || (partition.DirOf(dir.Broker) == FakePartition.FirstDir && partition.FutureOf(dir.Broker) is null), text);
    }

    /// <summary>Brokers that were down come back after the end: the debt at them is paid then.</summary>
    private void ReturnAll()
    {
        ReviveAll();
        for (var end = _tick + 60; _tick < end; _tick++)
        {
            _late.RemoveAll(_ => true);
            _state ??= State;
            var decision = ExecutionMachine.Decide(_state, new ExecutionInput.Observed(Observe()), Policy, Now);
            if (Store(decision))
            {
                decision.Effects.ToList().ForEach(effect => Perform(effect));
            }
        }
    }

    private void CheckThrottles()
    {
        foreach (var (key, value) in _kafka.Configs)
        {
            Check(_foreignConfigs.GetValueOrDefault(key) is { } foreign
                ? ThrottleList.Parse(value).SetEquals(ThrottleList.Parse(foreign))
                : false, $"{key} is left at '{value}', expected '{_foreignConfigs.GetValueOrDefault(key)}'");
        }

        Check(_foreignConfigs.Keys.All(_kafka.Configs.ContainsKey), "a throttle of somebody else is gone");
        Check(State.IsSettled, "the ledger is not settled");
    }

    private void Check(bool holds, string what)
    {
        if (!holds)
        {
            Assert.Fail($"seed {seed}, tick {_tick}, point {_point}: {what}\n{Journal()}");
        }
    }

    private string Journal() => string.Join("\n", _journal.Select(change => JsonSerializer.Serialize(change)));
}
