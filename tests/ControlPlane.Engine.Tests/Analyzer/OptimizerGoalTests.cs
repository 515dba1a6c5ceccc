using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>Each goal counted by hand on three brokers (cruise-control.md 2.3 and 2.4).</summary>
public sealed class OptimizerGoalTests
{
    [Theory] // lists: one word per partition, the leader first; loads of each partition; expected brokers, partitions or pairs outside
    [InlineData("replicas on own racks", "RackAwareGoal", "01 12", 100, 10, 10, "abc", 0)]
    [InlineData("two of one rack", "RackAwareGoal", "01 12", 100, 10, 10, "aab", 1)]
    [InlineData("more replicas than racks can't be apart", "RackAwareGoal", "012", 100, 10, 10, "aab", 1)]
    [InlineData("but they are as even as they can", "RackAwareDistributionGoal", "012", 100, 10, 10, "aab", 0)]
    [InlineData("two in one rack while another is free", "RackAwareDistributionGoal", "01", 100, 10, 10, "aab", 1)]
    [InlineData("disk exactly at 80 %", "DiskCapacityGoal", "0 0 0 0 0 0 0 0", 100, 1, 1, "abc", 0)]
    [InlineData("disk above 80 %", "DiskCapacityGoal", "0 0 0 0 0 0 0 0 0", 100, 1, 1, "abc", 1)]
    [InlineData("CPU exactly at 70 %", "CpuCapacityGoal", "0 0 0 0 0 0 0", 1, 1, 10, "abc", 0)]
    [InlineData("CPU above 70 %", "CpuCapacityGoal", "0 0 0 0 0 0 0 0", 1, 1, 10, "abc", 1)]
    [InlineData("followers take little CPU", "CpuCapacityGoal", "10 10 10 10 20 20 20 20", 1, 1, 10, "abc", 0)]
    [InlineData("bytes in at 80 %", "NetworkInboundCapacityGoal", "0 0 0 0 0 0 0 0", 1, 10, 1, "abc", 0)]
    [InlineData("followers take bytes in as well", "NetworkInboundCapacityGoal", "10 10 10 10 10 20 20 20 20", 1, 10, 1, "abc", 1)]
    [InlineData("bytes out above 80 %", "NetworkOutboundCapacityGoal", "0 0 0 0 0 0 0 0 0", 1, 10, 1, "abc", 1)]
    [InlineData("followers give out nothing", "NetworkOutboundCapacityGoal", "10 10 10 10 10 20 20 20 20", 1, 10, 1, "abc", 0)]
    [InlineData("but could", "PotentialNwOutGoal", "10 10 10 10 10 20 20 20 20", 1, 10, 1, "abc", 1)]
    [InlineData("replicas even", "ReplicaDistributionGoal", "0 1 2", 100, 10, 10, "abc", 0)]
    [InlineData("floor and ceil leave room for one", "ReplicaDistributionGoal", "0 0 1 2", 100, 10, 10, "abc", 0)]
    [InlineData("one has all; floor(0.91) is none, so nobody is below", "ReplicaDistributionGoal", "0 0 0", 100, 10, 10, "abc", 1)]
    [InlineData("leaders even", "LeaderReplicaDistributionGoal", "01 12 20", 100, 10, 10, "abc", 0)]
    [InlineData("one leads all", "LeaderReplicaDistributionGoal", "01 01 02", 100, 10, 10, "abc", 1)]
    [InlineData("disk even", "DiskUsageDistributionGoal", "0 1 2", 100, 10, 10, "abc", 0)]
    [InlineData("disk outside 9 %: one above, one below", "DiskUsageDistributionGoal", "0 0 0 0 1 1 1 2 2", 10, 10, 10, "abc", 2)]
    [InlineData("bytes in: followers count", "NetworkInboundUsageDistributionGoal", "01 12 20", 1, 10, 1, "abc", 0)]
    [InlineData("bytes out: only leaders count", "NetworkOutboundUsageDistributionGoal", "01 01 02", 1, 10, 1, "abc", 3)]
    [InlineData("CPU of leaders and followers", "CpuUsageDistributionGoal", "01 12 20", 1, 1, 10, "abc", 0)]
    [InlineData("leader bytes in has no lower edge", "LeaderBytesInDistributionGoal", "01 01 02", 1, 10, 1, "abc", 1)]
    [InlineData("a topic within ceil(a) + 2", "TopicReplicaDistributionGoal", "0 0 0", 1, 1, 1, "abc", 0)]
    [InlineData("a topic beyond it", "TopicReplicaDistributionGoal", "0 0 0 0", 1, 1, 1, "abcd", 1)]
    public void Goals_count_as_cruise_control_does(string why, string goal, string lists, double size, double rate, double cpu, string racks, int expected)
    {
        var outcome = GoalTable.Before(GoalTable.Cluster(lists, size, rate, cpu, racks), goal);

        Assert.True(expected == outcome.ViolatedBefore, $"{why}: expected {expected}, got {outcome.ViolatedBefore}");
        Assert.True(expected == 0 == (outcome.DistanceBefore == 0), $"{why}: a distance of {outcome.DistanceBefore} beside {expected} outside");
    }

