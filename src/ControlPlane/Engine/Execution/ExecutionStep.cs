using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Execution;

/// <summary>One decision in the making: each event is applied at once, so that what is decided next sees it.</summary>
internal sealed class ExecutionStep(ExecutionState state, ExecutionPolicy policy, DateTimeOffset now)
{
    private readonly ImmutableArray<ExecutionEvent>.Builder _events = ImmutableArray.CreateBuilder<ExecutionEvent>();
    private readonly ImmutableArray<ExecutionEffect>.Builder _effects = ImmutableArray.CreateBuilder<ExecutionEffect>();
    private readonly List<ReassignmentWish> _wishes = [];
    private readonly List<ReassignmentWish> _elections = [];
    private readonly List<DirWish> _dirs = [];
    private readonly List<DirWish> _hints = [];

    public ExecutionState State { get; private set; } = state;

    public ExecutionPolicy Policy => policy;

    public DateTimeOffset Now => now;

    public ExecutionDecision Decision
    {
        get
        {
            // Hints first: a broker makes the replica as soon as it hears of it.
            Flush(_hints, wishes => new ExecutionEffect.MoveDirs(wishes, IsHint: true));
            Flush(_wishes, wishes => new ExecutionEffect.Reassign(wishes));
            Flush(_dirs, wishes => new ExecutionEffect.MoveDirs(wishes, IsHint: false));
            Flush(_elections, wishes => new ExecutionEffect.Elect(wishes));

            return new ExecutionDecision(_events.ToImmutable(), _effects.ToImmutable());
        }
    }

    public void Emit(ExecutionEvent change)
    {
        _events.Add(change);
        State = State.Apply(change);
    }

    public void Do(ExecutionEffect effect) => _effects.Add(effect);

    /// <summary>Asks Kafka for this list, or to cancel (null).</summary>
    public void Send(ExecutionMove move, ImmutableArray<int>? target)
    {
        var plan = move.Plan;
        switch (plan.Kind)
        {
            case MoveKind.Election:
                _elections.Add(new ReassignmentWish(move.Order, plan.Topic, plan.Partition, null));
                break;
            case MoveKind.Dirs:
                _dirs.Add(new DirWish(move.Order, plan.Topic, plan.Partition, plan.Dirs[0].Broker, target is null ? plan.Dirs[0].From ?? plan.Dirs[0].To : plan.Dirs[0].To));
                break;
            default:
                _wishes.Add(new ReassignmentWish(move.Order, plan.Topic, plan.Partition, target) { ChangesReplicationFactor = plan.Before.Length != plan.After.Length });
                if (target is { } list && list.SequenceEqual(plan.After))
                {
                    _hints.AddRange(plan.Dirs.Select(dir => new DirWish(move.Order, plan.Topic, plan.Partition, dir.Broker, dir.To)));
                }

                break;
        }
    }

    /// <summary>Whether what was stored as sent then has arrived by now, if it ever will.</summary>
    public bool IsSettled(DateTimeOffset? sentAt) => sentAt is not { } at || now >= at + policy.Settle;

    /// <summary>One event per reason instead of one per move.</summary>
    public void EmitVerdicts(IEnumerable<MoveVerdict> verdicts)
    {
        foreach (var group in verdicts.GroupBy(verdict => verdict with { Order = 0 }).ToList())
        {
            Emit(EventOf(group.Key, [.. group.Select(verdict => verdict.Order)]));
        }
    }

    private void Flush<T>(List<T> wishes, Func<ImmutableArray<T>, ExecutionEffect> effect)
    {
        if (wishes.Count > 0)
        {
            _effects.Add(effect([.. wishes]));
            wishes.Clear();
        }
    }

    private ExecutionEvent EventOf(MoveVerdict verdict, ImmutableArray<int> moves) => verdict.Outcome switch
    {
        MoveOutcome.Seen => new ExecutionEvent.MovesSeen(now, moves),
        MoveOutcome.Unsent => new ExecutionEvent.MovesUnsent(now, moves, verdict.Why),
        MoveOutcome.Done => new ExecutionEvent.MovesDone(now, moves),
        MoveOutcome.Failed => new ExecutionEvent.MovesFailed(now, moves, verdict.Why),
        MoveOutcome.Dropped => new ExecutionEvent.MovesDropped(now, moves, verdict.Why),
        MoveOutcome.Doubted => new ExecutionEvent.MovesDoubted(now, moves, verdict.Doubt, verdict.Why),
        MoveOutcome.Cleared => new ExecutionEvent.MovesCleared(now, moves),
        MoveOutcome.Revert => new ExecutionEvent.RevertSent(now, moves, verdict.Fails, verdict.Why),
        MoveOutcome.Restore => new ExecutionEvent.RestoreSent(now, moves),
        MoveOutcome.Reverted => new ExecutionEvent.MovesReverted(now, moves),
        _ => throw new InvalidOperationException($"Unhandled verdict {verdict.Outcome}"),
    };
}

/// <summary>What an observation makes of a move.</summary>
internal enum MoveOutcome
{
    Seen,
    Unsent,
    Done,
    Failed,
    Dropped,
    Doubted,
    Cleared,
    Revert,
    Restore,
    Reverted,
}

/// <summary>A verdict about one move.</summary>
internal sealed record MoveVerdict(int Order, MoveOutcome Outcome, string Why = "")
{
    public DoubtKind Doubt { get; init; }

    public bool Fails { get; init; }
}
