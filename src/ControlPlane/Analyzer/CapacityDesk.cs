using System.Collections.Concurrent;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;

namespace ControlPlane.Analyzer;

/// <summary>A cluster that might be, and the best plan for it.</summary>
internal sealed record WhatIfAnswer(WhatIfModel Changed, BuiltModel Built, OptimizerResult Result);

/// <summary>Whether a cluster has the size it needs, and how it is loaded now.</summary>
internal sealed record RightsizingAnswer(DateTimeOffset At, RightsizingResult Size, BuiltModel Built, OptimizerResult Now, OptimizerWish Wish);

/// <summary>Answers questions about clusters that might be. Nothing is stored; one question at a time, because each may take all threads.</summary>
internal sealed class CapacityDesk(OptimizerDesk desk, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SizeDeadline = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _one = new(1);
    private readonly ConcurrentDictionary<ClusterId, RightsizingAnswer> _sizes = new();

    /// <summary>The best plan for a changed copy of the model.</summary>
    /// <exception cref="OptimizerRefusal">A change names what is not there, or can't be.</exception>
    public Task<WhatIfAnswer> AskAsync(ClusterModel picture, OptimizerWish wish, IReadOnlyList<WhatIfChange> changes, TimeSpan deadline, CancellationToken cancellationToken) =>
        OneAtATimeAsync(picture, deadline, (built, token) =>
        {
            var changed = WhatIf.Apply(built.Model, built.Fit(wish), changes);
            return new WhatIfAnswer(changed, built, Optimizer.Run(changed.Model, changed.Wish, null, token));
        }, cancellationToken);

    /// <summary>A minute old at most: it takes many runs of the optimizer, and pages ask again and again.</summary>
    public async Task<RightsizingAnswer> SizeAsync(ClusterModel picture, CancellationToken cancellationToken) =>
        _sizes.TryGetValue(picture.Id, out var known) && time.GetUtcNow() - known.At < Fresh
            ? known
            : _sizes[picture.Id] = await OneAtATimeAsync(picture, SizeDeadline, (built, token) =>
            {
                var wish = built.Fit(OptimizerWish.Rebalance);
                var now = Optimizer.Run(built.Model, wish, null, token);
                return new RightsizingAnswer(time.GetUtcNow(), Rightsizing.Run(built.Model, wish, 1, null, token), built, now, wish);
            }, cancellationToken);

    public void Dispose() => _one.Dispose();

    private async Task<T> OneAtATimeAsync<T>(ClusterModel picture, TimeSpan deadline, Func<BuiltModel, CancellationToken, T> work, CancellationToken cancellationToken)
    {
        var built = await desk.BuildAsync(picture, cancellationToken);
        await _one.WaitAsync(cancellationToken);
        try
        {
            using var limit = new CancellationTokenSource(deadline, time);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            return await Task.Run(() => work(built, ending.Token), CancellationToken.None);
        }
        finally
        {
            _one.Release();
        }
    }
}
