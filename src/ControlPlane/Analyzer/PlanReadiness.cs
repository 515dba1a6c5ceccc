using ControlPlane.Engine.Model;

namespace ControlPlane.Analyzer;

/// <summary>Whether a picture is whole and fresh enough to plan on.</summary>
internal static class PlanReadiness
{
    private const int StaleIntervals = 3;

    /// <summary>What is missing, as a sentence; null where nothing is.</summary>
    public static string? WhyNot(ClusterModel? model, DateTimeOffset now)
    {
        if (model is null)
        {
            return "The cluster was taken over a moment ago and has not been read yet.";
        }

        if (model.KafkaClusterId is null)
        {
            return "Kafka has not told its cluster id yet, so a plan could not be tied to it.";
        }

        return Stale(model, SampleKind.Topology, "Brokers and replica lists", now)
            ?? (model.Reassigning is null ? $"The running reassignments are unknown. {Failures(model, SampleKind.Reassignments)}".TrimEnd() : null)
            ?? Stale(model, SampleKind.Reassignments, "The running reassignments", now);
    }

    private static string? Stale(ClusterModel model, SampleKind kind, string what, DateTimeOffset now)
    {
        var sample = model.Samples.FirstOrDefault(sample => sample.Kind == kind);
        if (sample?.LastSuccess is not { } read)
        {
            return $"{what} were never read. {Failures(model, kind)}".TrimEnd();
        }

        return now - read > StaleIntervals * sample.Interval
            ? $"{what} were last read {(now - read).TotalSeconds:0} s ago, although they are asked for every {sample.Interval.TotalSeconds:0} s. {Failures(model, kind)}".TrimEnd()
            : null;
    }

    private static string Failures(ClusterModel model, SampleKind kind) =>
        model.Samples.FirstOrDefault(sample => sample.Kind == kind)?.Failures is [var first, ..] ? first.Message : "";
}
