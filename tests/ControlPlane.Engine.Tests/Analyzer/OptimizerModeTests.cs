using ControlPlane.Engine.Analyzer;
using ControlPlane.Engine.Tests.Analyzer.Files;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>What each mode is for is reached wherever its plan says ok; and no plan makes anything worse.</summary>
public sealed class OptimizerModeTests
{
    private const int Seeds = 40;

    /// <summary>As it is carried out: without what no order has disk for.</summary>
    [Fact]
    public void A_rebalance_never_ends_worse_than_it_began() => ForEach(OptimizerMode.Rebalance, (_, _, result) =>
        result.Goals.Where(goal => goal.IsHard && goal.DistanceAfter > goal.DistanceBefore + 1e-9 && !result.Proofs.Any(proof => proof.Constraint == goal.Goal)).Select(goal => $"{goal.Goal} {goal.DistanceBefore} -> {goal.DistanceAfter}").FirstOrDefault()
        ?? (result.Goals.Sum(goal => goal.DistanceAfter) > result.Goals.Sum(goal => goal.DistanceBefore) + 1e-6 && result.Outcome == OutcomeKind.Ok
            ? $"all goals together {result.Goals.Sum(goal => goal.DistanceBefore)} -> {result.Goals.Sum(goal => goal.DistanceAfter)}"
            : null));

    /// <summary>Whatever crowds a rack, one of it is no leader, and it can go wherever the leader could.</summary>
    [Fact]
    public void A_rack_repair_leaves_leaders_where_they_may_stay() => ForEach(OptimizerMode.RackRepair, (model, _, result) =>
        result.Changes.Where(change => change.LeaderBefore >= 0 && change.LeaderAfter != change.LeaderBefore
                && model.Conditions[change.LeaderBefore] is not (BrokerCondition.Dead or BrokerCondition.Demoted)
                && (model.Dir.Length == 0 || model.DirAlive[model.Dir[model.Lead[change.Partition]]]))
            .Select(change => $"partition {change.Partition} is led by {change.LeaderAfter} instead of {change.LeaderBefore}").FirstOrDefault());

    [Fact]
    public void Removed_brokers_end_empty() => ForEach(OptimizerMode.RemoveBrokers, (model, wish, result) =>
        result.Outcome == OutcomeKind.Ok && wish.Brokers.Sum(id => ReplicasAfter(model, result, Array.IndexOf(model.BrokerIds, id))) is > 0 and var left ? $"{left} replicas left" : null);

    /// <summary>The newest records are only on the dead broker: a new copy of the survivor would give them up.</summary>
    [Theory]
    [InlineData("[2]", 0)]
    [InlineData("[]", 1)]
    public void A_lost_replica_is_only_replaced_from_one_in_sync(string outOfSync, int changes)
    {
        var model = ModelText.Read(
            """{"type":"broker","id":1,"state":"dead","capacity":{"cpu":100,"networkIn":1000,"networkOut":1000,"disk":1000}}""",
            """{"type":"broker","id":2,"state":"alive","capacity":{"cpu":100,"networkIn":1000,"networkOut":1000,"disk":1000}}""",
            """{"type":"broker","id":3,"state":"alive","capacity":{"cpu":100,"networkIn":1000,"networkOut":1000,"disk":1000}}""",
            $$"""{"type":"partition","topic":"orders","partition":0,"replicas":[1,2],"leader":1,"outOfSync":{{outOfSync}},"size":10,"bytesIn":1,"bytesOut":1,"cpu":1}""");

        var result = Optimizer.Run(model, new OptimizerWish { Mode = OptimizerMode.FixOffline, MandatoryOnly = true }, null, TestContext.Current.CancellationToken);

        Assert.Equal(changes, result.Changes.Length);
        Assert.Equal(changes == 0 ? OutcomeKind.NotFound : OutcomeKind.Ok, result.Outcome);
    }

    [Fact]
    public void Demoted_brokers_lead_nothing() => ForEach(OptimizerMode.DemoteBrokers, (model, wish, result) =>
    {
        var demoted = wish.Brokers.Select(id => Array.IndexOf(model.BrokerIds, id)).ToHashSet();
        var led = LeadersAfter(model, result).Count(demoted.Contains);
        return result.Outcome == OutcomeKind.Ok && led > 0 && !result.Notes.Any(note => note.Contains("keep a leader on a demoted broker", StringComparison.Ordinal)) ? $"they lead {led} partitions" : null;
    });

