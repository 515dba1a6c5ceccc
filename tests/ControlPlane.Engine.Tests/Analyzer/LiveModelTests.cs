using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Incremental;
using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>A model that is kept and changed is the one that would have been built, and so is the plan, to the last bit.</summary>
public sealed class LiveModelTests
{
    private static readonly string[] Kinds = ["loads", "sizes", "broker down", "broker back", "failed dir", "reassigning", "lists", "moved", "fewer replicas", "capacities", "nothing", "log dirs", "excluded"];

    [Fact]
    public void Any_series_of_changes_gives_what_building_anew_gives()
    {
        var (told, kept) = (new HashSet<string>(), 0);
        for (var seed = 1; seed <= 16; seed++)
        {
            var (random, live) = (new Random(seed), new LiveModel());
            var (picture, capacities) = (new LosingCluster(seed) { Brokers = 5 + (seed % 6), Topics = 6 }.Build(), BrokerCapacities.Unknown);
            if (seed % 4 == 0)
            {
                picture = picture with { Brokers = [.. picture.Brokers.Select((broker, index) => broker with { Host = $"h{index / 2}" })] }; // hosts of two brokers
            }

            for (var step = 0; step < 8; step++)
            {
                var kind = step == 0 ? "nothing" : Kinds[random.Next(Kinds.Length)];
                (picture, capacities) = Change(kind, picture, capacities, random);

                var (live1, anew) = (live.Take(picture, capacities), OptimizerModels.From(picture, capacities));

                kept += live1.Prepared!.IsRebuilt ? 0 : 1;
                told.Add(kind);
                AssertSame(anew, live1, $"seed {seed}, step {step}, {kind}");
                AssertSamePlan(anew, live1, random.Next(2) == 0 ? OptimizerMode.Rebalance : OptimizerMode.FixOffline, $"seed {seed}, step {step}, {kind}");
            }
        }

        Assert.Equal(Kinds.Length, told.Count);
        Assert.True(kept > 60, $"Only {kept} changes were taken over without building anew.");
    }

    [Fact]
    public void A_change_of_one_load_touches_one_partition_and_leaves_older_models_as_they_were()
    {
        var (live, picture) = (new LiveModel(), new LosingCluster(3).Build());
        var before = live.Take(picture, BrokerCapacities.Unknown);
        var sum = Optimizer.Run(before, OptimizerWish.Rebalance, null, TestContext.Current.CancellationToken).Brokers[0].Before;
        var rates = (float[])picture.Load.BytesIn.Clone();
        rates[5] *= 7;

        var after = live.Take(picture with { Load = picture.Load with { BytesIn = rates } }, BrokerCapacities.Unknown);

        Assert.Equal((false, 1), (after.Prepared!.IsRebuilt, after.Prepared.Changed));
        Assert.Equal(before.Prepared!.Model.Broker, after.Prepared.Model.Broker);
        Assert.Equal(sum, Optimizer.Run(before, OptimizerWish.Rebalance, null, TestContext.Current.CancellationToken).Brokers[0].Before);
        Assert.NotEqual(before.Model.Loads, after.Model.Loads);
    }

    [Fact]
    public void A_replica_that_is_elsewhere_touches_its_partition_and_one_more_replica_lays_all_out_anew()
    {
        var (live, picture) = (new LiveModel(), new LosingCluster(3).Build());
        live.Take(picture, BrokerCapacities.Unknown);

        var moved = live.Take(Change("moved", picture, BrokerCapacities.Unknown, new Random(1)).Picture, BrokerCapacities.Unknown).Prepared!;
        var shrunk = live.Take(Change("fewer replicas", picture, BrokerCapacities.Unknown, new Random(1)).Picture, BrokerCapacities.Unknown).Prepared!;

        Assert.Equal((false, 1), (moved.IsRebuilt, moved.Changed));
        Assert.True(shrunk.IsRebuilt);
    }

