using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ControlPlane.Lag.Metrics;

namespace ControlPlane.Api.Metrics;

/// <summary>
/// Collects what the product's meters measure, for /metrics. Counters and histograms add up here; observable instruments are
/// asked at each scrape, so that series of things that are gone are gone.
/// </summary>
internal sealed class MetricsReader : IDisposable
{
    public const string MeterPrefix = "ControlPlane";

    /// <summary>Series an instrument may have; a label that takes any value must not fill the memory.</summary>
    public const int MaxSeries = 20_000;

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();
    private readonly Lock _scrape = new();

    public MetricsReader(IMeterFactory factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // What is written once for all who ask (LagPages) is measured for exporters that push, and not here.
            // Meters without a scope belong to the whole process; those of another host in it do not belong here.
            if (!OwnNames.OfGroups.Contains(instrument.Name) && instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal) && (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, factory)))
            {
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(instrument, static one => new MetricFamily(one)));
            }
        };
        _listener.MeasurementsCompleted = (instrument, _) => _families.TryRemove(instrument, out MetricFamily? _);
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => ((MetricFamily)state!).Record((double)value, tags));
        _listener.Start();
    }

    /// <summary>All families by name. Series whose cluster is not owned here any more are dropped.</summary>
    /// <param name="write">Called with each family while the scrape holds it still.</param>
    /// <param name="isOwned">Whether a cluster, by id, is owned here.</param>
    public void Scrape(Action<IReadOnlyList<MetricFamily>> write, Func<string, bool> isOwned)
    {
        lock (_scrape)
        {
            foreach (var family in _families.Values)
            {
                family.Begin();
            }

            _listener.RecordObservableInstruments();
            var families = _families.Values.OrderBy(family => family.Name, StringComparer.Ordinal).ToList();
            foreach (var family in families)
            {
                family.Drop(isOwned);
            }

            write(families);
        }
    }

    public void Dispose() => _listener.Dispose();
}
