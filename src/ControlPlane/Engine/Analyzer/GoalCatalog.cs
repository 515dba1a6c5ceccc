using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer;

/// <summary>How many brokers or partitions a goal finds out of its band.</summary>
/// <param name="Violations">0 where the goal is met.</param>
/// <param name="Unit">What is counted: brokers, partitions or pairs of topic and broker.</param>
public sealed record GoalReport(string Goal, bool IsHard, int Violations, string Unit);

/// <summary>One goal: its band in the packed arrays and how it is reported.</summary>
public interface IGoal
{
    /// <summary>As Cruise Control calls it, because users know these names.</summary>
    string Name { get; }

    bool IsHard { get; }

    void Shape(Placement placement, BandSettings settings, Bands bands);

    GoalReport Report(Placement placement);
}

/// <summary>All goals in order: hard limits first, because soft bands are cut at them.</summary>
public static class GoalCatalog
{
    public static IReadOnlyList<IGoal> All { get; } =
    [
        new RackAwareGoal(),
        new ReplicaCapacityGoal(),
        new DiskCapacityGoal(),
        new ReplicaDistributionGoal(),
        new LeaderReplicaDistributionGoal(),
        new DiskUsageDistributionGoal(),
        new NetworkInboundDistributionGoal(),
        new NetworkOutboundDistributionGoal(),
        new TopicReplicaDistributionGoal(),
    ];

    /// <summary>The bands of all goals for what the cluster carries in all; they do not depend on who carries it.</summary>
    public static Bands Shape(Placement placement, BandSettings settings)
    {
        var bands = new Bands(placement.Brokers, placement.Arrays.Topics);
        foreach (var goal in All)
        {
            goal.Shape(placement, settings, bands);
        }

        return bands;
    }
}
