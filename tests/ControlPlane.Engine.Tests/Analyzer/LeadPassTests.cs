using ControlPlane.Engine.Analyzer;

namespace ControlPlane.Engine.Tests.Analyzer;

/// <summary>Leadership that is given to one broker and taken from another in one step.</summary>
public sealed class LeadPassTests
{
    private const string Leaders = "LeaderReplicaDistributionGoal";
    private const string Traffic = "NetworkOutboundUsageDistributionGoal";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_broker_that_may_lead_no_more_and_sends_too_little_changes_what_it_leads_with_two_others(int threads)
    {
        var model = Ring(sent: [8.9, 9.8, 11.3]);
        var wish = OptimizerWish.Rebalance with { Goals = [Leaders, Traffic], Bands = new BandSettings { SolveSpread = 0.09 }, MoveBudget = 0, Polish = false, Threads = threads };

        var result = Optimizer.Run(model, wish, null, TestContext.Current.CancellationToken);

        Assert.Equal((0, 2), Violations(result, goal => goal.ViolatedBefore));
        Assert.Equal((0, 0), Violations(result, goal => goal.ViolatedAfter));
        Assert.Equal((OutcomeKind.Ok, 0, 2), (result.Outcome, result.ReplicaMoves, result.LeaderMoves));
        Assert.True(result.Verdict.IsSound);
    }

    [Fact]
    public void Where_a_partner_would_be_outside_for_it_nothing_is_passed_on()
    {
        // The second broker is at its upper edge: whatever it were given would be too much.
        var model = Ring(sent: [8.7, 10.85, 10.45]);
        var wish = OptimizerWish.Rebalance with { Goals = [Leaders, Traffic], Bands = new BandSettings { SolveSpread = 0.09 }, MoveBudget = 0, Polish = false };

        var result = Optimizer.Run(model, wish, null, TestContext.Current.CancellationToken);

        Assert.Equal((0, 1), Violations(result, goal => goal.ViolatedAfter));
        Assert.Equal(0, result.LeaderMoves);
    }

    private static (int Leaders, int Traffic) Violations(OptimizerResult result, Func<GoalOutcome, int> count) =>
        (count(result.Goals.First(goal => goal.Goal == Leaders)), count(result.Goals.First(goal => goal.Goal == Traffic)));

    /// <summary>
    /// Three brokers that lead 11, 9 and 10 partitions; 11 is the most. Each broker's followers are all on the next one, so that no two
    /// partitions change leaders between the same two brokers.
    /// </summary>
    /// <param name="sent">What each broker sends, bytes per second, spread over what it leads.</param>
    private static OptimizerModel Ring(double[] sent)
    {
        int[] leads = [11, 9, 10];
        var model = GoalTable.Cluster(string.Join('|', leads.SelectMany((count, broker) => Enumerable.Repeat($"{broker}{(broker + 1) % 3}", count))), size: 1, rate: 0, cpu: 0.1);
        return model with { Loads = [.. leads.SelectMany((count, broker) => Enumerable.Repeat(new[] { 0.1, 0.01, 0, sent[broker] / count, 1 }, count)).SelectMany(loads => loads)] };
    }
}
