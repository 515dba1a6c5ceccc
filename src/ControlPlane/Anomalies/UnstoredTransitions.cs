using ControlPlane.Engine.Anomalies;

namespace ControlPlane.Anomalies;

/// <summary>Transitions of one cluster that are not stored yet, in order. While the database is away it grows only with changes of state.</summary>
internal sealed class UnstoredTransitions
{
    private readonly Lock _lock = new();
    private readonly List<AnomalyTransition> _waiting = [];
    private TaskCompletionSource _added = New();

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count == 0;
            }
        }
    }

    public void Add(IEnumerable<AnomalyTransition> transitions)
    {
        lock (_lock)
        {
            foreach (var transition in transitions)
            {
                DropOvertaken(transition);
                _waiting.Add(transition);
            }

            if (_waiting.Count > 0)
            {
                _added.TrySetResult();
            }
        }
    }

    /// <summary>All that wait; they stay until <see cref="Stored"/>.</summary>
    public async Task<IReadOnlyList<AnomalyTransition>> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task added;
            lock (_lock)
            {
                if (_waiting.Count > 0)
                {
                    return [.. _waiting];
                }

                if (_added.Task.IsCompleted)
                {
                    _added = New();
                }

                added = _added.Task;
            }

            await added.WaitAsync(cancellationToken);
        }
    }

    public void Stored(IReadOnlyList<AnomalyTransition> transitions)
    {
        lock (_lock)
        {
            _waiting.RemoveAll(transitions.Contains);
        }
    }

    /// <summary>A waiting change within the state that the next transition starts from says nothing that the next one does not.</summary>
    private void DropOvertaken(AnomalyTransition next) =>
        _waiting.RemoveAll(waiting => waiting.Anomaly.Id == next.Anomaly.Id && waiting.Before == waiting.Anomaly.State && next.Before == waiting.Anomaly.State);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
