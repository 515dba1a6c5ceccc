using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Model;
using Xunit;

namespace ControlPlane.Engine.Tests.Analyzer;

public sealed class FixOfflinePlanTests
{
    public static TheoryData<int, int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int, int>();
            for (var seed = 0; seed < 30; seed++)
            {
                shapes.Add(seed, 1 + (seed % 3), 2 + (seed % 2));
            }

            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_lost_replica_with_a_survivor_gets_a_sound_place(int seed, int dead, int replicas)
    {
        int[] down = [.. Enumerable.Range(1, dead).Select(i => (i * 4) % 9 + 1)];
        var model = new LosingCluster(seed) { Down = down, Replicas = replicas }.Build();

        var plan = Plan(model);

        Assert.True(plan.Verdict.IsSound, string.Join('\n', plan.Verdict.Problems));
        Assert.All(plan.Moves, move =>
        {
            Assert.Equal(move.Before.Length, move.After.Length);
            Assert.Equal(move.After.Length, move.After.Distinct().Count());
            Assert.Empty(move.After.Intersect(down));
            Assert.Equal(move.Before.Except(down).Order(), move.Before.Intersect(move.After).Order());
            Assert.Equal(replicas, move.After.Select(id => id % 3).Distinct().Count()); // every rack still has a broker
        });
        var lost = Enumerable.Range(0, model.Partitions.PartitionCount).Count(p => Ids(model, p).Intersect(down).Any());
        var unplaced = plan.Unplaced.Select(replica => (replica.Topic, replica.Partition)).Distinct().Count();
        Assert.Equal(lost, plan.Moves.Length + unplaced);
        Assert.All(plan.Unplaced, replica => Assert.Empty(Ids(model, PartitionOf(model, replica.Topic, replica.Partition)).Except(down)));
        Assert.Equal(plan.Moves.Select(move => move.Class).Order(), plan.Moves.Select(move => move.Class));
    }

    [Fact]
    public void The_same_picture_gives_the_same_plan()
    {
        var first = Plan(new LosingCluster(5) { Down = [2, 6] }.Build());
        var second = Plan(new LosingCluster(5) { Down = [2, 6] }.Build());

        Assert.NotEmpty(first.Moves);
        Assert.Equal(PlanHash.Of(first), PlanHash.Of(second));
        Assert.NotEqual(PlanHash.Of(first), PlanHash.Of(first with { Moves = first.Moves.RemoveAt(0) }));
        Assert.NotEqual(PlanHash.Of(first), PlanHash.Of(first with { Limits = new ExecutionLimits(11, 50_000_000) }));
    }

    [Fact]
    public void Counts_and_disks_stay_balanced()
    {
        var model = new LosingCluster(3) { Brokers = 12, Racks = 12, Topics = 100, Down = [5] }.Build();

        var living = Plan(model).Brokers.Where(broker => broker.IsAlive).ToArray();

        var mean = living.Average(broker => broker.After.Replicas);
        Assert.All(living, broker => Assert.InRange(broker.After.Replicas, mean * 0.85, mean * 1.15));
        Assert.Equal(2400, living.Sum(broker => broker.After.Replicas));
        Assert.All(living, broker => Assert.Equal(broker.Before.DiskBytes + broker.BytesToReceive, broker.PeakDiskBytes));
    }

