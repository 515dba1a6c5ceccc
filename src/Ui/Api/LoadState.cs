namespace ControlPlane.Ui.Api;

/// <summary>What a page knows of one answer: nothing yet, the answer, what went wrong, or an older answer and what went wrong since.</summary>
public sealed record LoadState<T>(T? Value = null, ApiProblem? Problem = null, DateTimeOffset? LoadedAt = null)
    where T : class
{
    public bool IsLoading => Value is null && Problem is null;

    /// <summary>There is something to show, but the last attempt to renew it failed.</summary>
    public bool IsOutdated => Value is not null && Problem is not null;
}
