namespace ControlPlane.Engine.Analyzer.Goals;

/// <summary>By lane what targets are made of: the total, what one copy of everything weighs as followers, and what all weigh as followers.</summary>
internal sealed class LaneAmounts
{
    public LaneAmounts(PlacementArrays arrays, int[] lead, int racks, int? set)
    {
        var (total, copy, followers) = (LaneVector.Zero, LaneVector.Zero, LaneVector.Zero);
        for (var partition = 0; partition < arrays.Topic.Length; partition++)
        {
            if (set is { } own && arrays.TopicSet[arrays.Topic[partition]] != own)
            {
                continue;
            }

            var (replicas, leads) = (arrays.Start[partition + 1] - arrays.Start[partition], lead[partition] >= 0 ? 1 : 0);
            var follow = LaneVector.Of(arrays.Loads, partition, leads: false);
            total += (LaneVector.Of(arrays.Loads, partition, leads: true) * leads) + (follow * (replicas - leads));
            copy += follow * RackAwareGoal.MostPerRack(replicas, racks);
            followers += follow * replicas;
        }

        (Total, Copy, Followers) = (total.ToArray(), copy.ToArray(), followers.ToArray());
    }

    public double[] Total { get; }

    /// <summary>The most that one rack can hold.</summary>
    public double[] Copy { get; }

    public double[] Followers { get; }
}
