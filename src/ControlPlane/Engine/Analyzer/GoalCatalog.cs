using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer;

/// <summary>How many brokers or partitions a goal finds out of its band, and by how much.</summary>
/// <param name="Violations">0 where the goal is met.</param>
/// <param name="Unit">What is counted: brokers, partitions or pairs of topic and broker.</param>
/// <param name="Distance">How far they are outside together, relative to the target of each; 0 where the goal is met.</param>
public sealed record GoalReport(string Goal, bool IsHard, int Violations, string Unit, double Distance);

/// <summary>One goal: its band in the packed arrays and how it is reported.</summary>
public interface IGoal
{
    /// <summary>As Cruise Control calls it, because users know these names.</summary>
    string Name { get; }

    bool IsHard { get; }

    void Shape(Placement placement, BandSettings settings, Bands bands);

    GoalReport Report(Placement placement, Bands bands);
}

/// <summary>All goals in order: hard limits first, because soft bands are cut at them.</summary>
public static class GoalCatalog
{
    public static IReadOnlyList<IGoal> All { get; } =
    [
        new RackAwareGoal(),
        new RackAwareDistributionGoal(),
        new BrokerSetAwareGoal(),
        new MinTopicLeadersPerBrokerGoal(),
        new ReplicaCapacityGoal(),
        new DiskCapacityGoal(),
        new NetworkInboundCapacityGoal(),
        new NetworkOutboundCapacityGoal(),
        new CpuCapacityGoal(),
        new ReplicaDistributionGoal(),
        new PotentialNwOutGoal(),
        new DiskUsageDistributionGoal(),
        new NetworkInboundUsageDistributionGoal(),
        new NetworkOutboundUsageDistributionGoal(),
        new CpuUsageDistributionGoal(),
        new TopicReplicaDistributionGoal(),
        new LeaderReplicaDistributionGoal(),
        new LeaderBytesInDistributionGoal(),
        new PreferredLeaderElectionGoal(),
    ];

    /// <summary>Cruise Control's default.goals, in its order of importance.</summary>
    public static IReadOnlyList<IGoal> Default { get; } =
        [.. All.Where(goal => goal is not (RackAwareDistributionGoal or BrokerSetAwareGoal or PreferredLeaderElectionGoal))];

    /// <summary>The same where brokers have sets: sets that nobody judges would be broken unseen.</summary>
    private static readonly IReadOnlyList<IGoal> WithSets = [.. All.Where(goal => goal is not (RackAwareDistributionGoal or PreferredLeaderElectionGoal))];

    /// <summary>What a wish is judged by, the most important first.</summary>
    public static IReadOnlyList<IGoal> Asked(OptimizerWish wish) =>
        !wish.Goals.IsEmpty ? [.. wish.Goals.Select(name => Find(name)!).Distinct()] : wish.BrokerSets.IsEmpty ? Default : WithSets;

    public static IGoal? Find(string name) => All.FirstOrDefault(goal =>
        string.Equals(goal.Name, name, StringComparison.OrdinalIgnoreCase) || string.Equals(goal.Name, name + "Goal", StringComparison.OrdinalIgnoreCase));

    /// <summary>The bands of all default goals for what the cluster carries in all; they do not depend on who carries it.</summary>
    public static Bands Shape(Placement placement, BandSettings settings) => Shape(placement, settings, Default, isWeighted: false);

    /// <summary>The bands of these goals. Hard limits are drawn whether asked for or not: no move may break them.</summary>
    /// <param name="placement">Whose totals the bands are for.</param>
    /// <param name="settings">How wide they are.</param>
    /// <param name="goals">The most important first.</param>
    /// <param name="isWeighted">Whether earlier goals weigh more, for a search; a judge counts all alike.</param>
    public static Bands Shape(Placement placement, BandSettings settings, IReadOnlyList<IGoal> goals, bool isWeighted)
    {
        var bands = new Bands(placement.Rows, placement.Arrays.Topics);
        foreach (var goal in All.Where(goal => goal.IsHard || goals.Contains(goal)))
        {
            bands.Weight = isWeighted ? WeightOf(goals, goal) : 1;
            goal.Shape(placement, settings, bands);
        }

        bands.Weight = 1;
        return bands;
    }

    /// <summary>All alike in the default order, where nothing contradicts; a list of one's own decides contradictions by its order.</summary>
    private static double WeightOf(IReadOnlyList<IGoal> goals, IGoal goal)
    {
        var place = goals.ToList().IndexOf(goal);
        return ReferenceEquals(goals, Default) || ReferenceEquals(goals, WithSets) || place < 0 ? 1 : 1 + ((goals.Count - 1 - place) / (double)Math.Max(1, goals.Count - 1));
    }
}
