using System.Collections.Immutable;
using System.Text.Json;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Execution;

namespace ControlPlane.Engine.Tests.Execution;

/// <summary>
/// One execution in a world of faults, whose process dies wherever it is told to: its state is thrown away, what it
/// was about to send may still arrive a little later, and a new one goes on from the journal alone.
/// </summary>
internal sealed class ExecutionRun
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    private static readonly ExecutionPolicy Policy = new()
    {
        Settle = TimeSpan.FromSeconds(5),
        Patience = TimeSpan.FromSeconds(20),
        Recovery = TimeSpan.FromSeconds(6),
        StallAfter = TimeSpan.FromSeconds(15),
        BatchSize = 3,
        ElectionBatch = 2,
    };

    private readonly int _seed;
    private readonly Func<int, bool> _dies;
    private readonly Action<ExecutionRun>? _atEachPoint;
    private readonly ExecutionWorld _world;
    private readonly List<ExecutionEvent> _journal;
    private Luck _luck;
    private ExecutionState? _state;
    private Dictionary<string, ObservedTopic>? _stale;
    private bool _hasEnded;
    private int _point;

    /// <param name="atEachPoint">Gets at each step a copy of the world in which the process has just died there.</param>
    public ExecutionRun(int seed, Func<int, bool> dies, Action<ExecutionRun>? atEachPoint = null)
    {
        (_seed, _dies, _atEachPoint, _world, _journal, _luck) = (seed, dies, atEachPoint, new ExecutionWorld(seed), [], new Luck(seed + 1_000_000));
    }

    private ExecutionRun(ExecutionRun other)
    {
        (_seed, _dies, _world, _journal, _luck) = (other._seed, _ => false, other._world.Copy(), [.. other._journal], other._luck);
        (_stale, _hasEnded, _point) = (other._stale, other._hasEnded, other._point);
    }

    public ExecutionState State => _journal.Aggregate(ExecutionState.Of(_world.Plan, _world.Limits, "kafka"), (state, change) => state.Apply(change));

    private FakeKafka Kafka => _world.Kafka;

    private DateTimeOffset Now => Start.AddSeconds(_world.Tick);

    public ExecutionRun Play()
    {
        while (_world.Tick < ExecutionWorld.LastTick && !_hasEnded)
        {
            _world.NextTick();
            _world.Trouble();
            Round();
        }

        Check(_hasEnded, () => $"it never ended: {string.Join(" ", State.Moves.Select(move => $"{move.Name}:{move.State}:{move.Doubt?.Why}"))}");
        CheckLists();
        ReturnAll();
        CheckLists();
        CheckThrottles();
        Check(Kafka.Violations.Count == 0, () => string.Join("; ", Kafka.Violations));
        return this;
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

        if (_world.IsFaulty && _luck.Next(25) == 0 && !Store(ExecutionMachine.Decide(_state!, new ExecutionInput.Commanded(AnyCommand()), Policy, Now)))
        {
            return;
        }

        if (!_world.IsFaulty && _state!.IsPauseAsked && !Store(ExecutionMachine.Decide(_state!, new ExecutionInput.Commanded(new ExecutionCommand.Resume("test", null)), Policy, Now)))
        {
            return;
        }

        var decision = ExecutionMachine.Decide(_state!, new ExecutionInput.Observed(Observe()), Policy, Now);
        if ((decision.Events.Length + decision.Effects.Length == 0 || !Dies([])) && Store(decision))
        {
            Act(decision.Effects);
        }
    }

    private bool Store(ExecutionDecision decision)
    {
        foreach (var change in decision.Events)
        {
            // Through JSON where it is worth the time: what is stored is text.
            _journal.Add(_seed % 25 == 0 ? JsonSerializer.Deserialize<ExecutionEvent>(JsonSerializer.Serialize(change))! : change);
            _state = _state!.Apply(change);
            _hasEnded |= change is ExecutionEvent.Finished;
        }

        return decision.Events.Length == 0 || !Dies(decision.Effects);
    }

    private void Act(ImmutableArray<ExecutionEffect> effects)
    {
        for (var i = 0; i < effects.Length; i++)
        {
            var controllerMoves = _world.IsFaulty && _luck.Next(12) == 0;
            var answerIsLost = _world.IsFaulty && _luck.Next(8) == 0;
            var input = controllerMoves ? AnswersOf(effects[i], AnswerKind.NotSent) : answerIsLost ? Lose(effects[i]) : _world.Perform(effects[i]);
            if (Dies(effects[(i + 1)..]) || (input is not null && !Store(ExecutionMachine.Decide(_state!, input, Policy, Now))))
            {
                return;
            }
        }
    }

    /// <summary>It is done now or a little later, or never was; who sent it only knows that nobody answered.</summary>
    private ExecutionInput? Lose(ExecutionEffect effect)
    {
        switch (_luck.Next(3))
        {
            case 0:
                _world.Perform(effect);
                break;
            case 1:
                _world.Delay(effect, ref _luck);
                break;
        }

        return AnswersOf(effect, AnswerKind.Unknown);
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
        var fresh = Kafka.Metadata();
        var lags = _stale is not null && _luck.Next(6) == 0 && fresh.Keys.All(_stale.ContainsKey);
        var topics = lags ? _stale! : fresh;
        _stale = fresh;
        var keys = _world.Plan.SelectMany(move => new ThrottleKey[] { new(move.Topic, null, ThrottleKey.LeaderReplicas), new(move.Topic, null, ThrottleKey.FollowerReplicas) })
            .Where(key => Kafka.Topics.ContainsKey(key.Topic!))
            .Concat(Kafka.Alive.SelectMany(broker => new ThrottleKey[] { new(null, broker, ThrottleKey.LeaderRate), new(null, broker, ThrottleKey.FollowerRate) }));
        return new ClusterObservation(Now)
        {
            KafkaClusterId = "kafka",
            Alive = Kafka.Alive.ToHashSet(),
            Topics = topics.Where(topic => Kafka.Topics.ContainsKey(topic.Key)).ToDictionary(),
            MissingTopics = _world.Plan.Select(move => move.Topic).Where(topic => !Kafka.Topics.ContainsKey(topic)).ToHashSet(),
            Ongoing = Kafka.Ongoing(),
            Places = Kafka.Places(),
            PlacesAt = Now,
            Throttles = keys.Distinct().ToDictionary(key => key, key => Kafka.Configs.TryGetValue(key, out var value) ? value : null),
        };
    }

    private ExecutionCommand AnyCommand() => _luck.Next(5) switch
    {
        0 => new ExecutionCommand.Cancel(CancelMode.FinishInFlight, "test", null),
        1 => new ExecutionCommand.Cancel(CancelMode.RevertInFlight, "test", null),
        2 => new ExecutionCommand.Pause("test", null),
        3 => new ExecutionCommand.ChangeLimits(new ExecutionLimits(_luck.Next(1, 5), _luck.Next(3) == 0 ? null : 2_000), "test", null),
        _ => new ExecutionCommand.Resume("test", null),
    };

    /// <summary>A step at which the process may die; what it was about to send then may still arrive, when its successor is at work already.</summary>
    private bool Dies(ImmutableArray<ExecutionEffect> unsent)
    {
        var dies = _dies(_point++);
        if (_atEachPoint is not null)
        {
            var dead = new ExecutionRun(this);
            dead.Leave(unsent);
            _atEachPoint(dead);
        }

        if (dies)
        {
            Leave(unsent);
        }

        return dies;
    }

    private void Leave(ImmutableArray<ExecutionEffect> unsent)
    {
        _state = null;
        if (unsent.Length > 0 && _luck.Next(2) == 0)
        {
            foreach (var effect in unsent)
            {
                _world.Delay(effect, ref _luck);
            }
        }
    }

    private void CheckLists()
    {
        foreach (var move in State.Moves)
        {
            var key = (move.Plan.Topic, move.Plan.Partition);
            if (!Kafka.Partitions.TryGetValue(key, out var partition) || Kafka.TouchedByOthers.Contains(key))
            {
                continue;
            }

            if (move.Plan.Kind != MoveKind.Replicas)
            {
                CheckPlace(move, partition);
                continue;
            }

            var expected = move.State == MoveState.Done ? move.Plan.After : move.Plan.Before;
            Check(
                partition.Replicas.SequenceEqual(expected) && !partition.IsOngoing && expected.Distinct().Count() == expected.Length,
                () => $"{move.Name} is {move.State} ({move.Problem}) and lies on [{string.Join(",", partition.Replicas)}]; "
                    + $"before [{string.Join(",", move.Plan.Before)}], after [{string.Join(",", move.Plan.After)}]");
        }
    }

    private void CheckPlace(ExecutionMove move, FakePartition partition)
    {
        if (move.Plan.Kind != MoveKind.Dirs || !partition.Replicas.Contains(move.Plan.Dirs[0].Broker))
        {
            return; // who leads may change again, and the other move of the partition may have taken the replica away
        }

        var (dir, state) = (move.Plan.Dirs[0], move.State);
        var (path, future) = (partition.DirOf(dir.Broker), partition.FutureOf(dir.Broker));
        Check(
            state == MoveState.Done ? path == dir.To && future is null : state is not (MoveState.Reverted or MoveState.Dropped) || (path == FakePartition.FirstDir && future is null),
            () => $"{move.Name} on {dir.Broker} is {state} ({move.Problem}) and lies in {path}, on its way to {future}");
    }

    /// <summary>Brokers that were down come back after the end, and what was on its way arrives: the debt at them is paid then.</summary>
    private void ReturnAll()
    {
        _world.ReviveAll();
        for (var rounds = 0; rounds < 60; rounds++)
        {
            _world.NextTick();
            _state ??= State;
            Pay(ExecutionMachine.Decide(_state, new ExecutionInput.Observed(Observe()), Policy, Now));
        }
    }

    private void Pay(ExecutionDecision decision)
    {
        foreach (var change in decision.Events)
        {
            _journal.Add(change);
            _state = _state!.Apply(change);
        }

        foreach (var effect in decision.Effects)
        {
            if (_world.Perform(effect) is { } answers)
            {
                Pay(ExecutionMachine.Decide(_state!, answers, Policy, Now));
            }
        }
    }

    private void CheckThrottles()
    {
        foreach (var (key, value) in Kafka.Configs)
        {
            Check(
                _world.ForeignConfigs.TryGetValue(key, out var foreign) && ThrottleList.Parse(value).SetEquals(ThrottleList.Parse(foreign)),
                () => $"{key} is left at '{value}', expected '{_world.ForeignConfigs.GetValueOrDefault(key)}'");
        }

        Check(_world.ForeignConfigs.Keys.All(Kafka.Configs.ContainsKey), () => "a throttle of somebody else is gone");
        Check(State.IsSettled, () => "the ledger is not settled");
    }

    private void Check(bool holds, Func<string> what)
    {
        if (!holds)
        {
            Assert.Fail($"seed {_seed}, tick {_world.Tick}, point {_point}: {what()}\n{string.Join("\n", _journal.Select(change => JsonSerializer.Serialize(change)))}");
        }
    }
}
