using ControlPlane.Engine.Analyzer.Search;

namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>The log dirs of a broker are about equally full: the broker's mean utilisation times their capacity. Reported as log dirs outside.</summary>
internal sealed class IntraBrokerDiskUsageDistributionGoal : IDirGoal
{
    public string Name => "IntraBrokerDiskUsageDistributionGoal";

    public bool IsHard => false;

    public GoalReport Report(DirPlacement dirs)
    {
        var (count, distance, model) = (0, 0.0, dirs.Model);
        for (var broker = 0; broker < model.Brokers; broker++)
        {
            var mean = model.Conditions[broker] == BrokerCondition.Dead ? 0 : dirs.Utilisation(broker);
            for (var dir = model.DirStart[broker]; dir < model.DirStart[broker + 1]; dir++)
            {
                var target = mean * dirs.ShareOf(broker, dir);
                var outside = dirs.MayTake(dir) && target > 0 ? Math.Abs(dirs.Load[dir] - target) - (target * dirs.Settings.Spread) : 0;
                (count, distance) = outside > 1e-9 * target ? (count + 1, distance + (outside / target)) : (count, distance);
            }
        }

        return new(Name, IsHard, count, "log dirs", distance);
    }
}
