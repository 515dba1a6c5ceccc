namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>Which replicas a smaller replication factor drops: lost ones first, then out of sync, then those that share a rack, then what the goals like best.</summary>
internal static class ReplicaDrops
{
    /// <summary>Slots of the model. The leader stays, unless nothing else is left to drop.</summary>
    /// <param name="model">Whose replicas they are.</param>
    /// <param name="roles">Who lives.</param>
    /// <param name="topics">By topic whether its RF changes.</param>
    /// <param name="replicationFactor">How many are left.</param>
    /// <param name="judge">The cluster before, under the bands of the one after; null: the count of replicas decides.</param>
    public static HashSet<int> Choose(OptimizerModel model, BrokerRoles roles, bool[] topics, int replicationFactor, (Placement Placement, SlotLayout Layout)? judge)
    {
        var (dropped, held) = (new HashSet<int>(), new double[model.Brokers]);
        foreach (var broker in model.Broker)
        {
            held[broker]++;
        }

        var slotOf = judge is { } known ? Inverse(model, known.Layout) : [];
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            var kept = topics[model.Topic[partition]] && !InFlight.IsReassigning(model, partition)
                ? Enumerable.Range(model.Start[partition], model.ReplicasOf(partition)).ToList()
                : [];
            while (kept.Count > replicationFactor)
            {
                var worst = kept.OrderByDescending(slot => Harm(model, roles, kept, partition, slot)).ThenBy(Cost).ThenByDescending(slot => slot).First();
                kept.Remove(worst);
                dropped.Add(worst);
                held[model.Broker[worst]]--;
                judge?.Placement.Move(slotOf[worst], model.Brokers);
            }
        }

        return dropped;

        double Cost(int slot) => judge is { } by ? by.Placement.MoveDelta(slotOf[slot], model.Brokers) : -held[model.Broker[slot]];
    }

    private static int[] Inverse(OptimizerModel model, SlotLayout layout)
    {
        var slots = new int[model.Slots];
        for (var slot = 0; slot < layout.ModelSlot.Length; slot++)
        {
            if (layout.ModelSlot[slot] >= 0)
            {
                slots[layout.ModelSlot[slot]] = slot;
            }
        }

        return slots;
    }

    private static int Harm(OptimizerModel model, BrokerRoles roles, List<int> kept, int partition, int slot)
    {
        var marks = model.Marks.Length == 0 ? ReplicaMarks.None : model.Marks[slot];
        var isDirLost = model.Dir.Length > 0 && model.Dir[slot] >= 0 && !model.DirAlive[model.Dir[slot]];
        var rack = model.Racks[model.Broker[slot]];
        return !roles.Alive[model.Broker[slot]] || isDirLost || marks.Has(ReplicaMarks.Offline) ? 4
            : marks.Has(ReplicaMarks.OutOfSync) ? 3
            : model.Lead[partition] == slot ? 0
            : rack is not null && kept.Count(other => model.Racks[model.Broker[other]] == rack) > 1 ? 2
            : 1;
    }

}
