using System.Diagnostics.Metrics;
using ControlPlane.Engine.Alerts;
using ControlPlane.Engine.Anomalies;
using ControlPlane.Storage;

namespace ControlPlane.Alerts;

/// <summary>What is measured of alerts. Standing alerts and the queue are the installation's, so every process tells the same of them.</summary>
internal sealed class AlertMeter : IDisposable
{
    public const string Name = "ControlPlane.Alerts";

    private readonly Meter _meter;
    private readonly Counter<long> _notifications;
    private readonly Histogram<double> _latency;
    private volatile AlertFigures? _figures;

    public AlertMeter(IMeterFactory factory)
    {
        _meter = factory.Create(Name);
        _notifications = _meter.CreateCounter<long>("kcp_notifications_total", null, "Attempts to deliver an alert by this process, by target and result.");
        _latency = _meter.CreateHistogram<double>("kcp_notification_latency_seconds", "s", "Time from an alert until its receiver had taken it.");
        _meter.CreateObservableGauge("kcp_alerts_active", Active, null, "Alerts that stand, by severity; of the whole installation.");
        _meter.CreateObservableGauge("kcp_notification_queue", Queue, null, "Deliveries that are not finished; of the whole installation.");
    }

    public void Read(AlertFigures figures) => _figures = figures;

    public void Attempted(string target, string result) => _notifications.Add(1, new("target", target), new KeyValuePair<string, object?>("result", result));

    public void Delivered(TimeSpan latency) => _latency.Record(latency.TotalSeconds);

    public void Dispose() => _meter.Dispose();

    // Nothing until it was counted: a zero would be a claim.
    private IEnumerable<Measurement<long>> Active() => _figures is { } figures
        ? Enum.GetValues<Severity>().Select(severity => new Measurement<long>(figures.Active.GetValueOrDefault(severity), new KeyValuePair<string, object?>("severity", AlertRules.Word(severity))))
        : [];

    private IEnumerable<Measurement<long>> Queue() => _figures is { } figures ? [new Measurement<long>(figures.Queued)] : [];
}
