using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using static ControlPlane.Engine.Tests.Healing.HealingScene;

namespace ControlPlane.Engine.Tests.Healing;

/// <summary>Each guard holds back by itself, with its name and its numbers.</summary>
public sealed class HealingGuardTests
{
    private static readonly (string Name, bool? Passed, string Words, HealingInput Input)[] Broken =
    [
        ("not-paused", false, "paused until 14:00:00Z by ann (maintenance)", Ready with { Policy = Ready.Policy with { Pause = new HealingPause(Now.AddHours(2), "ann", "maintenance") } }),
        ("anomaly-active", false, "pending", Ready with { Anomaly = Trouble(AnomalyState.Pending) }),
        ("grace-elapsed", false, "2 h ends at 13:00:00Z", Ready with { Policy = Policy(HealingMode.Heal, 120) }),
        ("picture-fresh", null, "no picture", Ready with { Model = null }),
        ("picture-fresh", null, "never read", Ready with { Model = Picture().Stale(SampleKind.Quorum, null) }),
        ("picture-fresh", false, "40 s ago", Ready with { Model = Picture().Stale(SampleKind.Topology, Now.AddSeconds(-40)) }),
        ("picture-fresh", false, "reassignments", Ready with { Model = Picture().Stale(SampleKind.Reassignments, Now.AddSeconds(-40)) }),
        ("picture-complete", false, "75 %, less than 95 %", Ready with { Model = Picture() with { Load = new LoadTable { ReplicaBytes = [10, -1, -1, 10, 10, -1] } } }),
        ("picture-complete", null, "unknown", Ready with { Model = Picture() with { Load = LoadTable.Empty } }),
        ("controller", false, "no controller", Ready with { Model = Picture() with { Controller = ControllerPicture.Unknown } }),
        ("broker-down-for-certain", false, "has not fenced it", Ready with { Model = Picture().With(OneBroker(4, BrokerState.Down, isFenced: false)) }),
        ("broker-down-for-certain", false, "has not fenced it", Ready with { Model = Picture().With(OneBroker(4, BrokerState.Unresponsive, isFenced: false)) }),
        ("broker-down-for-certain", false, "Active", Ready with { Model = Picture().With(OneBroker(4)) }),
        ("broker-down-for-certain", null, "unknown", Ready with { Model = Picture().With(OneBroker(4, BrokerState.Unknown, isFenced: null)), Policy = Ready.Policy with { MinCompleteness = 0.5 } }),
        ("brokers-down", false, "2 brokers of 4 are down (brokers 3, 4), more than 1", Ready with { Model = Picture().With(OneBroker(3, BrokerState.Down, isFenced: true)) }),
        ("brokers-steady", false, "Broker 2 is ShuttingDown", Ready with { Model = Picture().With(OneBroker(2, BrokerState.ShuttingDown)) }),
        ("brokers-steady", false, "Broker 2 is Restarting", Ready with { Model = Picture().With(OneBroker(2, BrokerState.Restarting)), Policy = Ready.Policy with { MinCompleteness = 0.5 } }),
        ("brokers-steady", null, "unknown", Ready with { Model = Picture().With(OneBroker(2, BrokerState.Unknown)), Policy = Ready.Policy with { MinCompleteness = 0.5 } }),
        ("no-reassignment", false, "1 partition is running", Ready with { Model = Picture() with { Reassigning = [1] } }),
        ("no-reassignment", null, "unknown", Ready with { Model = Picture() with { Reassigning = null } }),
        ("no-other-execution", null, "unknown", Ready with { Work = null }),
        ("no-other-execution", false, Plan.ToString(), Ready.After(Attempt(RepairState.Running) with { AnomalyId = null, IsByPolicy = false })),
        ("budget", false, "3 healings", Ready with { Work = ClusterWork.None with { HealedLastDay = 3 } }),
        ("replicas-to-restore", null, "unknown", Ready with { Anomaly = Trouble() with { Last = Trouble().Last with { BrokerId = 4, Key = new AnomalyKey(BrokerDownDetector.Name, "broker 9") } }, Model = null }),
    ];

    public static TheoryData<int, string> Rows() => [.. Broken.Select((row, index) => (index, $"{row.Name}: {row.Words}"))];

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_is_wrong_or_unknown_holds_back_and_is_said(int row, string what)
    {
        var (name, passed, words, input) = Broken[row];
        var decision = HealingRules.Evaluate(input);

        Assert.Equal(HealingAct.Nothing, decision.Act);
        var guard = Assert.Single(decision.Guards, guard => guard.Name == name);
        Assert.Equal(passed, guard.Passed);
        Assert.Contains(words, guard.Sentence, StringComparison.Ordinal);
        Assert.True(decision.HeldBackBy is not null, what);
        if (input.Model is not null)
        {
            Assert.Equal(name, decision.HeldBackBy.Name);
        }
    }

    [Fact]
    public void All_guards_are_asked_always_and_in_one_order() => Assert.All(
        Broken.Select(row => HealingRules.Evaluate(row.Input).Guards.Select(guard => guard.Name)),
        names => Assert.Equal(HealingRules.Evaluate(Ready).Guards.Select(guard => guard.Name), names));

    [Fact]
    public void Where_there_is_no_repair_nothing_is_held_back_and_no_guard_is_told()
    {
        var storm = Trouble() with { Last = Trouble().Last with { Key = new AnomalyKey(LagStormDetector.Name, LagStormDetector.Subject) } };

        var decision = HealingRules.Evaluate(Ready with { Anomaly = storm });

        Assert.Equal((HealingOutcome.Observing, HealingAct.Nothing, 0), (decision.Outcome, decision.Act, decision.Guards.Length));
    }

    [Fact]
    public void Where_the_cluster_does_not_tell_of_fencing_its_partitions_do()
    {
        var model = Picture().With(OneBroker(4, BrokerState.Down, isFenced: null));
        Assert.Equal(HealingAct.Heal, HealingRules.Evaluate(Ready with { Model = model }).Act);

        var leads = model with { Partitions = model.Partitions with { Leader = [0, 3] } };
        Assert.Equal("broker-down-for-certain", HealingRules.Evaluate(Ready with { Model = leads }).HeldBackBy?.Name);
    }

    [Fact]
    public void The_last_replica_in_sync_stays_in_the_ISR_of_a_dead_broker()
    {
        var model = Picture().With(OneBroker(4, BrokerState.Down, isFenced: null));
        var alone = model.Partitions with { ReplicaFlags = [ReplicaFlags.Offline, ReplicaFlags.Offline, ReplicaFlags.InSync, ReplicaFlags.InSync, ReplicaFlags.InSync, ReplicaFlags.None], Leader = [-1, 1] };

        Assert.Equal(HealingAct.Heal, HealingRules.Evaluate(Ready with { Model = model with { Partitions = alone } }).Act);
    }
}
