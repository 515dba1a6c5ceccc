namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>The first replica of each list that may lead does lead. No band: leadership is set once, before all else. Reported as partitions led by another.</summary>
public sealed class PreferredLeaderElectionGoal : IGoal
{
    public string Name => "PreferredLeaderElectionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
    }

    public GoalReport Report(Placement placement, Bands bands)
    {
        var others = 0;
        for (var partition = 0; partition < placement.Arrays.Topic.Length; partition++)
        {
            var preferred = Preferred(placement, partition);
            others += preferred >= 0 && placement.Lead[partition] != preferred ? 1 : 0;
        }

        return new GoalReport(Name, IsHard, others, "partitions", others);
    }

    /// <summary>The first slot whose broker may lead; -1: none.</summary>
    public static int Preferred(Placement placement, int partition)
    {
        for (var slot = placement.Arrays.Start[partition]; slot < placement.Arrays.Start[partition + 1]; slot++)
        {
            if (placement.Arrays.CanLead[placement.Current[slot]])
            {
                return slot;
            }
        }

        return -1;
    }
}
