using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>What a detector may look at: the picture, the anomalies that are open, and what the detectors before it saw now.</summary>
public sealed class DetectorInput(ClusterModel model, DateTimeOffset now, ImmutableArray<Anomaly> open)
{
    /// <summary>A sample older than so many of its intervals tells nothing of now.</summary>
    private const int FreshIntervals = 3;

    private Troubles? _troubles;

    public ClusterModel Model => model;

    public DateTimeOffset Now => now;

    /// <summary>Not resolved yet, of all kinds.</summary>
    public ImmutableArray<Anomaly> Open => open;

    /// <summary>Of the detectors that stand before this one in <see cref="Detectors.All"/>.</summary>
    public ImmutableArray<Detection> Earlier { get; internal set; } = [];

    /// <summary>The partitions in trouble; one pass over the table, made once for all detectors.</summary>
    public Troubles Troubles => _troubles ??= Troubles.Of(model);

    public Anomaly? Known(AnomalyKey key) => open.FirstOrDefault(anomaly => anomaly.Key == key);

    /// <summary>Null where the sample is fresh, else why it tells nothing of now, as a part of a sentence.</summary>
    public string? WhyNotFresh(SampleKind kind, string what)
    {
        var sample = model.Samples.FirstOrDefault(one => one.Kind == kind);
        if (sample?.LastSuccess is not { } success)
        {
            return $"{what} were never read";
        }

        var age = now - success;
        return age <= FreshIntervals * sample.Interval ? null : $"{what} were read {Words.Ago(age)} for the last time";
    }
}
