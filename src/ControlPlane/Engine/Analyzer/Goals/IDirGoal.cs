using ControlPlane.Engine.Analyzer.Search;

namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>A goal inside brokers: how their log dirs are filled.</summary>
internal interface IDirGoal
{
    string Name { get; }

    bool IsHard { get; }

    GoalReport Report(DirPlacement dirs);
}

/// <summary>Cruise Control's intra.broker.goals; reported wherever log dirs are known.</summary>
internal static class DirGoals
{
    public static IReadOnlyList<IDirGoal> All { get; } = [new IntraBrokerDiskCapacityGoal(), new IntraBrokerDiskUsageDistributionGoal()];
}
