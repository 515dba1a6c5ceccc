namespace ControlPlane.Storage;

internal enum StoragePhase
{
    Connecting,
    Migrating,
    Ready,
    Refused,
}

/// <summary>Where the start of the storage stands; what a page or probe shows while the database is not there yet.</summary>
/// <param name="Problem">What went wrong last and what to do; null while nothing did.</param>
internal sealed record StorageStatus(StoragePhase Phase, string? Problem, int Tries);

/// <summary>Lets everybody else wait until the database is reachable and migrated.</summary>
internal sealed class StorageState : IDisposable
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _decided = new();
    private volatile StorageStatus _status = new(StoragePhase.Connecting, null, 0);

    public StorageStatus Status => _status;

    public bool IsReady => _status.Phase == StoragePhase.Ready;

    /// <summary>Completes when the stores can be used.</summary>
    /// <exception cref="StorageRefusedException">The database can't be used; the process is about to stop.</exception>
    public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => _ready.Task.WaitAsync(cancellationToken);

    /// <summary>For callers that can't await. False when the database is not ready in time or refused.</summary>
    public bool WaitUntilReady(TimeSpan limit)
    {
        _decided.Wait(limit);
        return IsReady;
    }

    public void Report(StorageStatus status)
    {
        _status = status;
        if (status.Phase == StoragePhase.Ready)
        {
            _ready.TrySetResult();
            _decided.Set();
        }
    }

    public void Refuse(StorageRefusedException reason)
    {
        _status = _status with { Phase = StoragePhase.Refused, Problem = reason.Message };
        _ready.TrySetException(reason);
        _ = _ready.Task.Exception; // nobody has to be waiting
        _decided.Set();
    }

    public void Dispose() => _decided.Dispose();
}
