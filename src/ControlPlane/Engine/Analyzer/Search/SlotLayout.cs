namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>The replica slots of a problem: those of the model, less what a smaller RF drops, and new ones where it grows or a copy is lost.</summary>
internal sealed class SlotLayout
{
    private readonly OptimizerModel _model;

    /// <summary>Lays the slots out.</summary>
    /// <param name="model">Whose replicas they are.</param>
    /// <param name="wish">With ReplicationFactor: to how many copies the topics grow.</param>
    /// <param name="roles">Who lives.</param>
    /// <param name="changes">By topic whether its RF changes; null: none does.</param>
    /// <param name="drops">Slots of the model that go.</param>
    public SlotLayout(OptimizerModel model, OptimizerWish wish, BrokerRoles roles, bool[]? changes, IReadOnlySet<int> drops)
    {
        _model = model;
        IsOfModel = changes is null && drops.Count == 0;
        (Start, Lead, ModelSlot, Broker) = IsOfModel ? (model.Start, model.Lead, Enumerable.Range(0, model.Slots), model.Broker) : LaidOut(wish, changes, drops);
        (MustMove, MayNotLead) = (new bool[ModelSlot.Length], new bool[ModelSlot.Length]);
        for (var slot = 0; slot < ModelSlot.Length; slot++)
        {
            var marks = MarksOf(ModelSlot[slot]);
            MustMove[slot] = ModelSlot[slot] < 0 || !roles.Alive[Broker[slot]] || marks.Has(ReplicaMarks.Offline);
            MayNotLead[slot] = MustMove[slot] || (marks & (ReplicaMarks.OutOfSync | ReplicaMarks.Adding)) != ReplicaMarks.None;
        }

        Spare(model, wish);
        KeepRunning();
    }

    public int[] Start { get; }

    public int[] ModelSlot { get; }

    public int[] Broker { get; }

    public int[] Lead { get; }

    public bool[] MustMove { get; }

    public bool[] MayNotLead { get; }

    /// <summary>Whether the slots are those of the model, none dropped and none new.</summary>
    public bool IsOfModel { get; }

    public int Reassigning { get; private set; }

    /// <summary>Lost replicas of partitions that are being reassigned: they stay until that is done.</summary>
    public List<int> Stuck { get; } = [];

    public bool IsReassigning(int partition) => InFlight.IsReassigning(_model, partition);

    /// <summary>Who names brokers is about what was lost there. Of a partition all that is lost is replaced: Kafka is done only when every member is in sync.</summary>
    private void Spare(OptimizerModel model, OptimizerWish wish)
    {
        if (wish.Mode != OptimizerMode.FixOffline || wish.Brokers.IsEmpty)
        {
            return;
        }

        var named = wish.Brokers.ToHashSet();
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            var isMeant = false;
            for (var slot = Start[partition]; slot < Start[partition + 1]; slot++)
            {
                isMeant |= MustMove[slot] && named.Contains(model.BrokerIds[Broker[slot]]);
            }

            if (!isMeant)
            {
                MustMove.AsSpan(Start[partition]..Start[partition + 1]).Clear();
            }
        }
    }

    private ReplicaMarks MarksOf(int modelSlot)
    {
        if (modelSlot < 0)
        {
            return ReplicaMarks.None;
        }

        var marks = _model.Marks.Length == 0 ? ReplicaMarks.None : _model.Marks[modelSlot];
        var dir = _model.Dir.Length == 0 ? -1 : _model.Dir[modelSlot];
        return dir >= 0 && !_model.DirAlive[dir] ? marks | ReplicaMarks.Offline : marks;
    }

    private (int[] Start, int[] Lead, int[] ModelSlot, int[] Broker) LaidOut(OptimizerWish wish, bool[]? changes, IReadOnlySet<int> drops)
    {
        var (model, start, lead) = (_model, new int[_model.Partitions + 1], new int[_model.Partitions]);
        var (slots, brokers) = (new List<int>(model.Slots), new List<int>(model.Slots));
        for (var partition = 0; partition < model.Partitions; partition++)
        {
            lead[partition] = -1;
            for (var slot = model.Start[partition]; slot < model.Start[partition + 1]; slot++)
            {
                if (!drops.Contains(slot))
                {
                    lead[partition] = model.Lead[partition] == slot ? slots.Count : lead[partition];
                    slots.Add(slot);
                    brokers.Add(model.Broker[slot]);
                }
            }

            for (var more = slots.Count - start[partition]; changes?[model.Topic[partition]] == true && !IsReassigning(partition) && more < wish.ReplicationFactor; more++)
            {
                slots.Add(-1);
                brokers.Add(model.Brokers);
            }

            start[partition + 1] = slots.Count;
        }

        return (start, lead, [.. slots], [.. brokers]);
    }

    private void KeepRunning()
    {
        for (var partition = 0; partition < _model.Partitions && _model.Marks.Length > 0; partition++)
        {
            Reassigning += IsReassigning(partition) ? 1 : 0;
            for (var slot = Start[partition]; slot < Start[partition + 1] && IsReassigning(partition); slot++)
            {
                if (MustMove[slot])
                {
                    // Where it goes is Kafka's to finish, or a person's to cancel: a second plan on top would start it anew.
                    Stuck.Add(slot);
                    MustMove[slot] = false;
                }
            }
        }
    }
}
