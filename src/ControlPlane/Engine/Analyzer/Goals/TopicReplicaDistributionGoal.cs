namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>
/// The replicas of a topic are spread over the brokers: at most max(ceil(a) + 2, min(ceil(2.8 a), ceil(a) + 40)) on one, a being the mean.
/// It forbids destinations where another will do. Reported as pairs of topic and broker above it.
/// </summary>
public sealed class TopicReplicaDistributionGoal : IGoal
{
    public string Name => "TopicReplicaDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        var receivers = LaneBand.Receivers(placement).Length;
        var replicas = new int[placement.Arrays.Topics];
        foreach (var partition in placement.Part)
        {
            replicas[placement.Arrays.Topic[partition]]++;
        }

        for (var topic = 0; topic < replicas.Length && receivers > 0; topic++)
        {
            var mean = (double)replicas[topic] / receivers;
            var ceiling = (int)Math.Ceiling(mean);
            bands.TopicUpper[topic] = Math.Max(ceiling + 2, Math.Min((int)Math.Ceiling(mean * 2.8), ceiling + 40));
        }
    }

    public GoalReport Report(Placement placement)
    {
        var pairs = new HashSet<(int Topic, int Broker)>();
        for (var slot = 0; slot < placement.Current.Length; slot++)
        {
            var (topic, broker) = (placement.Arrays.Topic[placement.Part[slot]], placement.Current[slot]);
            if (placement.Counts[topic, broker] > placement.Bands.TopicUpper[topic])
            {
                pairs.Add((topic, broker));
            }
        }

        return new GoalReport(Name, IsHard, pairs.Count, "pairs of topic and broker");
    }
}
