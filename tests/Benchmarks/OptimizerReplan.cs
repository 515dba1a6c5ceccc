using System.Globalization;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Incremental;
using ControlPlane.Engine.Model;
using ControlPlane.Simulation;

namespace ControlPlane.Benchmarks;

/// <summary>A cluster planned before, planned again after a change: on the model that was kept, and on one built anew.</summary>
internal static class OptimizerReplan
{
    private const int Runs = 21;

    private static readonly OptimizerWish Repair = new() { Mode = OptimizerMode.FixOffline, MandatoryOnly = true };

    public static IReadOnlyList<Figure> Run()
    {
        var picture = Measured(PlanFixOffline.Picture(new SimulationSpec { Brokers = 500, Racks = 10, LogDirsPerBroker = 2, Topics = 2_000, PartitionsPerTopic = 25, Groups = 1, Seed = 1 }));
        return
        [
            new(string.Create(CultureInfo.InvariantCulture, $"cluster: {picture.Brokers.Length} brokers, {picture.Partitions.PartitionCount:N0} partitions, {picture.Partitions.ReplicaCount:N0} replicas; medians of {Runs}"), ""),
            .. Measure("the loads of 2 % of the partitions changed", picture, Drifted(picture)),
            .. Measure("one more broker broke", picture, Broken(picture)),
            .. Measure("a replica of 1 % of the partitions was moved", picture, Moved(picture)),
        ];
    }

    private static IEnumerable<Figure> Measure(string what, ClusterModel before, ClusterModel after)
    {
        var (kept, built, keptPlans, builtPlans) = (new List<TimeSpan>(), new List<TimeSpan>(), new List<TimeSpan>(), new List<TimeSpan>());
        var (hashes, changed) = (new HashSet<string>(StringComparer.Ordinal), 0);
        for (var run = 0; run <= Runs; run++)
        {
            var live = new LiveModel();
            live.Take(before, BrokerCapacities.Unknown);
            var clock = Stopclock.Start();
            var model = live.Take(after, BrokerCapacities.Unknown);
            Add(kept, clock.WallSince, run);
            hashes.Add(Optimizer.Run(model, model.Fit(Repair), null, CancellationToken.None).PlacementHash);
            Add(keptPlans, clock.WallSince, run);
            changed = model.Prepared!.Changed;

            clock = Stopclock.Start();
            model = new LiveModel().Take(after, BrokerCapacities.Unknown);
            Add(built, clock.WallSince, run);
            hashes.Add(Optimizer.Run(model, model.Fit(Repair), null, CancellationToken.None).PlacementHash);
            Add(builtPlans, clock.WallSince, run);
        }

        yield return new($"{what} ({changed:N0} partitions differ): model ready, kept / built anew", Pair(kept, built), "below 0.5");
        yield return new($"{what}: until the plan that restores lost replicas is verified, kept / built anew", Pair(keptPlans, builtPlans), "below 1");
        yield return new($"{what}: the same plan both ways", hashes.Count == 1 ? "yes" : "NO", "yes");
    }

    /// <summary>The first of each warms up and does not count.</summary>
    private static void Add(List<TimeSpan> times, TimeSpan time, int run)
    {
        if (run > 0)
        {
            times.Add(time);
        }
    }

    private static string Pair(List<TimeSpan> kept, List<TimeSpan> built)
    {
        var (one, other) = (Median(kept), Median(built));
        return string.Create(CultureInfo.InvariantCulture, $"{one.TotalMilliseconds:0.0} ms / {other.TotalMilliseconds:0.0} ms = {one / other:0.00}");
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    /// <summary>Every rate is known, so that a change of some touches no estimate of others.</summary>
    private static ClusterModel Measured(ClusterModel picture) =>
        picture with { Load = picture.Load with { BytesIn = [.. Enumerable.Range(0, picture.Partitions.PartitionCount).Select(partition => 1_000f + (partition % 997))] } };

    private static ClusterModel Drifted(ClusterModel picture)
    {
        var rates = (float[])picture.Load.BytesIn.Clone();
        for (var partition = 0; partition < rates.Length; partition += 50)
        {
            rates[partition] *= 2;
        }

        return picture with { Load = picture.Load with { BytesIn = rates } };
    }

    /// <summary>As after a plan: the last replica of each hundredth partition is on the next broker that may receive it; the lists are read anew.</summary>
    private static ClusterModel Moved(ClusterModel picture)
    {
        var table = picture.Partitions;
        var lists = (int[])table.ReplicaBroker.Clone();
        for (var partition = 0; partition < table.PartitionCount; partition += 100)
        {
            var last = table.ReplicaStart[partition + 1] - 1;
            for (var step = 1; step < picture.Brokers.Length; step++)
            {
                var next = (lists[last] + step) % picture.Brokers.Length;
                if (FixOfflineRules.MayReceive(picture.Brokers[next]) && !table.ReplicasOf(partition).Contains(next) && table.ReplicaFlags[last].Has(ReplicaFlags.InSync))
                {
                    lists[last] = next;
                    break;
                }
            }
        }

        return picture with { Partitions = table with { ReplicaBroker = lists, ReplicaStart = (int[])table.ReplicaStart.Clone() } };
    }

    /// <summary>As the topology tells it: leadership has gone to the next that lives, and its replicas are offline.</summary>
    private static ClusterModel Broken(ClusterModel picture)
    {
        var (table, broken) = (picture.Partitions, Array.FindIndex([.. picture.Brokers], FixOfflineRules.MayReceive));
        var (leaders, flags) = ((int[])table.Leader.Clone(), (ReplicaFlags[])table.ReplicaFlags.Clone());
        for (var partition = 0; partition < leaders.Length; partition++)
        {
            for (var slot = table.ReplicaStart[partition]; slot < table.ReplicaStart[partition + 1]; slot++)
            {
                flags[slot] = table.ReplicaBroker[slot] == broken ? ReplicaFlags.Offline : flags[slot];
            }

            leaders[partition] = leaders[partition] == broken
                ? Enumerable.Range(table.ReplicaStart[partition], table.ReplicasOf(partition).Length).Where(slot => flags[slot].Has(ReplicaFlags.InSync)).Select(slot => table.ReplicaBroker[slot]).DefaultIfEmpty(-1).First()
                : leaders[partition];
        }

        var down = picture.Brokers.First(FixOfflineRules.IsDown);
        return picture with
        {
            Brokers = picture.Brokers.SetItem(broken, picture.Brokers[broken] with { State = down.State, IsFenced = down.IsFenced, Evidence = down.Evidence }),
            Partitions = table with { Leader = leaders, ReplicaFlags = flags },
        };
    }
}
