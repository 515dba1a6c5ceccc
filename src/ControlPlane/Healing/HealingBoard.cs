using System.Collections.Concurrent;
using System.Collections.Immutable;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Healing;

/// <summary>What healing makes of the anomalies of the clusters owned here, as of its last look; for whoever asks.</summary>
internal sealed class HealingBoard
{
    private readonly ConcurrentDictionary<ClusterId, HealingRounds> _rounds = new();
    private readonly ConcurrentDictionary<ClusterId, HealingView> _views = new();

    public IReadOnlyDictionary<ClusterId, HealingView> All => _views;

    public void Open(ClusterId cluster, HealingRounds rounds) => _rounds[cluster] = rounds;

    public void Close(ClusterId cluster, HealingRounds rounds)
    {
        // Another owner-ship of the same cluster may have begun already.
        if (_rounds.TryRemove(KeyValuePair.Create(cluster, rounds)))
        {
            _views.TryRemove(cluster, out _);
        }
    }

    public void Show(ClusterId cluster, HealingView view) => _views[cluster] = view;

    /// <summary>Null where the cluster is not owned here, or the anomaly is none that healing follows now.</summary>
    public StoredDecision? Find(ClusterId cluster, Guid anomaly) =>
        _views.TryGetValue(cluster, out var view) ? view.Decisions.GetValueOrDefault(anomaly) : null;

    /// <summary>A policy was edited: the next look comes at once.</summary>
    public void Nudge(ClusterId cluster)
    {
        if (_rounds.TryGetValue(cluster, out var rounds))
        {
            rounds.Nudge();
        }
    }

    /// <summary>Looks now, and gives what came of it for one anomaly; null where the cluster is not owned here.</summary>
    public async Task<StoredDecision?> LookAsync(ClusterId cluster, Guid anomaly, CancellationToken cancellationToken)
    {
        if (!_rounds.TryGetValue(cluster, out var rounds))
        {
            return null;
        }

        try
        {
            await rounds.LookAsync().WaitAsync(cancellationToken);
            return Find(cluster, anomaly);
        }
        catch (Exception ex) when (ex is ObjectDisposedException or StaleEpochException || (ex is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null; // given up meanwhile
        }
    }
}

/// <summary>One cluster's policy and its latest decisions by anomaly: the guards are those of the last look, id and time those of the stored decision.</summary>
internal sealed record HealingView(HealingPolicy Policy, ImmutableDictionary<Guid, StoredDecision> Decisions);
