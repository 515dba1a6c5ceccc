using System.Collections.Immutable;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Anomalies;

/// <summary>Every detector, in the order in which they look: a later one may leave out what an earlier one explains.</summary>
public static class Detectors
{
    public static ImmutableArray<IDetector> All { get; } = [new BrokerDownDetector(), new UnderReplicatedDetector(), new ConsumerLagDetector(), new LagStormDetector()];

    /// <summary>All verdicts on one picture.</summary>
    public static DetectionRound Look(ClusterModel model, ImmutableArray<Anomaly> open, DateTimeOffset now)
    {
        var input = new DetectorInput(model, now, open);
        var verdicts = ImmutableDictionary.CreateBuilder<string, Verdict>(StringComparer.Ordinal);
        foreach (var detector in All)
        {
            var verdict = detector.Detect(input);
            verdicts[detector.Kind] = verdict;
            input.Earlier = input.Earlier.AddRange(verdict.Detections);
        }

        return new DetectionRound(verdicts.ToImmutable());
    }

    /// <summary>Null for a kind that this version of the product does not detect any more.</summary>
    public static IDetector? Find(string kind) => All.FirstOrDefault(detector => detector.Kind == kind);
}

/// <summary>What all detectors said of one picture, by kind.</summary>
public sealed record DetectionRound(ImmutableDictionary<string, Verdict> Verdicts)
{
    public IEnumerable<Detection> Detections => Verdicts.Values.SelectMany(verdict => verdict.Detections);

    /// <summary>Why a subject can't be judged now; null where it can.</summary>
    public string? WhyUnjudged(AnomalyKey key) =>
        Verdicts.GetValueOrDefault(key.Kind)?.Unjudged.FirstOrDefault(one => one.Subject is null || one.Subject == key.Subject)?.Why;
}
