using System.Collections.Immutable;
using System.Globalization;
using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Why some bands are out of reach though no limit is broken: uneven racks and partitions that are too large. Hints, not proofs.</summary>
internal static class SoftHints
{
    private static readonly int[] Judged = [Lane.Cpu, Lane.BytesIn, Lane.BytesOut, Lane.Disk];

    public static ImmutableArray<string> Of(OptimizerProblem problem, Placement placement, Bands bands) =>
        [.. ShortRacks(problem, placement), .. LargePartitions(problem, placement, bands)];

    /// <summary>A small rack has to carry a copy of everything as the large ones do, so its brokers stand higher.</summary>
    private static IEnumerable<string> ShortRacks(OptimizerProblem problem, Placement placement)
    {
        var targets = Targets.Of(placement, Lane.Replicas).Where(one => problem.Arrays.CanReceive[one.Broker]).ToArray();
        if (targets.Length == 0)
        {
            yield break;
        }

        var mean = targets.Average(one => one.Target);
        foreach (var rack in targets.GroupBy(one => problem.Arrays.Rack[one.Broker]))
        {
            var missing = (int)Math.Ceiling((rack.Sum(one => one.Target) / mean) - 0.5) - rack.Count();
            if (mean > 0 && missing > 0 && rack.First().Target > mean * (1 + problem.Wish.Bands.Spread))
            {
                var broker = rack.First().Broker;
                yield return $"Rack {problem.Model.Racks[broker] ?? problem.Model.Hosts[broker]} is {PlanWords.Count(missing, "broker")} short of even: each of its brokers has to hold {rack.First().Target.ToString("0", CultureInfo.InvariantCulture)} replicas, the mean is {mean.ToString("0", CultureInfo.InvariantCulture)}.";
            }
        }
    }

    private static IEnumerable<string> LargePartitions(OptimizerProblem problem, Placement placement, Bands bands)
    {
        foreach (var lane in Judged)
        {
            var widths = Enumerable.Range(0, problem.Nowhere).Where(broker => problem.Arrays.CanReceive[broker])
                .Select(broker => (broker * Lane.Count) + lane).Where(at => bands.W1[at] > 0 && bands.Low[at] > 0).Select(at => bands.High[at] - bands.Low[at]).ToArray();
            var width = widths.Length == 0 ? double.PositiveInfinity : widths.Max();
            var (worst, largest, count) = (-1, width, 0);
            for (var partition = 0; partition < problem.Partitions; partition++)
            {
                var load = problem.Arrays.Loads.On(lane, partition, leads: true);
                count += load > width ? 1 : 0;
                (worst, largest) = load > largest ? (partition, load) : (worst, largest);
            }

            // Where a limit cuts the band off below its lower edge, the limit is what has to be told, and a proof does.
            if (worst >= 0 && width > 0)
            {
                var others = count > 1 ? $" (and {PlanWords.Count(count - 1, "other")})" : "";
                yield return $"{PlaceProofs.NameOf(problem, worst)}{others} alone needs {LaneWords.Amount(lane, largest)} of {LaneWords.Name(lane)}, more than the band of a broker is wide ({LaneWords.Amount(lane, width)}): its brokers may stay outside. More partitions for the topic would help.";
            }
        }
    }
}
