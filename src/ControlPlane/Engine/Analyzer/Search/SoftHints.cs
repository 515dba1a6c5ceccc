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
        var racks = new RackShare?[problem.Arrays.Rack.Length];
        var (total, brokers) = (0.0, 0);
        foreach (var (broker, target, _) in Targets.Of(placement, Lane.Replicas))
        {
            if (problem.Arrays.CanReceive[broker])
            {
                var rack = racks[problem.Arrays.Rack[broker]] ?? new(broker, target, 0, 0);
                racks[problem.Arrays.Rack[broker]] = rack with { Sum = rack.Sum + target, Brokers = rack.Brokers + 1 };
                (total, brokers) = (total + target, brokers + 1);
            }
        }

        var mean = total / Math.Max(1, brokers);
        foreach (var rack in racks.OfType<RackShare>())
        {
            var missing = (int)Math.Ceiling((rack.Sum / mean) - 0.5) - rack.Brokers;
            if (mean > 0 && missing > 0 && rack.Target > mean * (1 + problem.Wish.Bands.Spread))
            {
                yield return $"Rack {problem.Model.Racks[rack.First] ?? problem.Model.Hosts[rack.First]} is {PlanWords.Count(missing, "broker")} short of even: each of its brokers has to hold {rack.Target.ToString("0", CultureInfo.InvariantCulture)} replicas, the mean is {mean.ToString("0", CultureInfo.InvariantCulture)}.";
            }
        }
    }

    private static IEnumerable<string> LargePartitions(OptimizerProblem problem, Placement placement, Bands bands)
    {
        var heaviest = LoadSums.LargestLeaders(problem.Arrays);
        foreach (var lane in Judged)
        {
            var widths = Enumerable.Range(0, problem.Nowhere).Where(broker => problem.Arrays.CanReceive[broker])
                .Select(broker => (broker * Lane.Count) + lane).Where(at => bands.W1[at] > 0 && bands.Low[at] > 0).Select(at => bands.High[at] - bands.Low[at]).ToArray();
            var width = widths.Length == 0 ? double.PositiveInfinity : widths.Max();
            var (worst, largest, count) = (-1, width, 0);
            for (var partition = 0; heaviest[lane] > width && partition < problem.Partitions; partition++)
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

    /// <summary>What the brokers of a rack shall hold.</summary>
    /// <param name="First">One of them.</param>
    /// <param name="Target">What that one shall hold.</param>
    /// <param name="Sum">What all shall hold.</param>
    /// <param name="Brokers">How many they are.</param>
    private sealed record RackShare(int First, double Target, double Sum, int Brokers);
}
