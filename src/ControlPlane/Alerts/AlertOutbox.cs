using ControlPlane.Clusters;
using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ControlPlane.Alerts;

/// <summary>
/// Turns transitions of anomalies into deliveries inside the transaction that stores the transition: an alert can neither be lost
/// nor be sent for something that was not stored.
/// </summary>
internal sealed class AlertOutbox(AlertWake wake, ProcessIdentity process, IOptions<AlertsOptions> options) : IAnomalySink
{
    private string PublicUrl => options.Value.PublicUrl is { Length: > 0 } url ? url : process.Address;

    public async Task WriteAsync(GuardedWrite write, IReadOnlyList<AnomalyTransition> transitions, CancellationToken cancellationToken)
    {
        IReadOnlyList<AlertTarget>? targets = null;
        foreach (var transition in transitions.OrderBy(one => one.Anomaly.Last.Storm is null)) // who speaks for others is told before them
        {
            var (what, anomaly) = (AlertRules.EventOf(transition), transition.Anomaly);
            if (what is null && !AlertRules.IsChange(transition))
            {
                continue;
            }

            targets ??= await OutboxWriter.LockTargetsAsync(write.Connection, cancellationToken);
            await (what switch
            {
                AlertEvent.Trigger => TriggerAsync(write.Connection, targets, anomaly, cancellationToken),
                AlertEvent.Resolve => ResolveAsync(write.Connection, targets, anomaly, cancellationToken),
                _ => ChangeAsync(write.Connection, targets, anomaly, cancellationToken),
            });
        }
    }

    public void Committed() => wake.Queued();

    private async Task TriggerAsync(NpgsqlConnection connection, IReadOnlyList<AlertTarget> targets, Anomaly anomaly, CancellationToken cancellationToken)
    {
        await OutboxWriter.OpenAlertAsync(connection, anomaly, cancellationToken);
        var speakers = await SpeakersAsync(connection, anomaly, cancellationToken);
        foreach (var target in targets.Where(target => target.Wants(anomaly)))
        {
            await TellAsync(connection, target, anomaly, Speaking.OnTrigger(anomaly.Last, new TargetStanding(false, speakers.Contains(target.Id))), null, cancellationToken);
        }

        await HushAsync(connection, anomaly, cancellationToken);
    }

    private async Task ChangeAsync(NpgsqlConnection connection, IReadOnlyList<AlertTarget> targets, Anomaly anomaly, CancellationToken cancellationToken)
    {
        var (isWorse, isNews) = await OutboxWriter.MoveAlertAsync(connection, anomaly, cancellationToken);
        if (isWorse || isNews)
        {
            var triggers = await OutboxWriter.LockTriggersAsync(connection, anomaly.Id, cancellationToken);
            var speakers = await SpeakersAsync(connection, anomaly, cancellationToken);
            foreach (var target in targets.Where(target => target.Wants(anomaly)))
            {
                SentTrigger[] sent = [.. triggers[target.Id]];
                var standing = new TargetStanding(sent.Any(Superseding.IsTold), speakers.Contains(target.Id));
                await TellAsync(connection, target, anomaly, Speaking.OnChange(anomaly.Last, standing, isWorse, isNews), sent.Length == 0 ? null : sent[0].Id, cancellationToken);
            }
        }

        await HushAsync(connection, anomaly, cancellationToken);
    }

    private async Task ResolveAsync(NpgsqlConnection connection, IReadOnlyList<AlertTarget> targets, Anomaly anomaly, CancellationToken cancellationToken)
    {
        await OutboxWriter.ResolveAsync(connection, targets, anomaly, PublicUrl, cancellationToken);
        if (anomaly.Last.Storm is null)
        {
            return;
        }

        foreach (var left in await StormWriter.ListLeftAsync(connection, anomaly, cancellationToken))
        {
            if (targets.FirstOrDefault(target => target.Id == left.Target) is { } target && target.Wants(left.Anomaly))
            {
                await TellAsync(connection, target, left.Anomaly, TellFate.Tell, left.Unsent, cancellationToken);
            }
        }
    }

    /// <summary>Does what was decided for one target.</summary>
    /// <param name="before">An earlier notification of the same anomaly at this target: without it, one is made once only.</param>
    private async Task TellAsync(NpgsqlConnection connection, AlertTarget target, Anomaly anomaly, TellFate fate, Guid? before, CancellationToken cancellationToken)
    {
        if (fate == TellFate.Nothing)
        {
            return;
        }

        var first = fate switch
        {
            TellFate.SpokenFor => new FirstState(DeliveryState.Superseded, Why: StormWriter.SpokenFor),
            TellFate.TellLater => new FirstState(DeliveryState.Queued, Speaking.Wait),
            _ => new FirstState(DeliveryState.Queued),
        };
        await OutboxWriter.InsertAsync(connection, target.Id, AlertPayloads.Of(target.Kind, AlertEvent.Trigger, anomaly, PublicUrl), first, before, cancellationToken);
    }

    private static async Task<IReadOnlySet<Guid>> SpeakersAsync(NpgsqlConnection connection, Anomaly anomaly, CancellationToken cancellationToken) =>
        anomaly.Last.IsGrouped ? await StormWriter.ListSpeakersAsync(connection, anomaly, cancellationToken) : new HashSet<Guid>();

    private static Task HushAsync(NpgsqlConnection connection, Anomaly anomaly, CancellationToken cancellationToken) =>
        anomaly.Last.Storm is { } storm ? StormWriter.HushAsync(connection, anomaly, storm, cancellationToken) : Task.CompletedTask;
}
