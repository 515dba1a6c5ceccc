using ControlPlane.Engine.Model;

namespace ControlPlane.Engine.Healing;

/// <summary>What restoring the replicas of one broker would take, for a person who has to decide.</summary>
/// <param name="Bytes">To be copied, as far as sizes are known.</param>
/// <param name="Unsized">Replicas of unknown size, which <paramref name="Bytes"/> leaves out.</param>
/// <param name="Lonely">Of them, partitions that no other broker has: nothing can restore these.</param>
/// <param name="Destinations">Brokers that answer and could take them.</param>
public sealed record HealingEffect(int Replicas, long Bytes, int Unsized, int Lonely, int Destinations)
{
    /// <summary>Null where the broker is not in the picture.</summary>
    public static HealingEffect? Of(ClusterModel model, int brokerId)
    {
        if (model.FindBroker(brokerId) is not (>= 0 and var index))
        {
            return null;
        }

        var table = model.Partitions;
        var (replicas, bytes, unsized, lonely) = (0, 0L, 0, 0);
        for (var partition = 0; partition < table.PartitionCount; partition++)
        {
            var all = table.ReplicasOf(partition);
            if (!all.Contains(index))
            {
                continue;
            }

            replicas++;
            lonely += all.Length == 1 ? 1 : 0;
            var size = SizeOf(model, partition, index);
            bytes += Math.Max(0, size);
            unsized += size < 0 ? 1 : 0;
        }

        return new HealingEffect(replicas, bytes, unsized, lonely, model.Brokers.Count(broker => broker.State is BrokerState.Active));
    }

    /// <summary>Of the largest other replica, which is the one that is copied; -1 while none is known.</summary>
    private static long SizeOf(ClusterModel model, int partition, int lost)
    {
        var size = -1L;
        var (first, end) = (model.Partitions.ReplicaStart[partition], model.Partitions.ReplicaStart[partition + 1]);
        for (var slot = first; slot < end && slot < model.Load.ReplicaBytes.Length; slot++)
        {
            size = model.Partitions.ReplicaBroker[slot] == lost ? size : Math.Max(size, model.Load.ReplicaBytes[slot]);
        }

        return size;
    }
}
