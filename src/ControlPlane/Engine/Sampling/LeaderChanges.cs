using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Sampling;

/// <summary>Compares who leads what in two pictures of a cluster.</summary>
internal static class LeaderChanges
{
    /// <summary>Partitions of both pictures whose leader differs, and how many of them lost theirs. New and removed ones don't count.</summary>
    public static (int Changed, int Lost) Count(ClusterModel before, ClusterModel after)
    {
        var (old, now) = (before.Partitions, after.Partitions);
        if (ReferenceEquals(old.Leader, now.Leader) || old.TopicCount == 0)
        {
            return default;
        }

        int changed = 0, lost = 0;
        for (int topic = 0, was = 0; topic < now.TopicCount && was < old.TopicCount;)
        {
            var order = string.CompareOrdinal(old.TopicName[was], now.TopicName[topic]);
            if (order == 0 && old.TopicId[was] == now.TopicId[topic])
            {
                var both = Math.Min(old.PartitionsOf(was), now.PartitionsOf(topic));
                for (var i = 0; i < both; i++)
                {
                    var (left, right) = (IdOf(before, old.Leader[old.TopicStart[was] + i]), IdOf(after, now.Leader[now.TopicStart[topic] + i]));
                    changed += left == right ? 0 : 1;
                    lost += left != right && right is null ? 1 : 0;
                }
            }

            was += order <= 0 ? 1 : 0;
            topic += order >= 0 ? 1 : 0;
        }

        return (changed, lost);
    }

    private static int? IdOf(ClusterModel model, int broker) => broker < 0 ? null : model.Brokers[broker].Id;
}