    private static void AssertSame(BuiltModel expected, BuiltModel actual, string why)
    {
        var (one, other) = (expected.Model, actual.Model);
        Assert.True(expected.InFlight.SequenceEqual(actual.InFlight) && expected.Notes.SequenceEqual(actual.Notes) && expected.RatesAreKnown == actual.RatesAreKnown, $"{why}: notes, rates or what is in flight");
        Assert.True(Same(one.BrokerIds, other.BrokerIds) && Same(one.Racks, other.Racks) && Same(one.Hosts, other.Hosts) && Same(one.Conditions, other.Conditions) && Same(one.Capacity, other.Capacity) && Same(one.DiskForeign, other.DiskForeign), $"{why}: brokers");
        Assert.True(Same(one.DirStart, other.DirStart) && Same(one.DirPaths, other.DirPaths) && Same(one.DirCapacity, other.DirCapacity) && Same(one.DirAlive, other.DirAlive) && Same(one.Dir, other.Dir), $"{why}: log dirs");
        Assert.True(Same(one.Topics, other.Topics) && Same(one.Topic, other.Topic) && Same(one.Number, other.Number) && Same(one.Start, other.Start) && Same(one.Broker, other.Broker), $"{why}: lists");
        Assert.True(Same(one.Lead, other.Lead) && Same(one.Marks, other.Marks) && Same(one.Loads, other.Loads) && Same(one.IsEstimated, other.IsEstimated) && Same(one.MinInSync, other.MinInSync) && Same(one.TopicIds, other.TopicIds), $"{why}: leaders, marks or loads");
    }

    private static void AssertSamePlan(BuiltModel anew, BuiltModel live, OptimizerMode mode, string why)
    {
        var wish = anew.Fit(new OptimizerWish { Mode = mode });
        var (expected, actual) = (Optimizer.Run(anew, wish, null, TestContext.Current.CancellationToken), Optimizer.Run(live, wish, null, TestContext.Current.CancellationToken));

        Assert.True(expected.PlacementHash == actual.PlacementHash && expected.Changes.Select(Line).SequenceEqual(actual.Changes.Select(Line)), $"{why}: another plan");
        for (var broker = 0; broker < expected.Brokers.Length; broker++)
        {
            Assert.True(expected.Brokers[broker].Before.SequenceEqual(actual.Brokers[broker].Before) && expected.Brokers[broker].After.SequenceEqual(actual.Brokers[broker].After), $"{why}: loads of broker {broker}");
        }

        Assert.True(actual.Verdict.IsSound, $"{why}: {string.Join(" ", actual.Verdict.Problems)}");
    }

    private static string Line(PartitionChange change) => $"{change.Partition}: {string.Join(",", change.After)} {change.LeaderAfter} {change.Class} {change.Goal}";

    private static bool Same<T>(T[] one, T[] other) => one.AsSpan().SequenceEqual(other);

    private static (ClusterModel Picture, BrokerCapacities Capacities) Change(string kind, ClusterModel picture, BrokerCapacities capacities, Random random)
    {
        var (table, broker) = (picture.Partitions, random.Next(picture.Brokers.Length));
        return kind switch
        {
            "loads" => (picture with { Load = picture.Load with { BytesIn = [.. picture.Load.BytesIn.Select(rate => random.Next(6) switch { 0 => rate * 3, 1 => float.NaN, _ => rate })], BytesOut = [.. picture.Load.BytesIn.Select(_ => random.Next(3) == 0 ? 5f : float.NaN)] } }, capacities),
            "sizes" => (picture with { Load = picture.Load with { ReplicaBytes = [.. picture.Load.ReplicaBytes.Select(size => random.Next(9) == 0 ? size + 1_000_000 : size)] } }, capacities),
            "broker down" => (State(picture, broker, BrokerState.Down), capacities),
            "broker back" => (State(picture, broker, BrokerState.Active), capacities),
            "excluded" => (picture with { Brokers = picture.Brokers.SetItem(broker, picture.Brokers[broker] with { State = BrokerState.Restarting }) }, capacities),
            "failed dir" => (Fail(picture, broker), capacities),
            "reassigning" => (picture with { Reassigning = [random.Next(table.PartitionCount)] }, capacities),
            "lists" => (picture with { Partitions = table with { ReplicaBroker = Exchanged(table, random) } }, capacities),
            "moved" => (picture with { Partitions = table with { ReplicaBroker = Moved(table, picture.Brokers.Length, random) } }, capacities),
            "fewer replicas" => (Shrunk(picture), capacities),
            "capacities" => (picture, new BrokerCapacities(new NetworkCapacity(1e6 * random.Next(1, 9), 1e6), ImmutableSortedDictionary<int, NetworkCapacity>.Empty)),
            "log dirs" => (picture with { Brokers = picture.Brokers.SetItem(broker, picture.Brokers[broker] with { LogDirs = [new LogDir("/a", null, 5_000_000_000, 2_000_000_000, 0, 0), new LogDir("/b", null, 5_000_000_000, 2_000_000_000, 0, 0)] }), Load = picture.Load with { ReplicaLogDir = [.. picture.Load.ReplicaLogDir.Select(_ => (short)0)] } }, capacities),
            _ => (picture with { Generation = picture.Generation + 1 }, capacities),
        };
    }

