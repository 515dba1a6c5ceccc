namespace ControlPlane.Engine.Analyzer.Search;

/// <summary>A partition whose replicas or leader the search has changed, before it has a place in the order.</summary>
internal sealed record Pending(int Partition, int[] Slots, bool HasCopies, MoveClass Class);

/// <summary>
/// Puts the changes of a plan in order (optimizer.md 10): leadership first, because it is free; then by class; within a class by what is
/// gained per byte in the state reached, so that whoever stops a plan has had the most for what was copied. A change starts only when its
/// copies fit on the disks, which are freed only when the change that empties them is done.
/// </summary>
internal sealed class PlanOrder(OptimizerProblem problem, Placement target, Bands bands)
{
    private readonly Placement _state = new(problem.Arrays);
    private readonly List<(Pending Change, int Lane)> _order = [];

    /// <summary>Changes for whose copies no disk ever had room; they are not part of the plan.</summary>
    public List<Pending> LeftOut { get; } = [];

    /// <summary>By broker the most bytes it holds on the way.</summary>
    public double[] PeakDisk { get; } = new double[problem.Arrays.Alive.Length];

    /// <summary>Changes with the load that each relieves most.</summary>
    public IReadOnlyList<(Pending Change, int Lane)> Run()
    {
        _state.Judge(bands);
        for (var broker = 0; broker < PeakDisk.Length; broker++)
        {
            PeakDisk[broker] = _state.LoadOf(broker, Lane.Disk);
        }

        var pending = Changes();
        foreach (var change in pending.Where(change => !change.HasCopies))
        {
            Do(change);
        }

        foreach (var group in pending.Where(change => change.HasCopies).GroupBy(change => change.Class).OrderBy(group => group.Key))
        {
            Drain([.. group]);
        }

        return _order;
    }

    private List<Pending> Changes()
    {
        var changes = new List<Pending>();
        for (var partition = 0; partition < problem.Partitions; partition++)
        {
            var (start, end) = (problem.Arrays.Start[partition], problem.Arrays.Start[partition + 1]);
            var moved = new List<int>();
            for (var slot = start; slot < end; slot++)
            {
                if (target.Current[slot] != problem.Arrays.Current[slot])
                {
                    moved.Add(slot);
                }
            }

            if (moved.Count > 0 || target.Lead[partition] != problem.Arrays.Lead[partition] || HasDropped(partition))
            {
                changes.Add(new(partition, [.. moved], moved.Count > 0, ClassOf(partition, moved)));
            }
        }

        return changes;
    }

    private bool HasDropped(int partition) =>
        problem.Model.ReplicasOf(partition) > problem.Arrays.Start[partition + 1] - problem.Arrays.Start[partition];

    private MoveClass ClassOf(int partition, List<int> moved)
    {
        var model = problem.Model;
        if (moved.Exists(slot => problem.ModelSlot[slot] >= 0 && problem.MustMove[slot] && model.Conditions[model.Broker[problem.ModelSlot[slot]]] == BrokerCondition.Dead)
            || moved.Exists(slot => problem.MustMove[slot] && problem.ModelSlot[slot] >= 0 && problem.Arrays.Alive[problem.Arrays.Current[slot]]))
        {
            var min = model.MinInSync.Length == 0 ? -1 : model.MinInSync[model.Topic[partition]];
            return problem.Arrays.Lead[partition] < 0 || LivingInSync(partition) < min ? MoveClass.DataAtRisk : MoveClass.Offline;
        }

        return moved.Exists(slot => CrowdsRack(partition, slot)) ? MoveClass.Rack
            : moved.Exists(slot => IsOverLimit(problem.Arrays.Current[slot])) ? MoveClass.Capacity
            : MoveClass.Balance;
    }

    private int LivingInSync(int partition)
    {
        var model = problem.Model;
        return Enumerable.Range(model.Start[partition], model.ReplicasOf(partition)).Count(slot =>
            model.Conditions[model.Broker[slot]] != BrokerCondition.Dead && (model.Marks.Length == 0 || (model.Marks[slot] & (ReplicaMarks.OutOfSync | ReplicaMarks.Offline)) == ReplicaMarks.None));
    }

