using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using static ControlPlane.Engine.Tests.Healing.HealingScene;

namespace ControlPlane.Engine.Tests.Healing;

public sealed class HealingRulesTests
{
    private static readonly HealingOverride HealNow = new(TimeSpan.Zero, false, Now - TimeSpan.FromMinutes(1), "ann", "it will not come back");

    [Fact]
    public void It_heals_when_every_guard_passes()
    {
        var decision = HealingRules.Evaluate(Ready);

        Assert.Equal((HealingOutcome.Started, HealingAct.Heal, (Guid?)null), (decision.Outcome, decision.Act, decision.PlanId));
        Assert.All(decision.Guards, guard => Assert.True(guard.Passed, guard.Sentence));
    }

    [Fact]
    public void Healing_is_off_until_somebody_switches_it_on()
    {
        var decision = HealingRules.Evaluate(Ready with { Policy = HealingPolicy.Default });

        Assert.Equal((HealingOutcome.Observing, HealingAct.Nothing), (decision.Outcome, decision.Act));
        Assert.Equal(30, HealingPolicy.Default.RuleFor(BrokerDownDetector.Name).Grace.TotalMinutes);
    }

    [Fact]
    public void What_began_while_healing_was_off_is_healed_once_it_is_on()
    {
        Assert.Equal(HealingOutcome.Observing, HealingRules.Evaluate(Ready with { Policy = Policy(HealingMode.Observe) }).Outcome);
        Assert.Equal(HealingAct.Heal, HealingRules.Evaluate(Ready).Act);
    }

    [Fact]
    public void Propose_makes_a_plan_and_waits_for_a_person()
    {
        var propose = Ready with { Policy = Policy(HealingMode.Propose) };

        Assert.Equal(HealingAct.Propose, HealingRules.Evaluate(propose).Act);
        var waiting = HealingRules.Evaluate(propose.After(Attempt(RepairState.Proposed)));
        Assert.Equal((HealingOutcome.Proposed, HealingAct.Nothing, (Guid?)Plan), (waiting.Outcome, waiting.Act, waiting.PlanId));
    }

    [Fact]
    public void A_plan_that_was_made_before_a_crash_is_the_one_that_is_carried_out()
    {
        var decision = HealingRules.Evaluate(Ready.After(Attempt(RepairState.Proposed)));

        Assert.Equal((HealingAct.Heal, (Guid?)Plan), (decision.Act, decision.PlanId));
    }