    /// <summary>The first two replicas of a partition change places: another preferred leader.</summary>
    private static int[] Exchanged(PartitionTable table, Random random)
    {
        var (brokers, start) = ((int[])table.ReplicaBroker.Clone(), table.ReplicaStart[random.Next(table.PartitionCount)]);
        (brokers[start], brokers[start + 1]) = (brokers[start + 1], brokers[start]);
        return brokers;
    }

    /// <summary>The last replica of a partition is on a broker that did not hold it.</summary>
    private static int[] Moved(PartitionTable table, int brokers, Random random)
    {
        var (lists, partition) = ((int[])table.ReplicaBroker.Clone(), random.Next(table.PartitionCount));
        var free = Enumerable.Range(0, brokers).Except(table.ReplicasOf(partition).ToArray()).ToArray();
        lists[table.ReplicaStart[partition + 1] - 1] = free.Length == 0 ? lists[table.ReplicaStart[partition + 1] - 1] : free[random.Next(free.Length)];
        return lists;
    }

    /// <summary>The last replica of the first partition that has three is gone, and every slot after it stands one earlier.</summary>
    private static ClusterModel Shrunk(ClusterModel picture)
    {
        var table = picture.Partitions;
        var partition = Enumerable.Range(0, table.PartitionCount).FirstOrDefault(p => table.ReplicasOf(p).Length > 2, -1);
        if (partition < 0)
        {
            return picture;
        }

        var gone = table.ReplicaStart[partition + 1] - 1;
        T[] Without<T>(T[] slots) => slots.Length == table.ReplicaCount ? [.. slots[..gone], .. slots[(gone + 1)..]] : slots;
        return picture with
        {
            Partitions = table with
            {
                ReplicaStart = [.. table.ReplicaStart.Select((start, p) => p > partition ? start - 1 : start)],
                ReplicaBroker = Without(table.ReplicaBroker),
                ReplicaFlags = Without(table.ReplicaFlags),
            },
            Load = picture.Load with { ReplicaBytes = Without(picture.Load.ReplicaBytes), ReplicaLogDir = Without(picture.Load.ReplicaLogDir) },
        };
    }

    /// <summary>Leadership goes to the first that lives; flags follow.</summary>
    private static ClusterModel State(ClusterModel picture, int broker, BrokerState state)
    {
        var brokers = picture.Brokers.SetItem(broker, picture.Brokers[broker] with { State = state, IsFenced = state == BrokerState.Down });
        var table = picture.Partitions;
        var leaders = new int[table.PartitionCount];
        for (var p = 0; p < leaders.Length; p++)
        {
            leaders[p] = table.ReplicasOf(p).ToArray().FirstOrDefault(index => brokers[index].State == BrokerState.Active, -1);
        }

        ReplicaFlags[] flags = [.. table.ReplicaBroker.Select(index => brokers[index].State == BrokerState.Active ? ReplicaFlags.InSync : ReplicaFlags.Offline)];
        return picture with { Brokers = brokers, Partitions = table with { Leader = leaders, ReplicaFlags = flags } };
    }

    private static ClusterModel Fail(ClusterModel picture, int broker)
    {
        var dirs = picture.Brokers[broker].LogDirs!.Value;
        var flags = (ReplicaFlags[])picture.Partitions.ReplicaFlags.Clone();
        for (var slot = 0; slot < flags.Length; slot++)
        {
            flags[slot] = picture.Partitions.ReplicaBroker[slot] == broker ? ReplicaFlags.Offline : flags[slot];
        }

        return picture with { Brokers = picture.Brokers.SetItem(broker, picture.Brokers[broker] with { LogDirs = dirs.SetItem(0, dirs[0] with { Error = "EIO" }) }), Partitions = picture.Partitions with { ReplicaFlags = flags } };
    }
}