    [Fact]
    public void A_partition_that_is_being_reassigned_is_left_alone_and_named()
    {
        var model = new LosingCluster(1) { Down = [4] }.Build();
        var busy = Enumerable.Range(0, model.Partitions.PartitionCount).First(p => Ids(model, p).Contains(4));

        var plan = Plan(model with { Reassigning = [busy] });

        var left = Assert.Single(plan.Unplaced);
        Assert.Contains("reassigned already", left.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(plan.Moves, move => PartitionOf(model, move.Topic, move.Partition) == busy);
    }

    [Fact]
    public void Without_a_survivor_in_sync_nothing_is_moved()
    {
        var model = new LosingCluster(1) { Down = [4] }.Build();
        var partition = Enumerable.Range(0, model.Partitions.PartitionCount).First(p => Ids(model, p).Contains(4));
        var flags = (ReplicaFlags[])model.Partitions.ReplicaFlags.Clone();
        flags.AsSpan(model.Partitions.ReplicaStart[partition]..model.Partitions.ReplicaStart[partition + 1]).Clear();

        var plan = Plan(model with { Partitions = model.Partitions with { ReplicaFlags = flags } });

        Assert.Contains("only on lost brokers", Assert.Single(plan.Unplaced).Why, StringComparison.Ordinal);
        Assert.Contains(plan.Risks, risk => risk is { Kind: "no-survivor", Status: Status.Crit });
    }

    [Fact]
    public void Full_disks_leave_replicas_where_they_are_and_say_so()
    {
        var plan = Plan(new LosingCluster(1) { Down = [4], DiskBytes = 1_000_000 }.Build());

        Assert.Empty(plan.Moves);
        Assert.All(plan.Unplaced, replica => Assert.Contains("has room", replica.Why, StringComparison.Ordinal));
        Assert.All(plan.Brokers, broker => Assert.Equal(broker.Before, broker.After));
    }

    [Fact]
    public void Where_every_broker_holds_a_replica_already_the_plan_says_that_and_not_that_disks_are_full()
    {
        var plan = Plan(new LosingCluster(1) { Brokers = 3, Down = [2] }.Build());

        Assert.Empty(plan.Moves);
        Assert.All(plan.Unplaced, replica => Assert.Contains("holds a replica", replica.Why, StringComparison.Ordinal));
    }

    [Fact]
    public void A_broker_that_is_back_is_one_reason_and_not_one_for_each_of_its_replicas()
    {
        var cluster = new LosingCluster(1) { Down = [4] };

        Assert.Equal(["Broker 4, whose replicas would be replaced, is back."], PlanFreshness.Changes(Plan(cluster.Build()), new LosingCluster(1).Build()));
    }

    [Fact]
    public void Unknown_sizes_are_named_and_never_counted_as_nothing()
    {
        var plan = Plan(new LosingCluster(1) { Down = [4], SizesKnown = false }.Build());

        Assert.All(plan.Moves, move => Assert.Null(move.Bytes));
        Assert.Contains(plan.Risks, risk => risk.Kind == "sizes-unknown");
        Assert.Null(PlanEstimate.Seconds(plan));
    }

    [Fact]
    public void All_dead_brokers_of_a_list_are_replaced_even_where_one_was_asked_for()
    {
        var model = new LosingCluster(2) { Down = [2, 6] }.Build();

        var plan = Repairs.Of(model, Repairs.About(2));

        Assert.All(plan.Moves, move => Assert.Contains(2, move.Before));
        Assert.Contains(plan.Moves, move => move.Before.Contains(6));
        Assert.All(plan.Moves, move => Assert.DoesNotContain(6, move.After));
        Assert.True(plan.Verdict.IsSound, string.Join('\n', plan.Verdict.Problems));
    }

    [Fact]
    public void A_failed_log_dir_of_a_living_broker_is_evacuated_and_a_bare_flag_is_not()
    {
        var model = new LosingCluster(1).Build();
        var flags = (ReplicaFlags[])model.Partitions.ReplicaFlags.Clone();
        flags[0] = ReplicaFlags.Offline;
        var flagged = model with { Partitions = model.Partitions with { ReplicaFlags = flags } };
        var broker = flagged.Partitions.ReplicaBroker[0];
        var failed = flagged with
        {
            Brokers = flagged.Brokers.SetItem(broker, flagged.Brokers[broker] with { LogDirs = [new LogDir("/a", "KAFKA_STORAGE_ERROR", null, null, 0, 0), new LogDir("/b", null, 1L << 40, 1L << 40, 0, 0)] }),
        };

        Assert.Empty(Plan(flagged).Moves);
        var plan = Plan(failed);
        Assert.DoesNotContain(failed.Brokers[broker].Id, Assert.Single(plan.Moves).After);
        Assert.True(plan.Verdict.IsSound, string.Join('\n', plan.Verdict.Problems));
        Assert.Empty(PlanFreshness.Changes(plan, failed));
        Assert.Contains("online again", Assert.Single(PlanFreshness.Changes(plan, model)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BrokerState.Restarting, false)]
    [InlineData(BrokerState.ShuttingDown, false)]
    [InlineData(BrokerState.Unresponsive, false)]
    [InlineData(BrokerState.Starting, false)]
    [InlineData(BrokerState.Active, true)]
    public void Only_active_brokers_receive(BrokerState state, bool receives)
    {
        var model = new LosingCluster(1) { Down = [4] }.Build();

        var plan = Plan(model with { Brokers = model.Brokers.SetItem(0, model.Brokers[0] with { State = state }) });

        Assert.Equal(receives, plan.Moves.Any(move => move.After.Except(move.Before).Contains(1)));
    }

    [Fact]
    public void A_broker_that_hangs_is_lost_only_to_who_names_it()
    {
        var model = new LosingCluster(1).Build();
        var hanging = model with { Brokers = model.Brokers.SetItem(3, model.Brokers[3] with { State = BrokerState.Unresponsive }) };

        Assert.Empty(Plan(hanging).Moves);
        var plan = Repairs.Of(hanging, Repairs.About(4));
        Assert.NotEmpty(plan.Moves);
        Assert.Equal([4], plan.LostBrokers);
        Assert.All(plan.Moves, move => Assert.True(move.Before.Contains(4) && !move.After.Contains(4)));
        Assert.True(plan.Verdict.IsSound, string.Join('\n', plan.Verdict.Problems));
        Assert.Empty(Repairs.Of(model, Repairs.About(4)).Moves); // it lives
    }

    [Fact]
    public void Nothing_goes_where_the_wish_forbids_it()
    {
        var plan = Repairs.Of(new LosingCluster(1) { Down = [4] }.Build(), Repairs.Wish with { NoReplicasOnto = [1, 7] });

        Assert.NotEmpty(plan.Moves);
        Assert.DoesNotContain(plan.Moves, move => move.After.Except(move.Before).Any(id => id is 1 or 7));
        Assert.True(plan.Verdict.IsSound, string.Join('\n', plan.Verdict.Problems));
    }

    [Fact]
    public void A_partition_is_restored_whole_or_left_alone()
    {
        // Three brokers live that may receive; a partition that lost two of three replicas there finds one free broker at most.
        var model = new LosingCluster(4) { Brokers = 4, Racks = 4, Down = [1, 2] }.Build();

        var plan = Plan(model);

        Assert.All(plan.Moves, move => Assert.Empty(move.After.Intersect([1, 2])));
        var twice = Enumerable.Range(0, model.Partitions.PartitionCount).Where(p => Ids(model, p).Intersect([1, 2]).Count() == 2).ToArray();
        Assert.NotEmpty(twice);
        Assert.All(twice, p => Assert.Equal(2, plan.Unplaced.Count(one => PartitionOf(model, one.Topic, one.Partition) == p)));
    }

    [Fact]
    public void What_lives_moves_only_where_the_load_shall_be_evened_afterwards()
    {
        var model = new LosingCluster(3) { Brokers = 12, Racks = 12, Topics = 100, Down = [5] }.Build();

        var whole = Repairs.Of(model, Repairs.Wish with { MandatoryOnly = false });

        Assert.True(whole.Verdict.IsSound, string.Join('\n', whole.Verdict.Problems));
        Assert.Contains(whole.Moves, move => !move.Before.Contains(5));
        Assert.DoesNotContain(whole.Moves, move => move.After.Contains(5));
        Assert.All(Plan(model).Moves, move => Assert.Contains(5, move.Before));
        Assert.Empty(PlanFreshness.Changes(whole, model));
    }

    [Fact]
    public void The_verifier_catches_planted_faults()
    {
        var model = new LosingCluster(1) { Down = [4] }.Build();
        var plan = Plan(model);
        var (move, added) = (plan.Moves[0], plan.Moves[0].After[^1]);
        Assert.True(plan.Verdict.IsSound);

        Assert.Contains("instead of", Problem(move with { After = move.After.RemoveAt(0) }), StringComparison.Ordinal);
        Assert.Contains("two of its replicas", Problem(move with { After = move.After.SetItem(2, move.After[0]) }), StringComparison.Ordinal);
        Assert.Contains("can't receive", Problem(move with { After = move.After.SetItem(2, 99) }), StringComparison.Ordinal);
        Assert.Contains("would not end", Problem(move with { After = move.Before }), StringComparison.Ordinal);
        Assert.Contains("not those", Problem(move with { Before = [.. move.Before.Reverse()] }), StringComparison.Ordinal);
        var sameRack = Enumerable.Range(1, 9).First(id => id != 4 && id % 3 == move.After[0] % 3 && !move.After.Contains(id));
        Assert.Contains("shares a rack", Problem(move with { After = move.After.SetItem(2, sameRack) }), StringComparison.Ordinal);
        var other = Enumerable.Range(1, 9).First(id => id != 4 && !move.After.Contains(id) && id != added);
        Assert.Contains("is alive and would be removed", Problem(move with { After = move.After.SetItem(0, other) }), StringComparison.Ordinal);

        string Problem(PlannedMove planted) =>
            string.Join('\n', PlanVerifier.Check(model, plan with { Moves = plan.Moves.SetItem(0, planted) }, Repairs.Wish).Problems);
    }

    [Fact]
    public void A_plan_is_fresh_until_what_it_was_made_from_changes()
    {
        var model = new LosingCluster(1) { Down = [4] }.Build();
        var plan = Plan(model);
        var move = plan.Moves[0];
        var partition = PartitionOf(model, move.Topic, move.Partition);
        var (to, lost) = (model.FindBroker(move.After[^1]), model.FindBroker(4));
        var moved = (int[])model.Partitions.ReplicaBroker.Clone();
        Array.Reverse(moved, model.Partitions.ReplicaStart[partition], 3);
        var anew = (Guid[])model.Partitions.TopicId.Clone();
        anew[model.Partitions.Topic[partition]] = Guid.NewGuid();

        Assert.Empty(PlanFreshness.Changes(plan, model));
        Expect("Another Kafka cluster", model with { KafkaClusterId = "other" });
        Expect("can't take any", model with { Brokers = model.Brokers.SetItem(to, model.Brokers[to] with { State = BrokerState.Down }) });
        Expect("is back", model with { Brokers = model.Brokers.SetItem(lost, model.Brokers[lost] with { State = BrokerState.Active }) });
        Expect("by somebody else", model with { Reassigning = [partition] });
        Expect("can't be listed", model with { Reassigning = null });
        Expect("no longer", model with { Partitions = model.Partitions with { ReplicaBroker = moved } });
        Expect("made anew", model with { Partitions = model.Partitions with { TopicId = anew } });
        Expect("is gone", model with { Partitions = PartitionTable.Empty });

        void Expect(string words, ClusterModel now) => Assert.Contains(words, string.Join(' ', PlanFreshness.Changes(plan, now)), StringComparison.Ordinal);
    }

    private static RebalancePlan Plan(ClusterModel model) => Repairs.Of(model);

    private static int PartitionOf(ClusterModel model, string topic, int partition) => model.Partitions.TopicStart[model.Partitions.FindTopic(topic)] + partition;

    private static int[] Ids(ClusterModel model, int partition) => [.. model.Partitions.ReplicasOf(partition).ToArray().Select(index => model.Brokers[index].Id)];
}
