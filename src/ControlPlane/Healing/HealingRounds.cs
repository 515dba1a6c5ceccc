using System.Collections.Immutable;
using ControlPlane.Clusters;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using ControlPlane.Storage;

namespace ControlPlane.Healing;

/// <summary>Looks at the anomalies of one cluster, decides about each, and does what was decided. One look at a time.</summary>
internal sealed class HealingRounds(OwnedCluster cluster, HealingReader reader, HealingActs acts, HealingRecord record, TimeProvider time) : IDisposable
{
    /// <summary>How long an act that was refused is not tried again: what refused it is no guard, so nothing tells when it ends.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(30);

    /// <summary>A look makes a plan, looks again, and approves it; more steps than these would be a decision that does not hold.</summary>
    private const int MaxSteps = 3;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Pulse _pulse = new(time);
    private readonly Dictionary<Guid, DateTimeOffset> _retryAt = [];
    private ImmutableDictionary<Guid, StoredDecision>? _latest;

    /// <summary>When something is due by itself: a grace time or a pause ends.</summary>
    public DateTimeOffset? Due { get; private set; }

    /// <summary>Whether there is anything to follow.</summary>
    public bool IsBusy { get; private set; } = true;

    public void Nudge() => _pulse.Nudge();

    public Task WaitAsync(TimeSpan interval, CancellationToken cancellationToken) => _pulse.WaitAsync(interval, cancellationToken);

