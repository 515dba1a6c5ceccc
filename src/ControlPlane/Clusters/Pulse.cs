namespace ControlPlane.Clusters;

/// <summary>The rhythm of a loop: waits for its interval, or less when somebody asks for the next round now.</summary>
internal sealed class Pulse(TimeProvider time)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _nudged = New();

    /// <summary>Ends the wait that runs, or the next one. Several nudges count as one.</summary>
    public void Nudge()
    {
        lock (_lock)
        {
            _nudged.TrySetResult();
        }
    }

    /// <summary>True where the wait was ended by a nudge.</summary>
    public async Task<bool> WaitAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task nudged;
        lock (_lock)
        {
            nudged = _nudged.Task;
        }

        await Task.WhenAny(nudged, Task.Delay(interval, time, limit.Token));
        await limit.CancelAsync(); // frees the timer
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            var wasNudged = _nudged.Task.IsCompleted;
            if (wasNudged)
            {
                _nudged = New();
            }

            return wasNudged;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