    private bool CrowdsRack(int partition, int slot)
    {
        var (arrays, rack) = (problem.Arrays, problem.Arrays.Rack[problem.Arrays.Current[slot]]);
        for (var other = arrays.Start[partition]; other < arrays.Start[partition + 1]; other++)
        {
            if (other != slot && arrays.Rack[arrays.Current[other]] == rack && arrays.Rack[target.Current[slot]] != rack)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsOverLimit(int broker)
    {
        for (var lane = 0; lane < Lane.HardCount; lane++)
        {
            if (problem.Arrays.Alive[broker] && _state.LoadOf(broker, lane) > bands.Hard[(broker * Lane.Count) + lane])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A lazy heap: what comes off the top is scored anew and goes back if it is no longer the best.</summary>
    private void Drain(List<Pending> changes)
    {
        var heap = new PriorityQueue<Pending, (double Score, int Partition)>(changes.Select(change => (change, (-Score(change), change.Partition))));
        var waiting = new List<Pending>();
        while (heap.Count > 0 || waiting.Count > 0)
        {
            if (heap.Count == 0)
            {
                waiting = BreakTie(waiting, heap);
                continue;
            }

            heap.TryDequeue(out var change, out var key);
            var score = -Score(change!);
            if (score > key.Score + 1e-12 && heap.TryPeek(out _, out var next) && (score, change!.Partition).CompareTo(next) > 0)
            {
                heap.Enqueue(change, (score, change.Partition));
                continue;
            }

            if (!Fits(change!))
            {
                waiting.Add(change!);
                continue;
            }

            Do(change!);
            var frees = change!.Slots.Select(slot => problem.Arrays.Current[slot]).ToArray();
            waiting.RemoveAll(one => one.Slots.Any(slot => frees.Contains(target.Current[slot])) && Return(one));
        }

        bool Return(Pending one)
        {
            heap.Enqueue(one, (-Score(one), one.Partition));
            return true;
        }
    }

    /// <summary>All that is left waits for room. What must be done goes first and is said; what only evens is left out.</summary>
    private List<Pending> BreakTie(List<Pending> waiting, PriorityQueue<Pending, (double, int)> heap)
    {
        var first = waiting.MinBy(change => (change.Class == MoveClass.Balance ? 1 : 0, target.DiskOf(change.Partition), change.Partition))!;
        if (first.Class != MoveClass.Balance)
        {
            Do(first);
        }
        else
        {
            LeftOut.Add(first);
            foreach (var slot in first.Slots)
            {
                target.Move(slot, problem.Arrays.Current[slot]);
            }

            if (target.Lead[first.Partition] != problem.Arrays.Lead[first.Partition])
            {
                target.TransferLeadership(first.Partition, problem.Arrays.Lead[first.Partition]);
            }
        }

        foreach (var change in waiting.Where(change => change != first))
        {
            heap.Enqueue(change, (-Score(change), change.Partition));
        }

        return [];
    }

    private double Score(Pending change)
    {
        var (gain, bytes) = (0.0, 1.0);
        foreach (var slot in change.Slots)
        {
            gain -= _state.MoveDelta(slot, target.Current[slot]);
            bytes += _state.DiskOf(change.Partition);
        }

        return gain / bytes;
    }

    private bool Fits(Pending change)
    {
        foreach (var slot in change.Slots)
        {
            var to = target.Current[slot];
            var (limit, size) = (bands.Hard[(to * Lane.Count) + Lane.Disk], _state.DiskOf(change.Partition));
            if (size > 0 && _state.LoadOf(to, Lane.Disk) + size > limit)
            {
                return false;
            }
        }

        return true;
    }

    private void Do(Pending change)
    {
        var lane = Relieves(change);
        foreach (var slot in change.Slots)
        {
            var to = target.Current[slot];
            PeakDisk[to] = Math.Max(PeakDisk[to], _state.LoadOf(to, Lane.Disk) + _state.DiskOf(change.Partition));
            _state.Move(slot, to);
        }

        if (_state.Lead[change.Partition] != target.Lead[change.Partition])
        {
            _state.TransferLeadership(change.Partition, target.Lead[change.Partition]);
        }

        _order.Add((change, lane));
    }

    /// <summary>The load that was worst on the brokers it touches: the reason a person is told.</summary>
    private int Relieves(Pending change)
    {
        var (worst, cost) = (-1, 0.0);
        var brokers = change.Slots.SelectMany(slot => new[] { _state.Current[slot], target.Current[slot] })
            .Append(_state.Lead[change.Partition] < 0 ? problem.Nowhere : _state.Current[_state.Lead[change.Partition]])
            .Append(target.Lead[change.Partition] < 0 ? problem.Nowhere : target.Current[target.Lead[change.Partition]]);
        foreach (var broker in brokers)
        {
            for (var lane = 0; lane < Lane.Count; lane++)
            {
                var one = bands.LaneCost((broker * Lane.Count) + lane, _state.LoadOf(broker, lane));
                (worst, cost) = one > cost ? (lane, one) : (worst, cost);
            }
        }

        return worst;
    }
}
