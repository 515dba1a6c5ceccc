using ControlPlane.Engine.Analyzer.Search;

namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>No log dir is fuller than <see cref="BandSettings.DiskLimit"/> of its capacity. Reported as log dirs above.</summary>
internal sealed class IntraBrokerDiskCapacityGoal : IDirGoal
{
    public string Name => "IntraBrokerDiskCapacityGoal";

    public bool IsHard => true;

    public GoalReport Report(DirPlacement dirs)
    {
        var (count, distance) = (0, 0.0);
        for (var dir = 0; dir < dirs.Load.Length; dir++)
        {
            var over = dirs.Model.DirAlive[dir] ? dirs.Load[dir] - dirs.LimitOf(dir) : 0;
            (count, distance) = over > 0 ? (count + 1, distance + (over / Math.Max(1, dirs.LimitOf(dir)))) : (count, distance);
        }

        return new(Name, IsHard, count, "log dirs", distance);
    }
}
