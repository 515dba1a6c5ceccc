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
        foreach (var transition in transitions)
        {
            if (AlertRules.EventOf(transition) is not { } what)
            {
                continue;
            }

            targets ??= await OutboxWriter.LockTargetsAsync(write.Connection, cancellationToken);
            await (what == AlertEvent.Trigger
                ? TriggerAsync(write.Connection, targets, transition.Anomaly, cancellationToken)
                : OutboxWriter.ResolveAsync(write.Connection, targets, transition.Anomaly, PublicUrl, cancellationToken));
        }
    }

    public void Committed() => wake.Queued();

    private async Task TriggerAsync(NpgsqlConnection connection, IReadOnlyList<AlertTarget> targets, Anomaly anomaly, CancellationToken cancellationToken)
    {
        await OutboxWriter.OpenAlertAsync(connection, anomaly, cancellationToken);
        foreach (var target in targets.Where(target => target.Wants(anomaly)))
        {
            var notification = AlertPayloads.Of(target.Kind, AlertEvent.Trigger, anomaly, PublicUrl);
            await OutboxWriter.InsertAsync(connection, target.Id, notification, DeliveryState.Queued, null, cancellationToken);
        }
    }
}