    [Fact]
    public void Brokers_that_may_not_lead_keep_what_they_lead_but_get_no_more() => ForEach(OptimizerMode.RackRepair, (model, wish, _) =>
    {
        var id = model.BrokerIds[0];
        var result = Run(model, wish with { NoLeadersOnto = [id], MandatoryOnly = true });
        var after = LeadersAfter(model, result).ToArray();
        return Enumerable.Range(0, model.Partitions).Any(partition => after[partition] == 0 && (model.Lead[partition] < 0 || model.Broker[model.Lead[partition]] != 0)) ? "it got leadership"
            : model.Conditions[0] is BrokerCondition.Alive && result.LeaderMoves > 0 && result.Changes.Any(change => change.LeaderBefore == 0 && change.Copies == 0 && model.Marks.Length == 0 && model.DirAlive.All(lives => lives)) ? "leadership was taken from it"
            : null;
    });

    [Fact]
    public void Only_named_brokers_receive_when_brokers_are_added_strictly() => ForEach(OptimizerMode.AddBrokers, (model, wish, result) =>
        wish.OnlyOntoNamed && result.Changes.Any(change => change.After.Except(change.Before).Any(broker => !wish.Brokers.Contains(model.BrokerIds[broker]))) ? "another broker receives" : null);

    /// <summary>Also where replicas share a rack: that was not asked.</summary>
    [Fact]
    public void A_removal_that_is_all_there_shall_be_moves_nothing_that_may_stay() => ForEach(OptimizerMode.RemoveBrokers, (model, wish, _) =>
    {
        bool MayStay(int slot) => !wish.Brokers.Contains(model.BrokerIds[model.Broker[slot]]) && model.Conditions[model.Broker[slot]] != BrokerCondition.Dead
            && (model.Marks.Length == 0 || !model.Marks[slot].Has(ReplicaMarks.Offline)) && (model.Dir.Length == 0 || model.Dir[slot] < 0 || model.DirAlive[model.Dir[slot]]);
        var moved = Run(model, wish with { MandatoryOnly = true }).Changes.FirstOrDefault(change =>
            Enumerable.Range(model.Start[change.Partition], model.ReplicasOf(change.Partition)).Any(slot => MayStay(slot) && !change.After.Contains(model.Broker[slot])));
        return moved is null ? null : $"partition {moved.Partition} goes from {string.Join(',', moved.Before)} to {string.Join(',', moved.After)}";
    });

    [Fact]
    public void A_rack_repair_leaves_no_clash() => ForEach(OptimizerMode.RackRepair, (_, _, result) =>
        result.Outcome == OutcomeKind.Ok && result.Goals.First(goal => goal.Goal == "RackAwareGoal").ViolatedAfter > 0 ? "racks are shared" : null);

    [Fact]
    public void Dirs_and_preferred_leaders_copy_nothing_between_brokers()
    {
        foreach (var mode in (OptimizerMode[])[OptimizerMode.RemoveDirs, OptimizerMode.DiskBalance, OptimizerMode.PreferredLeaders])
        {
            ForEach(mode, (_, _, result) => result.ReplicaMoves > 0 || result.Bytes > 0 ? $"{mode} moves {result.ReplicaMoves} replicas" : null);
        }
    }

    [Theory]
    [InlineData(new int[0], 2)]
    [InlineData(new[] { 2 }, 1)]
    public void Log_dirs_are_evened_on_the_named_brokers_or_on_all(int[] brokers, int evened)
    {
        static string Broker(int id) => $$"""{"type":"broker","id":{{id}},"state":"alive","capacity":{"cpu":100,"networkIn":1000,"networkOut":1000,"disk":2000},"logDirs":[{"path":"/a","capacity":1000,"alive":true},{"path":"/b","capacity":1000,"alive":true}]}""";
        static string Partition(int number) => $$"""{"type":"partition","topic":"orders","partition":{{number}},"replicas":[1,2],"leader":1,"logDirs":["/a","/a"],"size":10,"bytesIn":1,"bytesOut":1,"cpu":1}""";
        var model = ModelText.Read([Broker(1), Broker(2), .. Enumerable.Range(0, 4).Select(Partition)]);

        var result = Optimizer.Run(model, new OptimizerWish { Mode = OptimizerMode.DiskBalance, Brokers = [.. brokers] }, null, TestContext.Current.CancellationToken);

        var moved = result.Changes.SelectMany(change => change.DirsAfter.Select((dir, place) => (Dir: dir, Broker: change.After[place]))).Where(one => one.Dir >= 0 && model.DirPaths[one.Dir] == "/b").Select(one => model.BrokerIds[one.Broker]).ToList();
        Assert.Equal(2 * evened, moved.Count); // two of four replicas each
        Assert.All(moved, id => Assert.True(brokers.Length == 0 || brokers.Contains(id), $"broker {id} was not named"));
    }