    [Fact]
    public void The_countdown_names_its_end_and_what_would_hold_it_back()
    {
        var ends = ActiveAt + TimeSpan.FromMinutes(90);
        var decision = HealingRules.Evaluate(Ready with { Policy = Policy(HealingMode.Heal, 90), Model = Picture() with { Reassigning = [1] } });

        Assert.Equal((HealingOutcome.Waiting, (DateTimeOffset?)ends, HealingAct.Nothing), (decision.Outcome, decision.ActsAt, decision.Act));
        Assert.Contains("Heals at 12:30:00Z", decision.Sentence, StringComparison.Ordinal);
        Assert.Contains("reassignment of 1 partition is running", decision.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Somebody_can_extend_the_grace_time_leave_it_alone_or_heal_now()
    {
        var extended = HealingRules.Evaluate(Ready with { Override = new HealingOverride(TimeSpan.FromHours(1), false, null, "ann", null) });
        Assert.Equal((HealingOutcome.Waiting, (DateTimeOffset?)(ActiveAt + TimeSpan.FromMinutes(90))), (extended.Outcome, extended.ActsAt));

        var left = HealingRules.Evaluate(Ready with { Override = new HealingOverride(TimeSpan.Zero, true, null, "ann", "I restart it") });
        Assert.Equal(HealingOutcome.LeftAlone, left.Outcome);
        Assert.Contains("ann said (I restart it)", left.Sentence, StringComparison.Ordinal);

        var early = Ready with { Policy = Policy(HealingMode.Observe, 600), Override = HealNow };
        Assert.Equal(HealingAct.Heal, HealingRules.Evaluate(early).Act);
        Assert.Equal(HealingOutcome.Blocked, HealingRules.Evaluate(early with { Model = Picture() with { Reassigning = [0] } }).Outcome);
    }

    [Fact]
    public void A_wish_to_heal_now_that_was_held_back_is_forgotten_after_an_hour() =>
        Assert.Equal(HealingOutcome.Observing, HealingRules.Evaluate(
            Ready with { Policy = Policy(HealingMode.Observe), Override = HealNow with { HealNowAt = Now - TimeSpan.FromMinutes(61) } }).Outcome);

    [Theory]
    [InlineData(RepairState.Done, HealingOutcome.Ended, Status.Ok)]
    [InlineData(RepairState.Failed, HealingOutcome.Ended, Status.Crit)]
    [InlineData(RepairState.Cancelled, HealingOutcome.Ended, Status.Warn)]
    [InlineData(RepairState.Discarded, HealingOutcome.LeftAlone, Status.Maint)]
    public void What_has_ended_is_not_repeated_unless_a_person_says_so(RepairState state, HealingOutcome expected, Status status)
    {
        var ended = Ready.After(Attempt(state));

        var decision = HealingRules.Evaluate(ended);
        Assert.Equal((expected, status, HealingAct.Nothing), (decision.Outcome, decision.Status, decision.Act));
        Assert.Equal(HealingAct.Heal, HealingRules.Evaluate(ended with { Override = HealNow }).Act);
        Assert.Equal(expected, HealingRules.Evaluate(ended with { Override = HealNow with { HealNowAt = Now - TimeSpan.FromMinutes(15) } }).Outcome);
    }

    [Fact]
    public void A_stale_plan_is_replaced_but_not_at_once()
    {
        Assert.Equal("not-repeated", HealingRules.Evaluate(Ready.After(Attempt(RepairState.Stale, at: Now - TimeSpan.FromMinutes(2)))).HeldBackBy?.Name);
        var later = HealingRules.Evaluate(Ready.After(Attempt(RepairState.Stale, at: Now - TimeSpan.FromMinutes(6))));
        Assert.Equal((HealingAct.Heal, (Guid?)null), (later.Act, later.PlanId));
    }

    [Theory]
    [InlineData(HealingMode.Propose)]
    [InlineData(HealingMode.Heal)]
    public void A_plan_that_waits_and_no_longer_fits_is_renewed_but_not_at_once(HealingMode mode)
    {
        var input = Ready with { Policy = Policy(mode) };
        var old = Attempt(RepairState.Proposed, at: Now - TimeSpan.FromMinutes(6)) with { Changes = ["Topic orders is gone."] };

        var renewed = HealingRules.Evaluate(input.After(old));
        Assert.Equal((HealingOutcome.Proposed, HealingAct.Renew, (Guid?)Plan), (renewed.Outcome, renewed.Act, renewed.PlanId));
        Assert.Contains("Topic orders is gone.", renewed.Sentence, StringComparison.Ordinal);
        Assert.False(renewed.SaysTheSameAs(HealingRules.Evaluate((input with { Policy = Policy(HealingMode.Propose) }).After(old with { Changes = [] }))), "it is news");
        var early = HealingRules.Evaluate(input.After(old with { At = Now - TimeSpan.FromMinutes(4) }));
        Assert.Equal((HealingAct.Nothing, "not-repeated", (Guid?)Plan), (early.Act, early.HeldBackBy?.Name, early.PlanId));
        Assert.Contains("Topic orders is gone.", early.Sentence, StringComparison.Ordinal);
        Assert.Equal(HealingAct.Nothing, HealingRules.Evaluate((input with { Model = Picture() with { Reassigning = [0] } }).After(old)).Act);
        Assert.Equal(HealingOutcome.Observing, HealingRules.Evaluate((input with { Policy = Policy(HealingMode.Observe) }).After(old)).Outcome);
    }

    [Fact]
    public void A_plan_that_no_longer_fits_because_nothing_is_left_to_restore_is_withdrawn()
    {
        var model = Picture();
        var nothingLeft = model with { Partitions = model.Partitions with { ReplicaBroker = [0, 1, 2, 1, 2, 0] }, Load = new LoadTable { ReplicaBytes = [1, 1, 1, 1, 1, 1] } };

        var decision = HealingRules.Evaluate((Ready with { Policy = Policy(HealingMode.Propose), Model = nothingLeft })
            .After(Attempt(RepairState.Proposed) with { Changes = ["The replicas of orders-0 are others now."] }));

        Assert.Equal((HealingOutcome.NotNeeded, HealingAct.Withdraw, (Guid?)Plan), (decision.Outcome, decision.Act, decision.PlanId));
    }

    [Fact]
    public void A_broker_that_returns_within_the_grace_time_needs_no_healing()
    {
        var decision = HealingRules.Evaluate(Ready with { Anomaly = Trouble(AnomalyState.Resolved) });

        Assert.Equal((HealingOutcome.NotNeeded, HealingAct.Nothing), (decision.Outcome, decision.Act));
        Assert.Equal(HealingOutcome.Blocked, HealingRules.Evaluate(Ready with { Anomaly = Trouble(AnomalyState.Resolved), Work = null }).Outcome);
    }

    [Fact]
    public void A_plan_that_waits_for_a_yes_is_withdrawn_when_the_broker_is_back()
    {
        var decision = HealingRules.Evaluate((Ready with { Anomaly = Trouble(AnomalyState.Resolved) }).After(Attempt(RepairState.Proposed)));

        Assert.Equal((HealingOutcome.NotNeeded, HealingAct.Withdraw, (Guid?)Plan), (decision.Outcome, decision.Act, decision.PlanId));
    }

    [Fact]
    public void A_broker_that_returns_amid_its_healing_does_not_end_it() =>
        Assert.Equal(HealingOutcome.Started, HealingRules.Evaluate((Ready with { Anomaly = Trouble(AnomalyState.Resolved) }).After(Attempt(RepairState.Running))).Outcome);

    [Fact]
    public void A_broker_without_replicas_needs_no_healing()
    {
        var model = Picture();
        var decision = HealingRules.Evaluate(Ready with { Model = model with { Partitions = model.Partitions with { ReplicaBroker = [0, 1, 2, 1, 2, 0] }, Load = new LoadTable { ReplicaBytes = [1, 1, 1, 1, 1, 1] } } });

        Assert.Equal((HealingOutcome.NotNeeded, HealingAct.Nothing), (decision.Outcome, decision.Act));
    }

    [Fact]
    public void A_kind_without_a_repair_is_only_observed()
    {
        var anomaly = Trouble();
        var other = anomaly with { Last = anomaly.Last with { Key = new AnomalyKey(UnderReplicatedDetector.Name, "cluster"), BrokerId = null } };
        var policy = HealingPolicy.Default with { Rules = [HealingPolicy.Default.Rules[0], new HealingRule(UnderReplicatedDetector.Name, HealingMode.Heal, TimeSpan.Zero)] };

        Assert.Equal(HealingOutcome.Observing, HealingRules.Evaluate(Ready with { Anomaly = other, Policy = policy, Override = HealNow }).Outcome);
    }

    [Fact]
    public void The_same_input_makes_the_same_decision()
    {
        var (first, second) = (HealingRules.Evaluate(Ready), HealingRules.Evaluate(Ready));

        Assert.True(first.SaysTheSameAs(second));
        Assert.Equal(first.Guards.AsEnumerable(), second.Guards);
        Assert.Equal(first.Sentence, second.Sentence);
    }
}
