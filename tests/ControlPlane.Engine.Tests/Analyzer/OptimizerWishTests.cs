using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>Bad wishes are refused before any work, with the field and what is expected.</summary>
public sealed class OptimizerWishTests
{
    public static TheoryData<string, string, OptimizerWish> Bad => new()
    {
        { "goals", "no goal NoSuchGoal", OptimizerWish.Rebalance with { Goals = ["NoSuchGoal"] } },
        { "brokers", "no broker 999", new OptimizerWish { Mode = OptimizerMode.RemoveBrokers, Brokers = [999] } },
        { "brokers", "needs brokers", new OptimizerWish { Mode = OptimizerMode.RemoveBrokers } },
        { "brokers", "needs brokers", new OptimizerWish { Mode = OptimizerMode.DemoteBrokers } },
        { "noReplicasOnto", "no broker 999", OptimizerWish.Rebalance with { NoReplicasOnto = [999] } },
        { "noLeadersOnto", "no broker 999", OptimizerWish.Rebalance with { NoLeadersOnto = [999] } },
        { "destinations", "no broker 999", OptimizerWish.Rebalance with { Destinations = [999] } },
        { "excludedTopics", "no regular expression", OptimizerWish.Rebalance with { ExcludedTopics = "(" } },
        { "topics", "No topic matches", new OptimizerWish { Mode = OptimizerMode.ReplicationFactor, Topics = "absent", ReplicationFactor = 2 } },
        { "replicationFactor", "1 or more", new OptimizerWish { Mode = OptimizerMode.ReplicationFactor, Topics = ".*", ReplicationFactor = 0 } },
        { "limits", "needs a limit", new OptimizerWish { Mode = OptimizerMode.MinimalRepair } },
        { "limits", "not negative", new OptimizerWish { Mode = OptimizerMode.MinimalRepair, Limits = [new RepairLimit(Lane.Disk, -1, [])] } },
        { "limits", "known load", new OptimizerWish { Mode = OptimizerMode.MinimalRepair, Limits = [new RepairLimit(99, 0.5, [])] } },
        { "limits", "no broker 999", new OptimizerWish { Mode = OptimizerMode.MinimalRepair, Limits = [new RepairLimit(Lane.Disk, 0.5, [999])] } },
        { "dirs", "at least one broker and path", new OptimizerWish { Mode = OptimizerMode.RemoveDirs } },
        { "dirs", "no log dir /absent", new OptimizerWish { Mode = OptimizerMode.RemoveDirs, Dirs = [(1, "/absent")] } },
        { "threads", "1 to 64", OptimizerWish.Rebalance with { Threads = 0 } },
        { "band", "0 to 10", OptimizerWish.Rebalance with { Bands = new BandSettings(Spread: double.NaN) } },
        { "diskLimit", "0.01 to 1", OptimizerWish.Rebalance with { Bands = new BandSettings(DiskLimit: 1.5) } },
        { "byteBudget", "is not possible", OptimizerWish.Rebalance with { ByteBudget = -1 } },
        { "moveBudget", "is not possible", OptimizerWish.Rebalance with { MoveBudget = -1 } },
        { "minLeaders", "is not possible", OptimizerWish.Rebalance with { MinLeaders = -1 } },
        { "brokerSets", "is in no broker set", OptimizerWish.Rebalance with { BrokerSets = System.Collections.Immutable.ImmutableDictionary<int, string>.Empty.Add(1, "a") } },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_wish_is_refused_with_field_and_reason(string field, string reason, OptimizerWish wish)
    {
        var refusal = Assert.Throws<OptimizerRefusal>(() => Optimizer.Run(GoalTable.Cluster(), wish, null, TestContext.Current.CancellationToken));

        Assert.Equal(field, refusal.Field);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_brokers_is_refused()
    {
        var model = GoalTable.Cluster() with { BrokerIds = [] };

        var refusal = Assert.Throws<OptimizerRefusal>(() => Optimizer.Run(model, OptimizerWish.Rebalance, null, TestContext.Current.CancellationToken));

        Assert.Equal("model", refusal.Field);
    }
}
