using ControlPlane.Engine.Anomalies;
using ControlPlane.Engine.Healing;
using ControlPlane.Engine.Model;
using static ControlPlane.Engine.Tests.Healing.HealingScene;

namespace ControlPlane.Engine.Tests.Healing;

/// <summary>What holds whatever the cluster, the policy and the people do, over seeded scenes.</summary>
public sealed class HealingPropertyTests
{
    private const int Scenes = 5_000;

    [Fact]
    public void It_never_acts_with_a_guard_that_fails_or_is_unknown()
    {
        var acted = 0;
        for (var seed = 0; seed < Scenes; seed++)
        {
            var input = Random(seed);
            var decision = HealingRules.Evaluate(input);
            var mayAct = input.Override is not { IsLeftAlone: true } && input.Anomaly.State is AnomalyState.Active;
            acted += decision.Act is HealingAct.Nothing ? 0 : 1;

            Assert.True(decision.Act is HealingAct.Nothing or HealingAct.Withdraw || (mayAct && decision.Guards.Length > 0 && decision.Guards.All(guard => guard.Passed == true)), $"Seed {seed}: {decision}");
        }

        Assert.InRange(acted, 50, Scenes / 2); // a property that never sees an act proves nothing
    }

    [Fact]
    public void The_same_input_makes_the_same_decision()
    {
        for (var seed = 0; seed < Scenes; seed++)
        {
            var (first, again) = (HealingRules.Evaluate(Random(seed)), HealingRules.Evaluate(Random(seed)));

            Assert.True(first.SaysTheSameAs(again) && first.Act == again.Act && first.Guards.SequenceEqual(again.Guards), $"Seed {seed}");
        }
    }

    /// <summary>A restart only changes what is in memory: it sees the anomaly later, and with another last sighting.</summary>
    [Fact]
    public void A_restart_never_shortens_the_grace_time()
    {
        for (var seed = 0; seed < Scenes; seed++)
        {
            var before = Random(seed);
            var after = before with
            {
                Anomaly = before.Anomaly with
                {
                    LastSeen = before.Anomaly.LastSeen.AddSeconds(seed % 60),
                    Last = before.Anomaly.Last with { Since = before.Anomaly.Last.Since.AddMinutes(-(seed % 90)) },
                },
            };

            Assert.Equal(HealingGuards.GraceEnds(before), HealingGuards.GraceEnds(after));
            Assert.Equal(HealingRules.Evaluate(before).ActsAt, HealingRules.Evaluate(after).ActsAt);
        }
    }

    [Fact]
    public void No_second_plan_is_made_while_one_is_open()
    {
        for (var seed = 0; seed < Scenes; seed++)
        {
            var input = Random(seed);
            foreach (var state in new[] { RepairState.Proposed, RepairState.Running })
            {
                var decision = HealingRules.Evaluate(input.After(Attempt(state)));

                Assert.True(decision.Act is HealingAct.Nothing || (decision.Act is HealingAct.Heal or HealingAct.Withdraw && decision.PlanId == Plan), $"Seed {seed}: {decision}");
            }
        }
    }

    [Fact]
    public void A_plan_is_renewed_only_in_the_place_of_one_that_no_longer_fits()
    {
        var renewed = 0;
        for (var seed = 0; seed < Scenes; seed++)
        {
            var input = Random(seed).After(Attempt(RepairState.Proposed, at: Now.AddMinutes(-seed % 10)) with { Changes = ["Topic orders is gone."] });
            var decision = HealingRules.Evaluate(input);
            renewed += decision.Act is HealingAct.Renew ? 1 : 0;

            Assert.True(decision.Act is HealingAct.Nothing || (decision.Act is HealingAct.Renew or HealingAct.Withdraw && decision.PlanId == Plan), $"Seed {seed}: {decision}");
            Assert.True(decision.Act is not HealingAct.Renew || decision.Guards.All(guard => guard.Passed == true), $"Seed {seed}: {decision}");
        }

        Assert.InRange(renewed, 50, Scenes / 2);
    }

    /// <summary>Mostly well, so that acts are frequent, with zero to two things broken.</summary>
    private static HealingInput Random(int seed)
    {
        var random = new Random(seed);
        var input = Ready with
        {
            Policy = Policy((HealingMode)random.Next(3), random.Next(4) == 0 ? random.Next(240) : 30),
            Override = random.Next(4) switch
            {
                0 => new HealingOverride(TimeSpan.FromMinutes(random.Next(120)), random.Next(3) == 0, random.Next(2) == 0 ? Now.AddMinutes(-random.Next(120)) : null, "ann", null),
                _ => null,
            },
        };
        for (var times = random.Next(3); times > 0; times--)
        {
            input = Break(input, random);
        }

        return input;
    }

    private static HealingInput Break(HealingInput input, Random random)
    {
        var model = input.Model ?? Picture();
        return random.Next(12) switch
        {
            0 => input with { Policy = input.Policy with { Pause = new HealingPause(Now.AddMinutes(random.Next(-60, 60)), "ann", null) } },
            1 => input with { Anomaly = Trouble((AnomalyState)random.Next(3)) },
            2 => input with { Model = null },
            3 => input with { Model = model.Stale((SampleKind)random.Next(10), random.Next(2) == 0 ? null : Now.AddSeconds(-random.Next(90))) },
            4 => input with { Model = model.With(OneBroker(1 + random.Next(4), (BrokerState)random.Next(7), random.Next(3) switch { 0 => null, 1 => true, _ => false })) },
            5 => input with { Model = model with { Reassigning = random.Next(2) == 0 ? null : [0] } },
            6 => input with { Model = model with { Controller = ControllerPicture.Unknown } },
            7 => input with { Work = null },
            8 => input with { Work = new ClusterWork([Attempt((RepairState)random.Next(7), at: Now.AddMinutes(-random.Next(30))) with { IsByPolicy = random.Next(2) == 0 }], random.Next(5)) },
            9 => input with { Model = model with { Load = new LoadTable { ReplicaBytes = [10, random.Next(2) == 0 ? -1 : 5, -1, 10, 10, -1] } } },
            10 => input with { Model = model with { Partitions = model.Partitions with { Leader = [0, random.Next(4)] } } },
            _ => input with { Policy = input.Policy with { MaxBrokersDown = 1 + random.Next(3) } },
        };
    }
}
