namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>Of the topics that are named, every broker that may lead leads at least so many partitions. Reported as pairs of topic and broker below.</summary>
public sealed class MinTopicLeadersPerBrokerGoal : IGoal
{
    public string Name => "MinTopicLeadersPerBrokerGoal";

    public bool IsHard => true;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
    }

    public GoalReport Report(Placement placement, Bands bands)
    {
        var (arrays, count, missing) = (placement.Arrays, 0, 0);
        for (var topic = 0; topic < arrays.MinLeaders.Length; topic++)
        {
            var leaders = arrays.MinLeaders[topic] > 0 ? LeadersOf(placement, topic) : [];
            for (var broker = 0; broker < leaders.Length; broker++)
            {
                var few = arrays.CanLead[broker] ? Math.Max(0, arrays.MinLeaders[topic] - leaders[broker]) : 0;
                (count, missing) = (count + (few > 0 ? 1 : 0), missing + few);
            }
        }

        return new GoalReport(Name, IsHard, count, "pairs of topic and broker", missing);
    }

    /// <summary>By broker how many partitions of a topic it leads.</summary>
    public static int[] LeadersOf(Placement placement, int topic)
    {
        var leaders = new int[placement.Brokers];
        var (start, end) = placement.Counts.SlotsOf(topic);
        for (var slot = start; slot < end; slot++)
        {
            leaders[placement.Current[slot]] += placement.Leads(slot) ? 1 : 0;
        }

        return leaders;
    }
}
