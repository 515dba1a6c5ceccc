using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;
using ControlPlane.Storage;
using ClusterChange = ControlPlane.Clusters.ClusterChange;

namespace ControlPlane.Execution;

/// <summary>
/// One execution in the hands of the cluster's owner: looks, has the machine decide, stores, and only then acts. Whatever fails on
/// the way ends the session; the next one begins with what is stored.
/// </summary>
internal sealed class ExecutionSession(OwnedCluster cluster, IKafkaOperations kafka, ExecutionHistory history, ExecutionParts parts)
{
    private readonly ExecutionOptions _options = parts.Options.Value;
    private readonly ProgressMeter _meter = new();
    private long _sequence = history.Execution.Sequence;
    private DateTimeOffset _sizesAt;
    private ReplicaSizes? _sizes;

    public Guid Id { get; } = history.Execution.Id;

    public ExecutionState State { get; private set; } = history.State;

    public LiveExecution Live => new(Id, State, _meter.Progress);

    public Task BeginAsync(CancellationToken cancellationToken) =>
        HearAsync(new ExecutionInput.TookOver(parts.Process.Name), cancellationToken);

    /// <summary>Null, or why the command makes no sense now.</summary>
    public async Task<string?> ObeyAsync(ExecutionCommand command, CancellationToken cancellationToken)
    {
        if (CommandRules.Refuse(State, command) is { } why)
        {
            return why;
        }

        await HearAsync(new ExecutionInput.Commanded(command), cancellationToken);
        return null;
    }

    /// <summary>One look and what follows from it; true where something happened, so that the next look is worth it at once.</summary>
    public async Task<bool> LookAsync(IReadOnlySet<ThrottleKey> owedElsewhere, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Settle);
        if (await ObservationReader.ReadAsync(kafka, State, owedElsewhere, parts.Time.GetUtcNow(), limit.Token) is not { } seen)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }

        await MeasureAsync(seen, limit.Token);
        seen = seen with { LastGrowth = _meter.LastGrowth };
        if (_sizes is { } sizes)
        {
            seen = seen with { FreeBytes = sizes.FreeBytes, FreeByDir = sizes.FreeByDir, Places = sizes.Places, PlacesAt = _sizesAt };
        }

        return await HearAsync(new ExecutionInput.Observed(seen), cancellationToken);
    }

    private async Task MeasureAsync(ClusterObservation seen, CancellationToken cancellationToken)
    {
        if (!State.IsEnded && seen.At >= _sizesAt + _options.Sizes)
        {
            (_sizes, _sizesAt) = (await ObservationReader.ReadSizesAsync(kafka, State, seen.Alive, cancellationToken), seen.At);
        }

        _meter.Measure(State, _sizes, seen.At);
    }

    private async Task<bool> HearAsync(ExecutionInput input, CancellationToken cancellationToken)
    {
        var decision = ExecutionMachine.Decide(State, input, _options.Policy, parts.Time.GetUtcNow());
        if (!decision.Events.IsEmpty)
        {
            await StoreAsync(decision.Events, cancellationToken);
        }

        var happened = !decision.Events.IsEmpty;
        foreach (var effect in decision.Effects)
        {
            if (await ActAsync(effect, cancellationToken) is { } answer)
            {
                happened |= await HearAsync(answer, cancellationToken);
            }
        }

        return happened;
    }

    private async Task StoreAsync(ImmutableArray<ExecutionEvent> events, CancellationToken cancellationToken)
    {
        var after = events.Aggregate(State, (state, change) => state.Apply(change));
        var end = events.OfType<ExecutionEvent.Finished>().SingleOrDefault();
        _sequence = await parts.Store.AppendAsync(
            cluster.Lease, Id, _sequence, events, after,
            end is null ? null : (write, token) => ApprovedPlans.EndAsync(write, history.Execution.Plan, end.Outcome, end.Residue.FirstOrDefault(), token),
            cancellationToken);
        State = after;
        parts.Changes.Publish(new ClusterChange(cluster.Id, ChangeKind.Executions, _sequence));
    }

    /// <summary>Sends only while the lease has time left: what is sent must have arrived before another owner looks.</summary>
    private async Task<ExecutionInput?> ActAsync(ExecutionEffect effect, CancellationToken cancellationToken)
    {
        var left = cluster.Lease.TimeLeft(parts.Time) - _options.LeaseMargin;
        if (left <= TimeSpan.Zero || !cluster.MayAct)
        {
            return effect is ExecutionEffect.Reassign unsent
                ? new ExecutionInput.Reassigned([.. unsent.Wishes.Select(wish => new MoveAnswer(wish.Order, AnswerKind.NotSent, "the lease on the cluster had too little time left"))])
                : null;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(left < _options.RequestTimeout ? left : _options.RequestTimeout);
        switch (effect)
        {
            case ExecutionEffect.Reassign reassign:
                return new ExecutionInput.Reassigned([.. await kafka.ReassignAsync(reassign.Wishes, limit.Token)]);
            case ExecutionEffect.AlterThrottles alter:
                return new ExecutionInput.ThrottlesAltered(alter.Changes, [.. await kafka.AlterThrottlesAsync(alter.Changes, limit.Token)]);
            case ExecutionEffect.Elect elect:
                return new ExecutionInput.Reassigned([.. await kafka.ElectPreferredAsync(elect.Partitions, limit.Token)]);
            case ExecutionEffect.MoveDirs dirs:
                var answers = await kafka.MoveDirsAsync(dirs.Wishes, limit.Token);
                return dirs.IsHint ? null : new ExecutionInput.Reassigned([.. answers]);
            default:
                throw new InvalidOperationException($"Unhandled execution effect {effect.GetType().Name}");
        }
    }
}
