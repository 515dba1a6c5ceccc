using ControlPlane.Clusters;

namespace ControlPlane.Alerts;

/// <summary>Tells this process's sender that there is something to send, and pages that deliveries changed.</summary>
internal sealed class AlertWake(ChangeHub changes, TimeProvider time)
{
    private readonly Pulse _pulse = new(time);

    /// <summary>After deliveries were put into the outbox by this process.</summary>
    public void Queued()
    {
        _pulse.Nudge();
        changes.Publish(new ClusterChange(default, ChangeKind.Alerts, 0));
    }

    /// <summary>After a place for another delivery became free.</summary>
    public void Nudge() => _pulse.Nudge();

    public Task WaitAsync(TimeSpan interval, CancellationToken cancellationToken) => _pulse.WaitAsync(interval, cancellationToken);
}
