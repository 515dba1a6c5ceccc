namespace ControlPlane.Engine.Analyzer;

/// <summary>
/// Partitions that are being reassigned, as a plan has to see them: they count where they will be, nothing of them is moved again, and what
/// they leave keeps its disk occupied until Kafka is done with it.
/// </summary>
public static class InFlight
{
    private const ReplicaMarks Any = ReplicaMarks.Adding | ReplicaMarks.Removing | ReplicaMarks.Staying;

    public static bool IsReassigning(OptimizerModel model, int partition)
    {
        for (var slot = model.Start[partition]; slot < model.Start[partition + 1] && model.Marks.Length > 0; slot++)
        {
            if ((model.Marks[slot] & Any) != ReplicaMarks.None)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The same cluster with every running reassignment done but for the bytes that are still there. The model itself where none removes anything.</summary>
    public static OptimizerModel AtTarget(OptimizerModel model)
    {
        var leaves = Leaving(model);
        if (leaves.Length == 0)
        {
            return model;
        }

        var (start, slotOf, slots) = (new int[model.Start.Length], new int[model.Slots], new List<int>(model.Slots));
        var (foreign, capacity) = ((double[])model.DiskForeign.Clone(), (double[])model.DirCapacity.Clone());
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
            {
                slotOf[slot] = leaves[slot] ? -1 : slots.Count;
                if (leaves[slot])
                {
                    Occupy(model, partition, slot, foreign, capacity);
                }
                else
                {
                    slots.Add(slot);
                }
            }

            start[partition + 1] = slots.Count;
        }

        return model with
        {
            Start = start,
            Broker = [.. slots.Select(slot => model.Broker[slot])],
            Dir = model.Dir.Length == 0 ? [] : [.. slots.Select(slot => model.Dir[slot])],
            Marks = Marks(model, leaves, slots),
            Lead = [.. Enumerable.Range(0, model.Partitions).Select(partition => LeadOf(model, partition, slotOf, start))],
            DiskForeign = foreign,
            DirCapacity = capacity,
        };
    }

    /// <summary>By slot whether it goes; empty: none does. A list whose every replica would go is no target.</summary>
    private static bool[] Leaving(OptimizerModel model)
    {
        if (!Array.Exists(model.Marks, mark => mark.Has(ReplicaMarks.Removing)))
        {
            return [];
        }

        var (leaves, some) = (new bool[model.Slots], false);
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            var own = model.Marks.AsSpan(model.Start[partition]..model.Start[partition + 1]);
            var stays = false;
            foreach (var mark in own)
            {
                stays |= !mark.Has(ReplicaMarks.Removing);
            }

            for (var place = 0; stays && place < own.Length; place++)
            {
                leaves[model.Start[partition] + place] = own[place].Has(ReplicaMarks.Removing);
                some |= own[place].Has(ReplicaMarks.Removing);
            }
        }

        return some ? leaves : [];
    }

    /// <summary>Its bytes are on the disk until the reassignment is done; on one that failed nothing is freed or needed.</summary>
    private static void Occupy(OptimizerModel model, int partition, int slot, double[] foreign, double[] capacity)
    {
        var (size, dir) = (model.Loads[(partition * LoadOf.Count) + LoadOf.Size], model.Dir.Length == 0 ? -1 : model.Dir[slot]);
        if (model.Marks[slot].Has(ReplicaMarks.Offline) || (dir >= 0 && !model.DirAlive[dir]))
        {
            return;
        }

        foreign[model.Broker[slot]] += size;
        if (dir >= 0)
        {
            capacity[dir] = Math.Max(0, capacity[dir] - size);
        }
    }

    private static ReplicaMarks[] Marks(OptimizerModel model, bool[] leaves, List<int> slots)
    {
        var marks = (ReplicaMarks[])model.Marks.Clone();
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            if (leaves.AsSpan(model.Start[partition]..model.Start[partition + 1]).Contains(true))
            {
                foreach (ref var mark in marks.AsSpan(model.Start[partition]..model.Start[partition + 1]))
                {
                    mark |= ReplicaMarks.Staying;
                }
            }
        }

        return [.. slots.Select(slot => marks[slot])];
    }

    /// <summary>Kafka elects the first of the list once a leader has to go.</summary>
    private static int LeadOf(OptimizerModel model, int partition, int[] slotOf, int[] start) =>
        model.Lead[partition] < 0 ? -1 : slotOf[model.Lead[partition]] >= 0 ? slotOf[model.Lead[partition]] : start[partition];
}
