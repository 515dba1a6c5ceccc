namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Which replicas a smaller replication factor drops: lost ones first, then out of sync, then those that share a rack, then from the fullest broker.</summary>
internal static class ReplicaDrops
{
    /// <summary>Slots of the model. The leader stays, unless nothing else is left to drop.</summary>
    public static HashSet<int> Choose(OptimizerModel model, BrokerRoles roles, bool[] topics, int replicationFactor)
    {
        var dropped = new HashSet<int>();
        var held = new double[model.Brokers];
        for (var slot = 0; slot < model.Slots; slot++)
        {
            held[model.Broker[slot]]++;
        }

        for (var partition = 0; partition < model.Partitions; partition++)
        {
            var kept = topics[model.Topic[partition]] && !IsReassigning(model, partition)
                ? Enumerable.Range(model.Start[partition], model.ReplicasOf(partition)).ToList()
                : [];
            while (kept.Count > replicationFactor)
            {
                var worst = kept.OrderByDescending(slot => Harm(model, roles, kept, partition, slot)).ThenByDescending(slot => held[model.Broker[slot]]).ThenByDescending(slot => slot).First();
                kept.Remove(worst);
                dropped.Add(worst);
                held[model.Broker[worst]]--;
            }
        }

        return dropped;
    }

    private static int Harm(OptimizerModel model, BrokerRoles roles, List<int> kept, int partition, int slot)
    {
        var marks = model.Marks.Length == 0 ? ReplicaMarks.None : model.Marks[slot];
        var isDirLost = model.Dir.Length > 0 && model.Dir[slot] >= 0 && !model.DirAlive[model.Dir[slot]];
        var rack = model.Racks[model.Broker[slot]];
        return !roles.Alive[model.Broker[slot]] || isDirLost || marks.HasFlag(ReplicaMarks.Offline) ? 4
            : marks.HasFlag(ReplicaMarks.OutOfSync) ? 3
            : model.Lead[partition] == slot ? 0
            : rack is not null && kept.Count(other => model.Racks[model.Broker[other]] == rack) > 1 ? 2
            : 1;
    }

    private static bool IsReassigning(OptimizerModel model, int partition) =>
        model.Marks.Length > 0
        && Enumerable.Range(model.Start[partition], model.ReplicasOf(partition)).Any(slot => (model.Marks[slot] & (ReplicaMarks.Adding | ReplicaMarks.Removing)) != ReplicaMarks.None);
}
