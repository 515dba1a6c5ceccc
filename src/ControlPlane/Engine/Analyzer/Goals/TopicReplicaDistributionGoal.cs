namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>
/// The replicas of a topic are spread over the brokers: on one at most ceil(2.8 a), but within ceil(a) + 2 and ceil(a) + 40, a being the
/// mean; at least floor(a) - 40. It forbids destinations where another will do. Reported as pairs of topic and broker outside.
/// </summary>
public sealed class TopicReplicaDistributionGoal : IGoal
{
    public string Name => "TopicReplicaDistributionGoal";

    public bool IsHard => false;

    public void Shape(Placement placement, BandSettings settings, Bands bands)
    {
        var arrays = placement.Arrays;
        var receivers = LaneBand.Receivers(placement);
        for (var topic = 0; topic < arrays.Topics && receivers.Length > 0; topic++)
        {
            var (start, end) = placement.Counts.SlotsOf(topic);
            var brokers = arrays.BrokerSet.Length == 0 ? receivers.Length : receivers.Count(broker => arrays.BrokerSet[broker] == arrays.TopicSet[topic]);
            var mean = brokers == 0 ? end - start : (double)(end - start) / brokers;
            var (ceiling, floor) = ((int)Math.Ceiling(mean), (int)Math.Floor(mean));
            var (upper, lower) = ((int)Math.Ceiling(mean * (1 + settings.TopicSpread)), (int)Math.Floor(mean * Math.Max(0, 1 - settings.TopicSpread)));
            bands.TopicUpper[topic] = Math.Clamp(upper, ceiling + settings.TopicMinGap, ceiling + settings.TopicMaxGap);
            bands.TopicLower[topic] = Math.Clamp(lower, Math.Max(0, floor - settings.TopicMaxGap), Math.Max(0, floor - settings.TopicMinGap));
        }
    }

    public GoalReport Report(Placement placement, Bands bands)
    {
        var (arrays, count, distance) = (placement.Arrays, 0, 0.0);
        for (var topic = 0; topic < arrays.Topics; topic++)
        {
            var (start, end) = placement.Counts.SlotsOf(topic);
            for (var slot = start; slot < end && end - start > bands.TopicUpper[topic]; slot++)
            {
                var broker = placement.Current[slot];
                var held = placement.Counts[topic, broker];
                if (held > bands.TopicUpper[topic] && arrays.Alive[broker] && IsFirst(placement, start, slot))
                {
                    (count, distance) = (count + 1, distance + ((held - bands.TopicUpper[topic]) / (double)bands.TopicUpper[topic]));
                }
            }

            for (var broker = 0; broker < placement.Brokers && bands.TopicLower[topic] > 0; broker++)
            {
                var missing = bands.TopicLower[topic] - placement.Counts[topic, broker];
                if (missing > 0 && arrays.CanReceive[broker] && (arrays.BrokerSet.Length == 0 || arrays.BrokerSet[broker] == arrays.TopicSet[topic]))
                {
                    (count, distance) = (count + 1, distance + (missing / (double)bands.TopicLower[topic]));
                }
            }
        }

        return new GoalReport(Name, IsHard, count, "pairs of topic and broker", distance);
    }

    private static bool IsFirst(Placement placement, int start, int slot) => !placement.Current.AsSpan(start, slot - start).Contains(placement.Current[slot]);
}