    /// <summary>Ends early only where the cluster is given up: who asked may go away, what was begun is brought to an end.</summary>
    public async Task LookAsync()
    {
        await _gate.WaitAsync(cluster.Stopping);
        try
        {
            await LookAloneAsync(cluster.Stopping);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task LookAloneAsync(CancellationToken cancellationToken)
    {
        _latest ??= (await reader.LoadLatestAsync(cluster.Id, cancellationToken)).ToImmutableDictionary(decision => decision.AnomalyId);
        var policy = await reader.LoadPolicyAsync(cluster.Id, cancellationToken);
        var anomalies = await reader.LoadAnomaliesAsync(cluster.Id, _latest.Values.Where(last => !last.Decision.IsFinal).Select(last => last.AnomalyId), cancellationToken);
        foreach (var anomaly in anomalies)
        {
            if (cluster.MayAct)
            {
                await DecideAsync(anomaly, cancellationToken);
            }
        }

        Forget(anomalies);
        record.Show(cluster.Id, new HealingView(policy, _latest));
        (IsBusy, Due) = (anomalies.Count > 0, NextDue(policy));
    }

    private async Task DecideAsync(Anomaly anomaly, CancellationToken cancellationToken)
    {
        for (var step = 0; step < MaxSteps; step++)
        {
            var input = await reader.ReadAsync(anomaly, cluster.Actor.Model, time.GetUtcNow(), cancellationToken);
            var decision = HealingRules.Evaluate(input);
            if (decision.Act is HealingAct.Nothing)
            {
                await KeepAsync(input, decision, cancellationToken);
                return;
            }

            if (_retryAt.TryGetValue(anomaly.Id, out var retryAt) && input.Now < retryAt)
            {
                return;
            }

            if (!await ActAsync(input, decision, cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>True where another look is due, because something was changed by it.</summary>
    private async Task<bool> ActAsync(HealingInput input, HealingDecision decision, CancellationToken cancellationToken)
    {
        switch (decision)
        {
            case { Act: HealingAct.Withdraw, PlanId: { } plan }:
                await acts.WithdrawAsync(cluster.Id, plan, "The broker is back: nothing is left to restore.", cancellationToken);
                await KeepAsync(input, decision, cancellationToken);
                return false;
            case { Act: HealingAct.Heal, PlanId: { } plan }:
                return await StartAsync(input, decision, plan, cancellationToken);
            case { Act: HealingAct.Renew, PlanId: { } plan }:
                await KeepAsync(input, decision, cancellationToken);
                var why = string.Join(" ", input.Work!.Repairs.First(repair => repair.PlanId == plan).Changes);
                // Not replaced where somebody decided about it in this moment: the next look sees what.
                return !await acts.SupersedeAsync(cluster.Id, plan, why, cancellationToken) || await MakeAsync(input, decision with { PlanId = null }, cancellationToken);
            default:
                return await MakeAsync(input, decision, cancellationToken);
        }
    }

    private async Task<bool> MakeAsync(HealingInput input, HealingDecision decision, CancellationToken cancellationToken)
    {
        var made = await acts.MakePlanAsync(input.Anomaly, cancellationToken);
        return made.WasDone || await RefuseAsync(input, decision, made.Why, cancellationToken);
    }

    /// <summary>The decision is stored before the yes is said: whoever finds the plan proposed after a crash says yes to it, and makes no second one.</summary>
    private async Task<bool> StartAsync(HealingInput input, HealingDecision decision, Guid id, CancellationToken cancellationToken)
    {
        var (plan, why) = await acts.CheckAsync(cluster.Id, id, cancellationToken);
        if (plan is null)
        {
            return await RefuseAsync(input, decision with { PlanId = null }, why, cancellationToken);
        }

        await KeepAsync(input, decision with { Sentence = $"Starts plan {plan.Id}: {plan.Sentence}" }, cancellationToken);
        if (!cluster.MayAct)
        {
            return false;
        }

        var approved = await acts.ApproveAsync(plan, $"{input.Anomaly.Key.Subject}: all {decision.Guards.Length} guards pass", cancellationToken);
        if (!approved.WasDone)
        {
            return await RefuseAsync(input, decision, approved.Why, cancellationToken);
        }

        record.Metrics.Count(input.Anomaly, "started");
        return true;
    }

    private async Task<bool> RefuseAsync(HealingInput input, HealingDecision decision, string why, CancellationToken cancellationToken)
    {
        _retryAt[input.Anomaly.Id] = input.Now + RetryPause;
        record.Metrics.Count(input.Anomaly, "refused");
        var refused = new HealingDecision(
            HealingOutcome.Blocked, Status.Warn, $"Blocked: {why} It is tried again in {RetryPause.TotalSeconds:0} s.", null, decision.Guards.Add(new Guard("plan", false, why)))
        { PlanId = decision.PlanId };
        await KeepAsync(input, refused, cancellationToken);
        return false;
    }

    /// <summary>Stores a decision that is news, and shows it in any case.</summary>
    private async Task KeepAsync(HealingInput input, HealingDecision decision, CancellationToken cancellationToken)
    {
        var last = _latest!.GetValueOrDefault(input.Anomaly.Id);
        var next = last is not null && last.Decision.SaysTheSameAs(decision)
            ? last with { Decision = decision }
            : await record.StoreAsync(cluster.Lease, input, decision, cancellationToken);
        _latest = _latest!.SetItem(input.Anomaly.Id, next);
    }

    /// <summary>What is over and decided is only in the database from now on.</summary>
    private void Forget(IReadOnlyList<Anomaly> anomalies)
    {
        var open = anomalies.Where(anomaly => anomaly.State is not AnomalyState.Resolved).Select(anomaly => anomaly.Id).ToHashSet();
        _latest = _latest!.RemoveRange(_latest!.Where(entry => entry.Value.Decision.IsFinal && !open.Contains(entry.Key)).Select(entry => entry.Key));
        foreach (var id in _retryAt.Keys.Where(id => !open.Contains(id)).ToArray())
        {
            _retryAt.Remove(id);
        }
    }

    private DateTimeOffset? NextDue(HealingPolicy policy) => _latest!.Values.Select(last => last.Decision.ActsAt)
        .Append(policy.IsPaused(time.GetUtcNow()) ? policy.Pause!.Until : null)
        .Where(at => at is not null).Min();
}
