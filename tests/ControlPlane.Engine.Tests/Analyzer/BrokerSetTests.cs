using System.Collections.Concurrent;
using System.Collections.Immutable;
using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Search;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>Broker sets as thoroughly as racks: no plan of any mode puts a replica outside its topic's set, and a set that is too small is proven so.</summary>
public sealed class BrokerSetTests
{
    private const int Seeds = 40;

    // Searched once for the tests that look at them.
    private static readonly ConcurrentDictionary<(OptimizerMode Mode, int Seed), OptimizerResult> Plans = new();

    public static TheoryData<OptimizerMode> Modes => [.. Enum.GetValues<OptimizerMode>()];

    [Theory]
    [MemberData(nameof(Modes))]
    public void No_replica_leaves_its_set_and_strays_only_come_home(OptimizerMode mode)
    {
        var (failures, moved) = (new List<string>(), 0);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            if (Case(mode, seed) is not var (model, wish))
            {
                continue;
            }

            var result = PlanOf(mode, seed, model, wish);
            var (brokers, topics) = BrokerSets.Of(model, wish);
            int Strays(int partition, IEnumerable<int> list) => list.Count(broker => brokers[broker] != topics[model.Topic[partition]]);
            moved += result.ReplicaMoves;
            var outside = result.Changes.FirstOrDefault(change => Strays(change.Partition, change.After.Except(change.Before)) > 0 || Strays(change.Partition, change.After) > Strays(change.Partition, change.Before));
            if (outside is not null || !result.Verdict.IsSound)
            {
                failures.Add($"seed {seed}: {(outside is null ? result.Verdict.Problems[0] : $"{outside.Partition}: {string.Join(",", outside.Before)} -> {string.Join(",", outside.After)}")}");
            }

            var isWhole = wish is { MandatoryOnly: false, ByteBudget: null, MoveBudget: null } && mode is OptimizerMode.Rebalance or OptimizerMode.AddBrokers or OptimizerMode.RemoveBrokers or OptimizerMode.FixOffline;
            if (isWhole && result.Outcome == OutcomeKind.Ok && result.Goals.First(goal => goal.Goal == "BrokerSetAwareGoal").ViolatedAfter > 0)
            {
                failures.Add($"seed {seed}: ok, but replicas lie outside their sets");
            }
        }

