namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>All replicas of a topic lie on brokers of one broker set. No band: it forbids destinations. Reported as partitions that break it.</summary>
public sealed class BrokerSetAwareGoal : IGoal
{
    public string Name => "BrokerSetAwareGoal";

    public bool IsHard => true;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
    }

    public GoalReport Report(Placement placement, Bands bands)
    {
        var (arrays, broken, strays) = (placement.Arrays, 0, 0);
        for (var partition = 0; partition < arrays.Topic.Length && arrays.BrokerSet.Length > 0; partition++)
        {
            var outside = 0;
            foreach (var broker in placement.Current.AsSpan(arrays.Start[partition]..arrays.Start[partition + 1]))
            {
                outside += arrays.BrokerSet[broker] != arrays.TopicSet[arrays.Topic[partition]] ? 1 : 0;
            }

            (broken, strays) = (broken + (outside > 0 ? 1 : 0), strays + outside);
        }

        return new GoalReport(Name, IsHard, broken, "partitions", strays);
    }
}
