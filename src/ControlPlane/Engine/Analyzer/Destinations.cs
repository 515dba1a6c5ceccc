using ControlPlane.Engine.Analyzer.Goals;

namespace ControlPlane.Engine.Analyzer;

/// <summary>What a destination had to give up; later ones are taken only where no better one exists.</summary>
internal enum Compromise
{
    None,
    TopicSpread,
    Rack,
    DiskLimit,
    RackAndDiskLimit,
}

/// <summary>Chooses the broker that a replica shall go to: least cost, then least full, then lowest id.</summary>
internal sealed class Destinations(Placement placement)
{
    /// <summary>Above this share of its volumes no broker is filled, whatever is at stake: a full disk stops the whole broker.</summary>
    public const double FullDisk = 0.95;

    private readonly int[] _receivers = LaneBand.Receivers(placement);
    private readonly int _racks = RackAwareGoal.LivingRacks(placement);

    /// <summary>Broker index and what it cost, or -1 where no living broker has room.</summary>
    /// <param name="slot">The replica.</param>
    /// <param name="lost">By slot: replicas that don't count for racks, because they go away.</param>
    /// <param name="compromise">What had to be given up.</param>
    public int Find(int slot, bool[] lost, out Compromise compromise)
    {
        var best = -1;
        var (bestScore, bestCrowd) = (double.PositiveInfinity, int.MaxValue);
        compromise = Compromise.RackAndDiskLimit;
        foreach (var broker in _receivers)
        {
            if (placement.Holds(broker, placement.Part[slot]) || Held(broker, placement.Part[slot]) || Judge(slot, broker, lost, out var crowd) is not { } price || price > compromise)
            {
                continue;
            }

            if (price == compromise && best >= 0 && crowd > bestCrowd)
            {
                continue;
            }

            var score = placement.MoveDelta(slot, broker) + (1e-6 * Level(broker));
            if (best < 0 || price < compromise || crowd < bestCrowd || score < bestScore)
            {
                (best, bestScore, bestCrowd, compromise) = (broker, score, crowd, price);
            }
        }

        return best;
    }

    /// <summary>Whether any broker could take the replica if it had room.</summary>
    public bool HasCandidate(int slot) =>
        _receivers.Any(broker => !placement.Holds(broker, placement.Part[slot]) && !Held(broker, placement.Part[slot]));

    /// <summary>A broker that lost its copy with a log dir is in Kafka's list already, so it can't be the new place of it.</summary>
    private bool Held(int broker, int partition) =>
        placement.Arrays.Current.AsSpan(placement.Arrays.Start[partition]..placement.Arrays.Start[partition + 1]).Contains(broker);

    /// <summary>How full a broker is already, for choosing among brokers that cost the same.</summary>
    private double Level(int broker) => Share(broker, Lane.Disk) + Share(broker, Lane.BytesIn) + Share(broker, Lane.Replicas);

    private double Share(int broker, int lane)
    {
        var high = placement.Bands.High[(broker * Lane.Count) + lane];
        return high > 0 && !double.IsInfinity(high) ? placement.LoadOf(broker, lane) / high : 0;
    }

    /// <summary>Null where it is out of the question.</summary>
    private Compromise? Judge(int slot, int broker, bool[] lost, out int crowd)
    {
        var partition = placement.Part[slot];
        var (start, end) = (placement.Arrays.Start[partition], placement.Arrays.Start[partition + 1]);
        var inRack = 1;
        for (var other = start; other < end; other++)
        {
            // A lost slot that was placed already stands on its new broker and counts.
            var stays = !lost[other] || placement.Current[other] != placement.Arrays.Current[other];
            inRack += other != slot && stays && placement.Arrays.Rack[placement.Current[other]] == placement.Arrays.Rack[broker] ? 1 : 0;
        }

        crowd = Math.Max(0, inRack - RackAwareGoal.MostPerRack(end - start, _racks));
        if (!placement.IsWithinLimits(slot, broker))
        {
            return IsFull(partition, broker) ? null : crowd > 0 ? Compromise.RackAndDiskLimit : Compromise.DiskLimit;
        }

        var topic = placement.Arrays.Topic[partition];
        return crowd > 0 ? Compromise.Rack
            : placement.Counts[topic, broker] + 1 > placement.Bands.TopicUpper[topic] ? Compromise.TopicSpread
            : Compromise.None;
    }

    private bool IsFull(int partition, int broker)
    {
        var capacity = placement.Arrays.DiskCapacity[broker];
        return !double.IsNaN(capacity)
            && placement.LoadOf(broker, Lane.Disk) + placement.Arrays.DiskForeign[broker] + placement.DiskOf(partition) > capacity * FullDisk;
    }
}