    [Fact]
    public void Each_broker_has_to_lead_some_of_a_named_topic()
    {
        var wish = OptimizerWish.Rebalance with { MinLeadersTopics = "t0", MinLeaders = 1 };

        var outcome = GoalTable.Before(GoalTable.Cluster("012 012 102|2"), "MinTopicLeadersPerBrokerGoal", wish);

        Assert.Equal((1, 0), (outcome.ViolatedBefore, outcome.ViolatedAfter));
    }

    [Fact]
    public void A_topic_with_fewer_partitions_than_brokers_can_not_be_led_everywhere()
    {
        var wish = OptimizerWish.Rebalance with { MinLeadersTopics = "t0", Goals = ["MinTopicLeadersPerBrokerGoal"] };

        var result = Optimizer.Run(GoalTable.Cluster("012 012"), wish, null, TestContext.Current.CancellationToken);

        var proof = Assert.Single(result.Proofs);
        Assert.Equal((OutcomeKind.Infeasible, 1.0, "partitions", 1), (result.Outcome, proof.Missing, proof.Remedy!.Kind, proof.Remedy.Count));
    }

    [Theory] // what can't hold by sums, by racks, by one replica, by what may not move
    [InlineData("more disk than there is", "0 0 0 0 1 1 1 1 2 2 2 2", 300, "abc", null, "DiskCapacityGoal", "brokers", 2)]
    [InlineData("fewer racks than replicas", "012", 10, "aab", null, "RackAwareGoal", "racks", 1)]
    [InlineData("a replica larger than any broker", "01", 900, "abc", null, "DiskCapacityGoal", "brokers", 2)]
    [InlineData("too much that may not move", "0 0 0 0 0 0 0 0 0", 100, "abc", "t0", "DiskCapacityGoal", null, 0)]
    public void What_no_placement_holds_is_proven(string why, string lists, double size, string racks, string? excluded, string goal, string? kind, int count)
    {
        var wish = OptimizerWish.Rebalance with { ExcludedTopics = excluded };

        var result = Optimizer.Run(GoalTable.Cluster(lists, size, 1, 1, racks), wish, null, TestContext.Current.CancellationToken);

        var proof = result.Proofs.FirstOrDefault(one => one.Constraint == goal);
        Assert.True(result.Outcome == OutcomeKind.Infeasible && proof is not null, $"{why}: {result.Outcome} {string.Join(" ", result.Proofs.Select(one => one.Sentence))}");
        Assert.True(proof.Missing > 0 && (kind, count) == (proof.Remedy?.Kind, proof.Remedy?.Count ?? 0), $"{why}: {proof}");
    }
}