    [Fact]
    public void Preferred_leaders_lead_by_the_first_that_may() => ForEach(OptimizerMode.PreferredLeaders, (model, wish, result) =>
        model.Marks.Length > 0 || model.DirAlive.Contains(false) ? null
            : result.Changes.Where(change => change.Before.TakeWhile(broker => broker != change.LeaderAfter).Any(broker => MayLead(model, wish, broker))).Select(change => $"partition {change.Partition}: an earlier one could lead than {change.LeaderAfter}").FirstOrDefault());

    private static bool MayLead(OptimizerModel model, OptimizerWish wish, int broker) =>
        model.Conditions[broker] is BrokerCondition.Alive or BrokerCondition.New && !wish.NoLeadersOnto.Contains(model.BrokerIds[broker]);

    [Fact]
    public void A_run_that_is_cut_gives_a_sound_plan_that_is_not_worse()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var world = OptimizerWorld.Of(seed);
            foreach (var phase in (string[])["mandatory", "racks", "topics", "leadership", "balance", "trim"])
            {
                using var cut = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
                var result = Optimizer.Run(world.Model, OptimizerWish.Rebalance, new CutAt(phase, cut), cut.Token);
                var verdict = OptimizerVerifier.Check(world.Model, OptimizerWish.Rebalance, result);
                Assert.True(verdict.IsSound, $"seed {seed} cut at {phase}: {string.Join(" ", verdict.Problems)}");
                Assert.True(result.IsCut == cut.IsCancellationRequested, $"seed {seed} cut at {phase}: it says cut is {result.IsCut}");
            }
        }
    }

    [Fact]
    public void Without_any_goal_violated_nothing_moves()
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var world = OptimizerWorld.Of(seed);
            var result = Run(world.Model, OptimizerWish.Rebalance);
            var isMet = result.Goals.All(goal => goal.ViolatedBefore == 0) && world.Model.Conditions.All(condition => condition == BrokerCondition.Alive) && world.Model.Marks.Length == 0 && world.Model.DirAlive.All(lives => lives) && !world.Model.Lead.Contains(-1);
            Assert.True(!isMet || result.Changes.IsEmpty, $"seed {seed}: {result.Changes.Length} changes though every goal is met");
        }
    }

    private static IEnumerable<int> LeadersAfter(OptimizerModel model, OptimizerResult result)
    {
        var after = result.Changes.ToDictionary(change => change.Partition, change => change.LeaderAfter);
        return Enumerable.Range(0, model.Partitions).Select(partition => after.TryGetValue(partition, out var leader) ? leader : model.Lead[partition] < 0 ? -1 : model.Broker[model.Lead[partition]]);
    }

    private static int ReplicasAfter(OptimizerModel model, OptimizerResult result, int broker) =>
        model.Broker.Count(one => one == broker)
        - result.Changes.Count(change => change.Before.Contains(broker) && !change.After.Contains(broker))
        + result.Changes.Count(change => !change.Before.Contains(broker) && change.After.Contains(broker));

    private static OptimizerResult Run(OptimizerModel model, OptimizerWish wish) => Optimizer.Run(model, wish, null, TestContext.Current.CancellationToken);

    private static void ForEach(OptimizerMode mode, Func<OptimizerModel, OptimizerWish, OptimizerResult, string?> check)
    {
        var failures = new List<string>();
        for (var seed = 1; seed <= Seeds; seed++)
        {
            if (WorldPlans.Of(mode, seed) is var (model, wish, result) && check(model, wish, result) is { } failure)
            {
                failures.Add($"seed {seed}: {failure}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {Seeds} seeds failed. {string.Join("\n", failures.Take(12))}");
    }

    /// <summary>Cancels as soon as a phase is told, which a run does on its own thread.</summary>
    private sealed class CutAt(string phase, CancellationTokenSource cut) : IProgress<OptimizerProgress>
    {
        public void Report(OptimizerProgress value)
        {
            if (value.Phase == phase)
            {
                cut.Cancel();
            }
        }
    }
}
