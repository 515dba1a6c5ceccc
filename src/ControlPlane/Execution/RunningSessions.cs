using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Execution;

namespace ControlPlane.Execution;

/// <summary>The executions of one cluster that have something left to do: at most one that moves, and those that still owe throttles.</summary>
internal sealed class RunningSessions(OwnedCluster cluster, IKafkaOperations kafka, ExecutionParts parts)
{
    private readonly List<ExecutionSession> _indebted = [];
    private DateTimeOffset _debtsAt;

    public ExecutionSession? Active { get; private set; }

    public IReadOnlyList<LiveExecution> Live => [.. _indebted.Append(Active).OfType<ExecutionSession>().Select(session => session.Live)];

    public ExecutionSession? Find(Guid id) => _indebted.Append(Active).FirstOrDefault(session => session?.Id == id);

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var history in await parts.Store.LoadUnsettledAsync(cluster.Id, cancellationToken))
        {
            var session = new ExecutionSession(cluster, kafka, history, parts);
            if (history.State.IsEnded)
            {
                _indebted.Add(session);
            }
            else if (Active is null)
            {
                Active = session;
                await session.BeginAsync(cancellationToken);
            }
        }
    }

    public async Task StartAsync(ApprovedPlan approved, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        var started = await parts.Store.StartAsync(
            cluster.Lease, id, approved.Plan, approved.ApprovedBy, (write, token) => ApprovedPlans.BeginAsync(write, approved.Plan.Id, id, token), parts.Time.GetUtcNow(), cancellationToken);
        if (started && await parts.Store.LoadAsync(cluster.Id, id, cancellationToken) is { } history)
        {
            Active = new ExecutionSession(cluster, kafka, history, parts);
            await Active.BeginAsync(cancellationToken);
        }
    }

    /// <summary>It has ended; what brokers owe to it is asked for from time to time.</summary>
    public void Retire(ExecutionSession session)
    {
        Active = Active == session ? null : Active;
        if (!session.State.IsSettled)
        {
            _indebted.Add(session);
        }
    }

    /// <summary>Throttles that executions before this one left at brokers that were down.</summary>
    public ImmutableHashSet<ThrottleKey> Owed(ExecutionSession session) =>
        [.. _indebted.Where(other => other != session).SelectMany(other => other.State.Throttles.Values).Where(throttle => throttle.IsOpen).Select(throttle => throttle.Key)];

    public async Task PayDebtsAsync(CancellationToken cancellationToken)
    {
        var now = parts.Time.GetUtcNow();
        if (_indebted.Count == 0 || now < _debtsAt + (Active is null ? parts.Options.Value.Janitor : parts.Options.Value.Look))
        {
            return;
        }

        _debtsAt = now;
        foreach (var session in _indebted.ToList())
        {
            await session.LookAsync(ImmutableHashSet<ThrottleKey>.Empty, cancellationToken);
        }

        _indebted.RemoveAll(session => session.State.IsSettled);
    }
}