        Assert.True(failures.Count == 0, $"{mode}: {failures.Count} of {Seeds}: {string.Join("\n", failures.Take(10))}");
        Assert.True(moved > 0 || mode is OptimizerMode.DemoteBrokers or OptimizerMode.RemoveDirs or OptimizerMode.DiskBalance or OptimizerMode.PreferredLeaders, $"{mode} never moved anything.");
    }

    [Theory]
    [InlineData(OptimizerMode.Rebalance)]
    [InlineData(OptimizerMode.KafkaAssigner)]
    public void The_plan_is_the_same_at_one_thread_and_two(OptimizerMode mode)
    {
        for (var seed = 1; seed <= 15; seed++)
        {
            if (Case(mode, seed) is var (model, wish))
            {
                Assert.True(PlanOf(mode, seed, model, wish).PlacementHash == Run(model, wish with { Threads = wish.Threads == 1 ? 2 : 1 }).PlacementHash, $"seed {seed}");
            }
        }
    }

    [Fact]
    public void A_plan_is_found_exactly_when_some_placement_within_the_sets_holds_every_hard_goal()
    {
        var (failures, feasible, impossible, proven) = (new List<string>(), 0, 0, 0);
        for (var seed = 1; seed <= 200; seed++)
        {
            var model = OptimizerWorld.Tiny(seed);
            var wish = OptimizerWish.Rebalance with { BrokerSets = Sets(model, seed, 2) };
            var result = Run(model, wish);
            if (new OptimizerBruteForce(model, wish).IsFeasible() is not { } isFeasible)
            {
                continue;
            }

            (feasible, impossible) = isFeasible ? (feasible + 1, impossible) : (feasible, impossible + 1);
            proven += result.Outcome == OutcomeKind.Infeasible ? 1 : 0;
            if (isFeasible ? result.Outcome != OutcomeKind.Ok : result.Outcome == OutcomeKind.Ok)
            {
                failures.Add($"seed {seed}: {result.Outcome}, but a placement {(isFeasible ? "exists" : "does not exist")}. {string.Join(" ", result.Proofs.Select(proof => proof.Sentence))}{string.Join(", ", result.Goals.Where(goal => goal.IsHard && goal.ViolatedAfter > 0).Select(goal => $"{goal.Goal} {goal.ViolatedAfter}"))}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count}: {string.Join("\n", failures.Take(10))}");
        Assert.True(feasible > 20 && impossible > 20 && proven * 2 > impossible, $"{feasible} feasible, {impossible} not, {proven} of them proven.");
    }

    [Theory] // brokers 1 to 4; blue: 1 and 2; red: 3 and 4
    [InlineData("three replicas in a set of two", "012", 10, "abcd", null, "BrokerSetAwareGoal", "brokers", 1, 1)]
    [InlineData("two brokers of the set in one rack", "01", 10, "aabc", null, "RackAwareGoal", "racks", 1, 1)]
    [InlineData("more than the set can carry, though the cluster could", "01 01 01 01 01", 200, "abcd", null, "DiskCapacityGoal", "brokers", 1, 400)]
    [InlineData("a stray that may not come home", "01 01 02", 10, "abcd", "t0", "BrokerSetAwareGoal", null, 0, 1)]
    public void A_set_that_is_too_small_is_proven(string why, string lists, double size, string racks, string? excluded, string goal, string? kind, int count, double missing)
    {
        var wish = OptimizerWish.Rebalance with { BrokerSets = BlueAndRed, ExcludedTopics = excluded };

        var result = Run(GoalTable.Cluster(lists, size, 1, 1, racks), wish);

        var proof = result.Proofs.FirstOrDefault(one => one.Constraint == goal);
        Assert.True(result.Outcome == OutcomeKind.Infeasible && proof is not null, $"{why}: {result.Outcome} {string.Join(" ", result.Proofs.Select(one => one.Sentence))}");
        Assert.True((kind, count) == (proof.Remedy?.Kind, proof.Remedy?.Count ?? 0) && Math.Abs(proof.Missing - missing) < 1, $"{why}: {proof}");
    }

    [Fact]
    public void A_topic_belongs_where_most_of_it_lies_and_the_rest_comes_home()
    {
        var model = GoalTable.Cluster("01 01 03|23 23", 10, 1, 1, "abcd");

        var result = Run(model, OptimizerWish.Rebalance with { BrokerSets = BlueAndRed });

        Assert.Equal(OutcomeKind.Ok, result.Outcome);
        Assert.Equal([0, 1], result.Changes.Single(change => change.Partition == 2).After.Order());
        Assert.Equal((1, 0), Before(result, "BrokerSetAwareGoal"));
        Assert.Equal((3, 0), Before(Run(model, OptimizerWish.Rebalance with { BrokerSets = BlueAndRed.SetItem(4, "blue").SetItem(3, "blue").SetItem(1, "red") }), "BrokerSetAwareGoal"));
    }

    [Fact]
    public void A_topic_without_replicas_gets_a_set_by_its_name_alone()
    {
        string[] sets = ["blue", "green", "red"];
        var names = Enumerable.Range(0, 300).Select(number => $"topic-{number}").ToArray();

        Assert.All(names, name => Assert.Equal(BrokerSets.DefaultOf(name, sets), BrokerSets.DefaultOf(name, sets.Reverse().Concat(sets))));
        Assert.All(sets, set => Assert.InRange(names.Count(name => BrokerSets.DefaultOf(name, sets) == set), 70, 130));

        // In a model a topic without partitions counts as one that is about to be made.
        var model = GoalTable.Cluster("01", 10, 1, 1, "abcd");
        model = model with { Topics = [.. model.Topics, "made-later"] };
        var (_, topics) = BrokerSets.Of(model, OptimizerWish.Rebalance with { BrokerSets = BlueAndRed });
        Assert.Equal(BrokerSets.DefaultOf("made-later", ["red", "blue"]), topics[1] == 0 ? "blue" : "red");
    }

    private static ImmutableDictionary<int, string> BlueAndRed { get; } = ImmutableDictionary.CreateRange([KeyValuePair.Create(1, "blue"), new(2, "blue"), new(3, "red"), new(4, "red")]);

    private static (int Before, int After) Before(OptimizerResult result, string goal)
    {
        var one = result.Goals.First(one => one.Goal == goal);
        return (one.ViolatedBefore, one.ViolatedAfter);
    }

    private static ImmutableDictionary<int, string> Sets(OptimizerModel model, int seed, int most)
    {
        var random = new Random(seed * 31);
        return model.BrokerIds.ToImmutableDictionary(id => id, _ => $"set-{random.Next(most)}");
    }

    private static (OptimizerModel Model, OptimizerWish Wish)? Case(OptimizerMode mode, int seed) =>
        WorldPlans.Asked(mode, seed) is var (model, wish) ? (model, wish with { BrokerSets = Sets(model, seed, 1 + (seed % 3)) }) : null;

    private static OptimizerResult PlanOf(OptimizerMode mode, int seed, OptimizerModel model, OptimizerWish wish) => Plans.GetOrAdd((mode, seed), _ => Run(model, wish));

    private static OptimizerResult Run(OptimizerModel model, OptimizerWish wish) => Optimizer.Run(model, wish, null, TestContext.Current.CancellationToken);
}
