using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Analyzer.Remedies;
using ControlPlane.Engine.Tests.Analyzer.Files;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>What stands beside a proof was built by a run: what it names is enough, and one fewer is not.</summary>
public sealed class RemedySearchTests
{
    [Theory] // brokers are counted by hand: a limit of 800 bytes each, one replica of a partition on a broker
    [InlineData("the sums are right", "0 0 0 0 1 1 1 1 2 2 2 2", 300, "abc", "DiskCapacityGoal", "brokers", 3)]
    [InlineData("two of 300 fit on a broker, not 2.67 as the sums say", "0 0 0 0 0 0 0 0 0 0 0 0 0 0", 300, "abc", "DiskCapacityGoal", "brokers", 4)]
    [InlineData("a rack too few", "012 012 102", 10, "aab", "RackAwareGoal", "racks", 1)]
    [InlineData("a rack too few, and what it has to hold is more than one broker can", "01 01 01 01 01 01 01 01", 110, "aa", "RackAwareGoal", "racks", 1)]
    [InlineData("a replica larger than any broker needs larger ones", "01", 900, "abc", "DiskCapacityGoal", "brokers", 2)]
    public void What_is_named_was_run_and_is_enough(string why, string lists, double size, string racks, string constraint, string kind, int count)
    {
        var (model, wish) = (GoalTable.Cluster(lists, size, 1, 1, racks), OptimizerWish.Rebalance);

        var remedy = Complete(model, wish).Proofs.First(one => one.Constraint == constraint).Remedy;

        Assert.True(remedy is not null && remedy.IsConstructed && (kind, count) == (remedy.Kind, remedy.Count), $"{why}: {remedy}");
        Assert.Contains("was run with them", remedy.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void On_tiny_clusters_no_fewer_brokers_hold_it_by_any_placement()
    {
        var (failures, checkedOnes) = (new List<string>(), 0);
        for (var seed = 1; seed <= 120; seed++)
        {
            // Racks aside, so that it does not matter where the new brokers stand.
            var tiny = OptimizerWorld.Tiny(seed);
            var model = tiny with { Racks = new string?[tiny.Brokers], Loads = [.. tiny.Loads.Select((load, at) => at % LoadOf.Count == LoadOf.Size ? load * 3 : load)] };
            var result = Complete(model, OptimizerWish.Rebalance);
            if (result.Proofs.Select(proof => proof.Remedy).FirstOrDefault() is not { Kind: "brokers", IsConstructed: true } remedy || model.Brokers + remedy.Count > 6)
            {
                continue;
            }

            var capacity = CapacityOf(model, result);
            var isEnough = new OptimizerBruteForce(Added(model, remedy.Count, capacity), OptimizerWish.Rebalance).IsFeasible();
            var isTooMany = new OptimizerBruteForce(Added(model, remedy.Count - 1, capacity), OptimizerWish.Rebalance).IsFeasible();
            checkedOnes += isTooMany is null ? 0 : 1;
            if (isEnough == false || isTooMany == true)
            {
                failures.Add($"seed {seed}: {remedy.Count} are named; enough {isEnough}, one fewer enough {isTooMany}. {result.Proofs[0].Sentence} {remedy.Sentence}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {checkedOnes}: {string.Join("\n", failures.Take(10))}");
        Assert.True(checkedOnes >= 15, $"Only {checkedOnes} worlds had a remedy to check.");
    }

    [Fact]
    public void What_nothing_can_mend_is_left_without_a_remedy()
    {
        var model = GoalTable.Cluster("0 0 0 0 0 0 0 0 0", 100);

        var result = Complete(model, OptimizerWish.Rebalance with { ExcludedTopics = "t0" });

        Assert.Equal(OutcomeKind.Infeasible, result.Outcome);
        Assert.All(result.Proofs, proof => Assert.Null(proof.Remedy));
    }

    [Fact]
    public void New_brokers_belong_to_the_set_that_is_short_and_to_the_named_destinations()
    {
        var model = GoalTable.Cluster("01 01 01 01 01 01 01|23 23", 200, 1, 1, "abcd");
        var wish = OptimizerWish.Rebalance with { BrokerSets = System.Collections.Immutable.ImmutableDictionary.CreateRange([new(1, "blue"), new(2, "blue"), new(3, "red"), KeyValuePair.Create(4, "red")]), Destinations = [1, 2, 3, 4] };

        var result = Complete(model, wish);

        // Seven of 200 bytes twice are 2,800; two brokers offer 1,600: four of them on each of four.
        var remedy = result.Proofs.Select(proof => proof.Remedy).OfType<Remedy>().First();
        Assert.True(remedy is { IsConstructed: true, Count: 2 }, $"{remedy} {string.Join(" ", result.Notes)}");
    }

    [Fact]
    public void A_cancelled_search_leaves_the_sums_and_says_so()
    {
        var (model, wish) = (GoalTable.Cluster("0 0 0 0 0 0 0 0 0 0 0 0 0 0", 300), OptimizerWish.Rebalance);
        var result = Optimizer.Run(model, wish, null, TestContext.Current.CancellationToken);

        var ended = RemedySearch.Complete(model, wish, result, null, new CancellationToken(canceled: true));

        Assert.False(ended.Proofs[0].Remedy!.IsConstructed);
        Assert.Contains(ended.Notes, note => note.Contains("ended early", StringComparison.Ordinal));
    }

    [Theory] // one broker with log dirs of 500 bytes, of which 400 may be used
    [InlineData("nothing else lives", """["/a"]""", 300, "/a", 1)]
    [InlineData("the other has room for one of two", """["/a","/b"]""", 300, "/a", 1)]
    [InlineData("three are too much for what is left", """["/a","/b"]""", 350, "/a", 1)]
    public void Log_dirs_that_can_not_hold_what_must_be_on_them_are_proven_and_mended(string why, string dirs, double size, string removed, int more)
    {
        var paths = System.Text.Json.JsonSerializer.Deserialize<string[]>(dirs)!;
        var model = ModelText.Read(
            $$"""{"type":"broker","id":1,"state":"alive","capacity":{"cpu":100,"networkIn":1000,"networkOut":1000,"disk":1000},"logDirs":[{{string.Join(",", paths.Select(path => $$"""{"path":"{{path}}","capacity":500,"alive":true}"""))}}]}""",
            $$"""{"type":"partition","topic":"t","partition":0,"replicas":[1],"leader":1,"logDirs":["/a"],"size":{{size}},"bytesIn":1,"bytesOut":1,"cpu":1}""",
            $$"""{"type":"partition","topic":"t","partition":1,"replicas":[1],"leader":1,"logDirs":["{{paths[^1]}}"],"size":{{size}},"bytesIn":1,"bytesOut":1,"cpu":1}""");
        var wish = new OptimizerWish { Mode = OptimizerMode.RemoveDirs, Dirs = [(1, removed)] };

        var result = Complete(model, wish);

        var proof = Assert.Single(result.Proofs);
        Assert.Equal((OutcomeKind.Infeasible, "IntraBrokerDiskCapacityGoal"), (result.Outcome, proof.Constraint));
        Assert.True(proof.Remedy is { Kind: "disks", IsConstructed: true } && proof.Remedy.Count >= more, $"{why}: {proof.Remedy} {string.Join(" ", result.Notes)}");
        Assert.Equal(paths.Length == 1 ? 2 * size : (2 * size) - 400, proof.Missing, 3);
    }

    [Fact]
    public void What_may_not_leave_a_log_dir_and_is_too_much_for_it_is_proven()
    {
        var model = ModelText.Read(
            """{"type":"broker","id":1,"state":"alive","capacity":{"cpu":100,"networkIn":1000,"networkOut":1000,"disk":1000},"logDirs":[{"path":"/a","capacity":500,"alive":true},{"path":"/b","capacity":500,"alive":true}]}""",
            """{"type":"partition","topic":"t","partition":0,"replicas":[1],"leader":1,"logDirs":["/a"],"size":450,"bytesIn":1,"bytesOut":1,"cpu":1}""");

        var held = Complete(model, OptimizerWish.Rebalance with { ExcludedTopics = "t" });
        var free = Complete(model, new OptimizerWish { Mode = OptimizerMode.DiskBalance });

        Assert.Contains("/a of broker 1", Assert.Single(held.Proofs).Sentence, StringComparison.Ordinal);
        Assert.Contains("more than any log dir of broker 1", Assert.Single(free.Proofs).Sentence, StringComparison.Ordinal);
    }

    /// <summary>As the remedies name it: the median, or what a replica too large for that needs.</summary>
    private static double[] CapacityOf(OptimizerModel model, OptimizerResult result)
    {
        var capacity = WhatIf.TypicalCapacity(model);
        string[] goals = ["CpuCapacityGoal", "NetworkInboundCapacityGoal", "NetworkOutboundCapacityGoal", "DiskCapacityGoal"];
        foreach (var proof in result.Proofs.Where(proof => goals.Contains(proof.Constraint)))
        {
            capacity[Array.IndexOf(goals, proof.Constraint)] = proof.Remedy!.TypicalCapacity;
        }

        return capacity;
    }

    private static OptimizerModel Added(OptimizerModel model, int count, double[] capacity)
    {
        var grown = count == 0 ? model : WhatIf.Add(model, count, null);
        return grown with { Capacity = [.. model.Capacity, .. Enumerable.Repeat(capacity, count).SelectMany(one => one)] };
    }

    private static OptimizerResult Complete(OptimizerModel model, OptimizerWish wish)
    {
        var result = Optimizer.Run(model, wish, null, TestContext.Current.CancellationToken);
        return RemedySearch.Complete(model, wish, result, null, TestContext.Current.CancellationToken);
    }
}
